#include "operator/log_record.hpp"

#include "protocol/chain.hpp"
#include "state/play_log.hpp"

namespace vitrine::op {
namespace {

// Appends what came since; false: nothing did.
template <class Row>
Result<bool> read_on(PlayLogReader& reader, std::vector<Row>& rows,
                     Result<std::vector<Row>> (PlayLogReader::*read)(std::uint64_t, std::size_t)) {
  const std::size_t before = rows.size();
  for (;;) {
    auto piece = (reader.*read)(rows.empty() ? 0 : rows.back().seq, 500);
    if (!piece) return std::move(piece).error();
    if (piece->empty()) return rows.size() > before;
    rows.insert(rows.end(), piece->begin(), piece->end());
  }
}

}  // namespace

Result<LogRecord> read_log_record(const LogPlace& place) {
  const fs::path& plays = place.file;
  std::error_code error;
  if (!fs::exists(plays, error))
    return fail(ErrorCode::not_found, plays.string() + " is not there: no player has kept a log");
  auto reader = PlayLogReader::open(place);
  if (!reader) return std::move(reader).error();
  auto log_id = reader->log_id();
  if (!log_id) return std::move(log_id).error().context(plays.string());
  LogRecord record;
  record.log_id = *log_id;
  ScreenLog& log = record.log;
  // The sums hold every play read so far and no other: read again when one came in between. Input
  // rows stand before the plays made from them, so they are read last.
  for (;;) {
    auto more = read_on(*reader, log.plays, &PlayLogReader::rows_after);
    if (!more) return std::move(more).error();
    if (!*more) break;
    auto tally = reader->tally();
    if (!tally) return std::move(tally).error();
    log.tally.clear();
    for (const PlayLog::TallyEntry& entry : *tally)
      log.tally.push_back({entry.campaign, entry.creative, entry.local_day, entry.plays});
  }
  auto inputs = read_on(*reader, log.inputs, &PlayLogReader::inputs_after);
  if (!inputs) return std::move(inputs).error();
  if (log.plays.empty()) return fail(ErrorCode::not_found, plays.string() + " holds no play yet");
  return record;
}

ChainCheck check_chain(const LogRecord& record, const ScreenId& screen,
                       const std::optional<PublicKey>& proof_key, std::size_t first,
                       std::size_t last) {
  const auto& plays = record.log.plays;
  ChainCheck check;
  for (std::size_t i = 0; i < plays.size(); ++i) {
    const PlayRow& row = plays[i];
    const auto note = [&](const std::string& what) {
      check.faults.push_back("row " + std::to_string(row.seq) + " " + what);
    };
    const bool begins = i == 0 && row.seq == 1;
    const bool pruned = i == 0 && row.seq > 1;  // what was before it is gone, its hash with it
    if (i > 0 && row.seq != plays[i - 1].seq + 1) {
      note("follows row " + std::to_string(plays[i - 1].seq) +
           (chain_next(plays[i - 1].chain, row) == row.chain
                ? ": the plays between them were lost before they were stored"
                : ": rows between them are gone"));
    } else if (!pruned) {
      const Hash256 before = begins ? chain_start(screen, record.log_id) : plays[i - 1].chain;
      if (chain_next(before, row) != row.chain) note("breaks the chain: it is not what was hashed");
    }
    const bool wanted = (first <= i && i <= last) || i + 1 == plays.size();
    if (!proof_key || !wanted) continue;
    ++check.signatures;
    if (!verify_chain(*proof_key, screen, record.log_id, row.seq, row.chain, row.signature))
      note("is not signed by the screen's proof key");
  }
  return check;
}

}  // namespace vitrine::op
