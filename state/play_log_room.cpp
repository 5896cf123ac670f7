// What a log of plays may take of the flash: whole days go, the oldest first. Where the inputs
// never said a new day, as on a screen that is switched off each night, what goes is the time
// between two starts.
#include <algorithm>
#include <limits>

#include "platform/log.hpp"
#include "protocol/column.hpp"
#include "state/play_log.hpp"

namespace vitrine {
namespace {

// With one day alone in the log, as where the clock stands still: so many of its plays.
constexpr std::int64_t kPart = 5'000;

// Where inputs are said anew, and with them the log may begin.
struct Edge {
  std::int64_t input = 0;     // seq of the input
  std::int64_t decision = 0;  // the first one made from it
  bool new_day = false;       // else a player started
};

Result<std::vector<Edge>> all_edges(Database& database) {
  auto select =
      database.prepare("SELECT seq, decision_seq, value FROM input WHERE kind = ? ORDER BY seq");
  if (!select) return std::move(select).error();
  select->bind(1, column_value(InputKind::restated));
  std::vector<Edge> edges;
  for (;;) {
    auto row = select->step();
    if (!row) return std::move(row).error();
    if (!*row) return edges;
    edges.push_back({select->integer(0), select->integer(1), select->integer(2) == 0});
  }
}

// Of players that started and were gone before anything came of it: nothing was decided from these
// that has a row. In a loop of crashes they would be more than all else.
Result<std::int64_t> drop_idle_inputs(Database& database, const std::vector<Edge>& edges) {
  std::vector<std::int64_t> decisions;
  auto select = database.prepare("SELECT decision_seq FROM play ORDER BY decision_seq");
  if (!select) return std::move(select).error();
  for (;;) {
    auto row = select->step();
    if (!row) return std::move(row).error();
    if (!*row) break;
    decisions.push_back(select->integer(0));
  }
  auto transaction = Transaction::begin(database);
  if (!transaction) return std::move(transaction).error();
  std::int64_t gone = 0;
  for (std::size_t i = 0; i + 1 < edges.size(); ++i) {
    const auto next = std::lower_bound(decisions.begin(), decisions.end(), edges[i].decision);
    if (next != decisions.end() && *next < edges[i + 1].decision) continue;
    auto between = database.prepare("DELETE FROM input WHERE seq >= ? AND seq < ?");
    if (!between) return std::move(between).error();
    between->bind(1, edges[i].input).bind(2, edges[i + 1].input);
    if (auto done = between->run(); !done) return std::move(done).error();
    gone += database.changes();
  }
  if (auto done = transaction->commit(); !done) return std::move(done).error();
  return gone;
}

// The first edge with a play before it: a new day, or where there is none a start.
Result<std::optional<Edge>> second_begin(Database& database, const std::vector<Edge>& edges) {
  auto oldest = database.scalar("SELECT decision_seq FROM play ORDER BY seq LIMIT 1");
  if (!oldest) return std::move(oldest).error();
  for (const bool any : {false, true}) {
    for (const Edge& edge : edges) {
      if ((any || edge.new_day) && *oldest && edge.decision > **oldest) return std::optional(edge);
    }
  }
  return std::optional<Edge>();
}

// The first play that was decided from there on; past all of them where none was.
Result<std::int64_t> first_from(Database& database, std::int64_t decision) {
  auto select =
      database.prepare("SELECT seq FROM play WHERE decision_seq >= ? ORDER BY seq LIMIT 1");
  if (!select) return std::move(select).error();
  auto row = select->bind(1, decision).step();
  if (!row) return std::move(row).error();
  const std::int64_t seq = *row ? select->integer(0) : std::numeric_limits<std::int64_t>::max();
  select->reset();
  return seq;
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
    auto edges = all_edges(database_);
    if (!edges) return std::move(edges).error();
    auto idle = drop_idle_inputs(database_, *edges);
    if (!idle) return std::move(idle).error();
    if (*idle > 0) continue;
    auto begin = second_begin(database_, *edges);
    if (!begin) return std::move(begin).error();
    auto oldest = database_.scalar("SELECT MIN(seq) FROM play");
    if (!oldest) return std::move(oldest).error();
    auto until = *begin ? first_from(database_, (*begin)->decision)
                        : Result<std::int64_t>(oldest->value_or(0) + kPart);
    if (!until) return std::move(until).error();
    // The last row stays: the chain goes on from it.
    const std::int64_t first = oldest->value_or(0);
    const std::int64_t end = std::min(*until, static_cast<std::int64_t>(last_seq_));
    if (end <= first) break;
    auto transaction = Transaction::begin(database_);
    if (!transaction) return std::move(transaction).error();
    if (auto done = delete_below(database_, "DELETE FROM play WHERE seq < ?", end); !done)
      return std::move(done).error();
    if (*begin) {
      auto done = delete_below(database_, "DELETE FROM input WHERE seq < ?", (*begin)->input);
      if (!done) return std::move(done).error();
    }
    if (auto done = transaction->commit(); !done) return std::move(done).error();
    log_info("plays {} to {} are old and make room; what they count for stays", first, end - 1);
    gone += end - first;
  }
  return gone;
}

}  // namespace vitrine
