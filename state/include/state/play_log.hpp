// plays.db: the proof of play. Written by the player alone; read by audience and telemetry in short
// read-only transactions. Tables: meta(log_id, screen), play (every column + chain + signature,
// AUTOINCREMENT seq), input, tally.
#pragma once

#include <optional>
#include <vector>

#include "platform/crypto.hpp"
#include "platform/sqlite.hpp"
#include "protocol/play.hpp"
#include "state/log_file.hpp"

namespace vitrine {

// Owner side; one thread. A damaged file is set aside as plays.db.damaged-<n> and a new log with a
// new log_id begins.
class PlayLog {
 public:
  static Result<PlayLog> open(const LogPlace& place, const ScreenId& screen, PrivateKey proof_key);

  LogId log_id() const { return log_id_; }
  std::uint64_t last_seq() const { return last_seq_; }

  // Gives the row its log_id, seq, chain hash and signature and makes it durable, with its tally
  // (local_day, campaign, creative), in one transaction. The row comes back complete. `lost` plays
  // before it will never come: they take their seqs with them, and the row hangs in the chain on
  // the last one that was stored, so that whoever reads on knows that there was nothing to delete.
  Result<PlayRow> append(PlayRow row, std::int64_t local_day, std::uint64_t lost = 0);
  // Gives them their seqs; one transaction.
  Status append_inputs(std::vector<InputRow> rows);

  // As long as the file holds more than `most_bytes`, the oldest local day goes, plays and inputs,
  // each in one transaction: so what is left can be decided again (scheduler/replay.hpp), but for
  // its first slots, which knew what was shown just before. A day is never divided but where there
  // is only one. The sums in tally stay. How many plays went.
  Result<std::int64_t> prune(std::int64_t most_bytes = kMostBytes);
  static constexpr std::int64_t kMostBytes =
      40'000'000;  // docs/contracts.md, "Files on the device"

  // Plays (kind play, takeover, house, lease, ghost) per (campaign, creative) on a local day, for
  // the scheduler.
  struct TallyEntry {
    CampaignId campaign = 0;
    CreativeId creative = 0;
    std::int64_t local_day = 0;
    std::int64_t plays = 0;
  };
  Result<std::vector<TallyEntry>> tally(std::int64_t first_day, std::int64_t last_day);
  // The newest `limit` rows, oldest first: history for the scheduler after a restart.
  Result<std::vector<PlayRow>> newest(std::size_t limit);

  // The inputs that say which clock was believed, from the beginning; kinds restated, clock_trust
  // and clock_offset.
  Result<std::vector<InputRow>> clock_inputs();

  // 1 + the highest decision_seq on record; decisions count on over restarts.
  std::uint64_t next_decision_seq() const { return next_decision_seq_; }

 private:
  PlayLog(Database database, ScreenId screen, PrivateKey proof_key)
      : database_(std::move(database)), screen_(std::move(screen)), proof_key_(proof_key) {}
  Database database_;
  ScreenId screen_;
  PrivateKey proof_key_;
  LogId log_id_ = 0;
  std::uint64_t last_seq_ = 0;
  std::uint64_t next_decision_seq_ = 1;
  Hash256 chain_{};
};

// What a player must know of a log that it cannot write to: newest plays, clocks, sums.
struct PlayLogHistory {
  std::vector<PlayRow> plays;    // the newest `limit`, oldest first
  std::vector<InputRow> clocks;  // as PlayLog::clock_inputs()
  std::vector<PlayLog::TallyEntry> tally;
  std::uint64_t last_seq = 0;
  std::uint64_t next_decision_seq = 1;
};
// For the owner alone: on tmpfs it makes what a reader needs. `not_found` when there is no log.
Result<PlayLogHistory> read_play_history(const LogPlace& place, std::size_t limit);

// Reader side. Each call is one short transaction. A log replaced under us shows as another log_id:
// until log_id() is called the reader stays with the file it has, so what was begun can be
// finished.
class PlayLogReader {
 public:
  // `not_found` until the player has made it
  static Result<PlayLogReader> open(const LogPlace& place);
  Result<LogId> log_id();  // goes over to the file now at the path
  // Rows with seq > after, ascending, at most `limit` (<= 500), with chain and signature.
  Result<std::vector<PlayRow>> rows_after(std::uint64_t after, std::size_t limit = 500);
  // Likewise of the inputs.
  Result<std::vector<InputRow>> inputs_after(std::uint64_t after, std::size_t limit = 500);
  // All sums per campaign, creative and local day.
  Result<std::vector<PlayLog::TallyEntry>> tally();
  // h(seq); h(0) is not stored, use chain_start().
  Result<Hash256> chain_at(std::uint64_t seq);

 private:
  PlayLogReader(LogPlace place, LogFiles files, Database database)
      : place_(std::move(place)), files_(files), database_(std::move(database)) {}
  LogPlace place_;
  LogFiles files_;  // to notice that they were replaced
  Database database_;
};

}  // namespace vitrine
