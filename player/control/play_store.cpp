#include "player/play_store.hpp"

#include <algorithm>
#include <optional>
#include <utility>

#include "platform/log.hpp"
#include "player/schedule_programme.hpp"

namespace vitrine {
namespace {

// Decisions count on over restarts. Of a log that cannot be read nobody knows how far they came;
// no screen makes as many as this in its life.
constexpr std::uint64_t kFarBeyond = std::uint64_t{1} << 40;

// Opens the log when it is first written to, and again at each try until that works.
class LateStore final : public RowStore {
 public:
  LateStore(LogPlace place, ScreenId screen, const PrivateKey& proof_key)
      : place_(std::move(place)), screen_(std::move(screen)), proof_key_(proof_key) {}

  Result<PlayRow> append(PlayRow row, std::int64_t local_day, std::uint64_t lost) override {
    if (auto opened = open(); !opened) return std::move(opened).error();
    // Left by an earlier player, which may have stored it just before its end.
    if (holds_play(newest_, row)) {
      row.seq = newest_.back().seq;
      return row;
    }
    return log_->append(std::move(row), local_day, lost);
  }
  Status append_inputs(const std::vector<InputRow>& rows) override {
    if (auto opened = open(); !opened) return opened;
    return log_->append_inputs(rows);
  }

 private:
  Status open() {
    if (log_) return ok();
    auto log = PlayLog::open(place_, screen_, proof_key_);
    if (!log) return std::move(log).error();
    auto newest = log->newest(kMostLeftPlays);
    if (!newest) return std::move(newest).error();
    newest_ = std::move(*newest);
    log_ = store_in(std::move(*log));
    log_info("{} is open now", place_.file.string());
    return ok();
  }

  LogPlace place_;
  ScreenId screen_;
  PrivateKey proof_key_;
  std::unique_ptr<RowStore> log_;
  std::vector<PlayRow> newest_;  // when it was opened
};

std::optional<PlayStore> open_now(const StatePaths& paths, const ScreenId& screen,
                                  const PrivateKey& proof_key) {
  auto log = PlayLog::open(paths.plays_log(), screen, proof_key);
  if (!log) {
    log_error("cannot open the play log: {}; rows wait in memory until it can be",
              log.error().message);
    return std::nullopt;
  }
  PlayStore store;
  if (auto recovered = recover_open_plays(paths, *log); !recovered) {
    log_error("{}; it waits in memory", recovered.error().message);
    store.left = close_left_plays(paths);
  }
  auto before = read_screen_log(*log);
  if (!before) {
    log_error("cannot read the play log: {}; rows wait in memory until it can be",
              before.error().message);
    return std::nullopt;
  }
  store.before = std::move(*before);
  store.last_seq = log->last_seq();
  store.next_decision_seq = log->next_decision_seq();
  store.rows = store_in(std::move(*log));
  return store;
}

}  // namespace

PlayStore open_play_store(const StatePaths& paths, const ScreenId& screen,
                          const PrivateKey& proof_key) {
  if (auto store = open_now(paths, screen, proof_key)) {
    for (const LeftPlay& play : store->left)
      store->next_decision_seq = std::max(store->next_decision_seq, play.row.decision_seq + 1);
    return std::move(*store);
  }
  PlayStore store;
  store.left = close_left_plays(paths);
  auto history = read_play_history(paths.plays_log(), kMostRecentPlays);
  if (history) {
    store.before.plays = std::move(history->plays);
    store.before.inputs = std::move(history->clocks);
    for (const PlayLog::TallyEntry& entry : history->tally)
      store.before.tally.push_back({entry.campaign, entry.creative, entry.local_day, entry.plays});
    store.last_seq = history->last_seq;
    store.next_decision_seq = history->next_decision_seq;
    log_info("{} can be read: {} plays are known", paths.plays().string(),
             store.before.plays.size());
  } else {
    log_error("{}; what was played before is not known", history.error().message);
    if (history.error().code != ErrorCode::not_found) store.next_decision_seq = kFarBeyond;
  }
  for (const LeftPlay& play : store.left)
    store.next_decision_seq = std::max(store.next_decision_seq, play.row.decision_seq + 1);
  store.rows = std::make_unique<LateStore>(paths.plays_log(), screen, proof_key);
  return store;
}

}  // namespace vitrine
