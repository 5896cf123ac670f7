// What a log of plays may take of the flash: whole days go, the oldest first.
#include "platform/log.hpp"
#include "protocol/column.hpp"
#include "state/play_log.hpp"

namespace vitrine {
namespace {

// With one day alone in the log, as where the clock stands still: so many of its plays.
constexpr std::int64_t kPart = 5'000;

// Where the log may begin: everything below these is gone then.
struct Begin {
  std::int64_t play = 0;
  std::int64_t input = 0;
};

// The second local day in the log begins where its inputs are said anew.
Result<std::optional<Begin>> second_day(Database& database) {
  auto select = database.prepare(
      "SELECT input.seq, (SELECT MIN(seq) FROM play WHERE play.decision_seq >= input.decision_seq) "
      "AS first FROM input WHERE kind = ? AND value = 0 AND first > (SELECT MIN(seq) FROM play) "
      "ORDER BY input.seq LIMIT 1");
  if (!select) return std::move(select).error();
  auto row = select->bind(1, column_value(InputKind::restated)).step();
  if (!row) return std::move(row).error();
  if (!*row) return std::optional<Begin>();
  return std::optional(Begin{select->integer(1), select->integer(0)});
}

Status delete_below(Database& database, const char* sql, std::int64_t seq) {
  auto statement = database.prepare(sql);
  if (!statement) return std::move(statement).error();
  return statement->bind(1, seq).run();
}

}  // namespace

Result<std::int64_t> PlayLog::prune(std::int64_t most_bytes) {
  std::int64_t gone = 0;
  for (;;) {
    auto used = bytes_used(database_);
    if (!used) return std::move(used).error();
    if (*used <= most_bytes) break;
    auto first = database_.scalar("SELECT MIN(seq) FROM play");
    if (!first) return std::move(first).error();
    auto begin = second_day(database_);
    if (!begin) return std::move(begin).error();
    // The last row stays: the chain goes on from it.
    const auto last = static_cast<std::int64_t>(last_seq_);
    const std::int64_t oldest = first->value_or(last);
    const std::int64_t until = *begin ? (*begin)->play : std::min(oldest + kPart, last);
    if (until <= oldest) break;
    auto transaction = Transaction::begin(database_);
    if (!transaction) return std::move(transaction).error();
    if (auto done = delete_below(database_, "DELETE FROM play WHERE seq < ?", until); !done)
      return std::move(done).error();
    if (*begin) {
      auto done = delete_below(database_, "DELETE FROM input WHERE seq < ?", (*begin)->input);
      if (!done) return std::move(done).error();
    }
    if (auto done = transaction->commit(); !done) return std::move(done).error();
    log_info("plays {} to {} are old and make room; what they count for stays", oldest, until - 1);
    gone += until - oldest;
  }
  return gone;
}

}  // namespace vitrine
