#include "state/exposure_log.hpp"

#include <algorithm>

#include "platform/crypto.hpp"
#include "row_table.hpp"
#include "state/log_file.hpp"

namespace vitrine {
namespace {

std::string schema() {
  return "CREATE TABLE IF NOT EXISTS meta(exposure_log_id INTEGER NOT NULL, flow_log_id INTEGER "
         "NOT NULL);"
         "CREATE TABLE IF NOT EXISTS exposure(" +
         row_definition<ExposureRow>() +
         ", UNIQUE(play_log_id, play_seq));"
         "CREATE TABLE IF NOT EXISTS flow(" +
         row_definition<FlowRow>() + ");";
}

template <class Row>
Result<std::vector<Row>> rows_after(Database& database, const std::string& table,
                                    std::uint64_t after, std::size_t limit) {
  auto select = database.prepare("SELECT " + row_columns<Row>() + " FROM " + table +
                                 " WHERE seq > ? ORDER BY seq LIMIT ?");
  if (!select) return std::move(select).error();
  select->bind(1, static_cast<std::int64_t>(after))
      .bind(2, static_cast<std::int64_t>(std::min<std::size_t>(limit, 500)));
  std::vector<Row> rows;
  for (;;) {
    auto step = select->step();
    if (!step) return std::move(step).error();
    if (!*step) return rows;
    read_row(*select, rows.emplace_back());
  }
}

}  // namespace

Result<ExposureLog> ExposureLog::open(const LogPlace& place) {
  auto database = open_log(place, schema());
  if (!database) return std::move(database).error();
  ExposureLog log(std::move(*database));
  auto transaction = Transaction::begin(log.database_);
  if (!transaction) return std::move(transaction).error();
  auto known = log.database_.scalar("SELECT exposure_log_id FROM meta");
  if (!known) return std::move(known).error();
  if (*known) {
    auto flow = log.database_.scalar("SELECT flow_log_id FROM meta");
    if (!flow) return std::move(flow).error();
    log.exposure_log_id_ = static_cast<LogId>(**known);
    log.flow_log_id_ = static_cast<LogId>(flow->value_or(0));
  } else {
    log.exposure_log_id_ = random_u64();
    log.flow_log_id_ = random_u64();
    auto insert =
        log.database_.prepare("INSERT INTO meta(exposure_log_id, flow_log_id) VALUES(?, ?)");
    if (!insert) return std::move(insert).error();
    insert->bind(1, column_value(log.exposure_log_id_)).bind(2, column_value(log.flow_log_id_));
    if (auto done = insert->run(); !done) return std::move(done).error();
  }
  if (auto done = transaction->commit(); !done) return std::move(done).error();
  return log;
}

Status ExposureLog::append(const std::vector<ExposureRow>& rows) {
  auto transaction = Transaction::begin(database_);
  if (!transaction) return std::move(transaction).error();
  auto highest = highest_seq(database_, "exposure");
  if (!highest) return std::move(highest).error();
  // Asked beforehand rather than left to ON CONFLICT: an ignored insert still uses up its
  // AUTOINCREMENT value, and a gap in seq would look like a lost row.
  auto known = database_.prepare("SELECT 1 FROM exposure WHERE play_log_id = ? AND play_seq = ?");
  if (!known) return std::move(known).error();
  auto insert = database_.prepare(row_insert<ExposureRow>("exposure"));
  if (!insert) return std::move(insert).error();
  std::uint64_t seq = *highest;
  for (ExposureRow row : rows) {
    auto found =
        known->bind(1, column_value(row.play_log_id)).bind(2, column_value(row.play_seq)).step();
    if (!found) return std::move(found).error();
    if (*found) {
      known->reset();
      continue;
    }
    row.log_id = exposure_log_id_;
    row.seq = ++seq;
    bind_row(*insert, row);
    if (auto done = insert->run(); !done) return done;
  }
  return transaction->commit();
}

Status ExposureLog::append_flow(const std::vector<FlowRow>& rows) {
  auto transaction = Transaction::begin(database_);
  if (!transaction) return std::move(transaction).error();
  auto highest = highest_seq(database_, "flow");
  if (!highest) return std::move(highest).error();
  auto insert = database_.prepare(row_insert<FlowRow>("flow"));
  if (!insert) return std::move(insert).error();
  std::uint64_t seq = *highest;
  for (FlowRow row : rows) {
    row.log_id = flow_log_id_;
    row.seq = ++seq;
    bind_row(*insert, row);
    if (auto done = insert->run(); !done) return done;
  }
  return transaction->commit();
}

Result<std::uint64_t> ExposureLog::last_play_seq(LogId play_log) {
  auto select = database_.prepare("SELECT MAX(play_seq) FROM exposure WHERE play_log_id = ?");
  if (!select) return std::move(select).error();
  auto row = select->bind(1, column_value(play_log)).step();
  if (!row) return std::move(row).error();
  const std::uint64_t last =
      *row && !select->is_null(0) ? static_cast<std::uint64_t>(select->integer(0)) : 0;
  select->reset();
  return last;
}

Result<std::int64_t> ExposureLog::prune(std::int64_t most_bytes) {
  std::int64_t gone = 0;
  for (;;) {
    auto used = bytes_used(database_);
    if (!used) return std::move(used).error();
    if (*used <= most_bytes) break;
    auto transaction = Transaction::begin(database_);
    if (!transaction) return std::move(transaction).error();
    std::int64_t here = 0;
    for (const std::string table : {"exposure", "flow"}) {
      auto oldest =
          database_.prepare("DELETE FROM " + table +
                            " WHERE seq < (SELECT MIN(seq) + (MAX(seq) - MIN(seq) + 7) / 8"
                            " FROM " +
                            table + ")");
      if (!oldest) return std::move(oldest).error();
      if (auto done = oldest->run(); !done) return std::move(done).error();
      here += database_.changes();
    }
    if (here == 0) break;
    if (auto done = transaction->commit(); !done) return std::move(done).error();
    gone += here;
  }
  return gone;
}

Result<ExposureLogReader> ExposureLogReader::open(const LogPlace& place) {
  const LogFiles files = files_of(place);
  auto database = open_log_reader(place);
  if (!database) return std::move(database).error();
  return ExposureLogReader(place, files, std::move(*database));
}

Result<LogId> ExposureLogReader::id(const char* column) {
  if (files_.replaced_by(files_of(place_))) {
    auto fresh = open(place_);
    if (!fresh) return std::move(fresh).error();
    *this = std::move(*fresh);
  }
  auto id = database_.scalar(std::string("SELECT ") + column + " FROM meta");
  if (!id) return std::move(id).error();
  if (!*id) return fail(ErrorCode::not_found, place_.file.string() + " has no log yet");
  return static_cast<LogId>(**id);
}

Result<LogId> ExposureLogReader::exposure_log_id() {
  return id("exposure_log_id");
}
Result<LogId> ExposureLogReader::flow_log_id() {
  return id("flow_log_id");
}

Result<std::vector<ExposureRow>> ExposureLogReader::exposures_after(std::uint64_t after,
                                                                    std::size_t limit) {
  return rows_after<ExposureRow>(database_, "exposure", after, limit);
}

Result<std::vector<FlowRow>> ExposureLogReader::flows_after(std::uint64_t after,
                                                            std::size_t limit) {
  return rows_after<FlowRow>(database_, "flow", after, limit);
}

}  // namespace vitrine
