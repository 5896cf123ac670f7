#include "store/rows.hpp"

#include <functional>

#include "platform/log.hpp"
#include "protocol/chain.hpp"
#include "protocol/wire.hpp"

namespace vitrine::store {
namespace {

template <class Row>
std::vector<std::pair<std::string, bool>> columns_of() {
  std::vector<std::pair<std::string, bool>> columns;  // name, is a hash
  Row row;
  for_each_column(row, [&](std::string_view name, const auto& member) {
    columns.emplace_back(name, is_hash_column<std::remove_reference_t<decltype(member)>>);
  });
  return columns;
}

template <class Row>
std::string create_sql(const std::string& table, const std::string& more) {
  std::string sql = "CREATE TABLE IF NOT EXISTS " + table + "(device TEXT NOT NULL";
  for (const auto& [name, is_hash] : columns_of<Row>())
    sql += ", " + name + (is_hash ? " TEXT" : " INTEGER");
  return sql + more +
         ", segment INTEGER NOT NULL, offset INTEGER NOT NULL, PRIMARY KEY(device, log_id, seq));";
}

// device, columns..., segment, offset: the order in which everything is bound.
template <class Row>
std::string insert_sql(const std::string& table) {
  std::string names = "device";
  std::string marks = "?";
  for (const auto& [name, is_hash] : columns_of<Row>()) {
    names += ", " + name;
    marks += ", ?";
  }
  return "INSERT INTO " + table + "(" + names + ", segment, offset) VALUES(" + marks +
         ", ?, ?) ON CONFLICT(device, log_id, seq) DO NOTHING";
}

template <class Row>
std::string same_sql(const std::string& table) {
  std::string sql = "SELECT 1 FROM " + table + " WHERE device = ?";
  for (const auto& [name, is_hash] : columns_of<Row>()) {
    sql += " AND " + name + (name == "log_id" || name == "seq" ? " = ?" : " IS ?");
  }
  return sql;
}

template <class Row>
int bind_row(Statement& statement, const ScreenId& device, const Row& row) {
  int index = 1;
  statement.bind(index++, std::string_view(device));
  for_each_column(row, [&](std::string_view, const auto& member) {
    if constexpr (is_hash_column<std::remove_reference_t<decltype(member)>>) {
      bind_hash(statement, index++, member);
    } else {
      statement.bind(index++, column_value(member));
    }
  });
  return index;
}

void bind_source(Statement& statement, int index, const Source& source) {
  statement.bind(index, static_cast<std::int64_t>(source.at.segment));
  statement.bind(index + 1, static_cast<std::int64_t>(source.at.offset));
}

Status note_conflict(Database& database, const Source& source, Stream stream, LogId log_id,
                     std::uint64_t seq) {
  log_error("ALARM: row {} of {} log {} of {} was stored before with other content", seq,
            name_of(stream), log_id, source.device);
  auto insert = database.prepare(
      "INSERT INTO conflict(device, stream, log_id, seq, segment, offset) VALUES(?, ?, ?, ?, ?, "
      "?)");
  if (!insert) return std::move(insert).error();
  insert->bind(1, std::string_view(source.device))
      .bind(2, column_value(stream))
      .bind(3, column_value(log_id));
  insert->bind(4, column_value(seq));
  bind_source(*insert, 5, source);
  return insert->run();
}

template <class Row>
Status insert_columns(Database& database, const Source& source, Stream stream,
                      const std::vector<Row>& rows,
                      const std::function<Status(const Row&)>& inserted = {}) {
  const std::string table(name_of(stream));
  auto insert = database.prepare(insert_sql<Row>(table));
  if (!insert) return std::move(insert).error();
  auto same = database.prepare(same_sql<Row>(table));
  if (!same) return std::move(same).error();
  for (const Row& row : rows) {
    const int next = bind_row(*insert, source.device, row);
    bind_source(*insert, next, source);
    if (auto done = insert->run(); !done) return done;
    if (database.changes() > 0) {
      if (!inserted) continue;
      if (auto done = inserted(row); !done) return done;
      continue;
    }
    bind_row(*same, source.device, row);
    auto found = same->step();
    if (!found) return std::move(found).error();
    same->reset();
    if (*found) continue;
    if (auto noted = note_conflict(database, source, stream, row.log_id, row.seq); !noted)
      return noted;
  }
  return ok();
}

Status insert_plays(Database& database, const Source& source, const Batch& batch,
                    const std::vector<PlayRow>& rows) {
  auto set_chain =
      database.prepare("UPDATE play SET chain = ? WHERE device = ? AND log_id = ? AND seq = ?");
  if (!set_chain) return std::move(set_chain).error();
  std::vector<PlayRow> chained = rows;
  Hash256 chain = batch.chain_before;
  for (PlayRow& row : chained) row.chain = chain = chain_next(chain, row);
  return insert_columns<PlayRow>(database, source, Stream::play, chained, [&](const PlayRow& row) {
    bind_hash(*set_chain, 1, row.chain);
    set_chain->bind(2, std::string_view(source.device)).bind(3, column_value(row.log_id));
    set_chain->bind(4, column_value(row.seq));
    return set_chain->run();
  });
}

Status insert_health(Database& database, const Source& source, const Batch& batch,
                     const std::vector<HealthRow>& rows) {
  auto insert = database.prepare(
      "INSERT INTO health(device, log_id, seq, boot_high, boot_low, at_us, segment, offset) "
      "VALUES(?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING");
  if (!insert) return std::move(insert).error();
  auto figure = database.prepare(
      "INSERT INTO health_figure(device, log_id, seq, name, value) VALUES(?, ?, ?, ?, ?) ON "
      "CONFLICT DO NOTHING");
  if (!figure) return std::move(figure).error();
  for (const HealthRow& row : rows) {
    insert->bind(1, std::string_view(source.device)).bind(2, column_value(batch.key.log_id));
    insert->bind(3, column_value(row.seq))
        .bind(4, row.boot.high)
        .bind(5, row.boot.low)
        .bind(6, row.at_us);
    bind_source(*insert, 7, source);
    if (auto done = insert->run(); !done) return done;
    if (database.changes() == 0) continue;
    for (const auto& [name, value] : row.figures) {
      figure->bind(1, std::string_view(source.device)).bind(2, column_value(batch.key.log_id));
      figure->bind(3, column_value(row.seq)).bind(4, std::string_view(name)).bind(5, value);
      if (auto done = figure->run(); !done) return done;
    }
  }
  return ok();
}

// Binds what its kind has; everything else stays null.
struct BindEvent {
  Statement& to;
  void operator()(const Notice& notice) const {
    to.bind(4, "notice").bind(5, notice.boot.high).bind(6, notice.boot.low).bind(7, notice.at_us);
    to.bind(8, std::string_view(notice.code)).bind(9, std::string_view(notice.text));
  }
  void operator()(const TimeFix& fix) const {
    to.bind(4, "fix").bind(5, fix.boot.high).bind(6, fix.boot.low).bind(7, fix.boottime_us);
    to.bind(10, fix.utc_us).bind(11, fix.error_us).bind(12, column_value(fix.source));
  }
  void operator()(const DropNotice& drop) const {
    to.bind(4, "drop").bind(9, std::string_view(drop.reason)).bind(13, column_value(drop.stream));
    to.bind(14, column_value(drop.log_id))
        .bind(15, column_value(drop.first))
        .bind(16, column_value(drop.last));
    bind_hash(to, 17, drop.chain_after);
  }
  void operator()(const LogEnd& end) const {
    to.bind(4, "log-end").bind(13, column_value(end.stream)).bind(14, column_value(end.log_id));
    to.bind(16, column_value(end.last_seen));
  }
};
constexpr int kEventColumns = 19;

Status insert_events(Database& database, const Source& source, const Batch& batch,
                     const std::vector<EventRow>& rows) {
  auto insert = database.prepare(
      "INSERT INTO event(device, log_id, seq, kind, boot_high, boot_low, at_us, code, text, "
      "utc_us, error_us, source, "
      "about_stream, about_log_id, first, last, chain_after, segment, offset) "
      "VALUES(?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING");
  if (!insert) return std::move(insert).error();
  for (const EventRow& row : rows) {
    for (int i = 1; i <= kEventColumns; ++i) insert->bind(i, kAbsent);
    insert->bind(1, std::string_view(source.device)).bind(2, column_value(batch.key.log_id));
    insert->bind(3, column_value(row.seq));
    std::visit(BindEvent{*insert}, row.body);
    bind_source(*insert, 18, source);
    if (auto done = insert->run(); !done) return done;
  }
  return ok();
}

}  // namespace

void bind_hash(Statement& statement, int index, const Hash256& hash) {
  if (hash == Hash256{}) {
    statement.bind(index, kAbsent);
  } else {
    statement.bind(index, std::string_view(to_hex(hash)));
  }
}

Status create_tables(Database& database) {
  return database.execute(
      create_sql<PlayRow>("play", ", chain TEXT") + create_sql<ExposureRow>("exposure", "") +
      create_sql<FlowRow>("flow", "") +
      "CREATE TABLE IF NOT EXISTS health(device TEXT NOT NULL, log_id INTEGER, seq INTEGER, "
      "boot_high INTEGER,"
      " boot_low INTEGER, at_us INTEGER, segment INTEGER NOT NULL, offset INTEGER NOT NULL,"
      " PRIMARY KEY(device, log_id, seq));"
      "CREATE TABLE IF NOT EXISTS health_figure(device TEXT NOT NULL, log_id INTEGER, seq INTEGER, "
      "name TEXT,"
      " value INTEGER, PRIMARY KEY(device, log_id, seq, name));"
      "CREATE TABLE IF NOT EXISTS event(device TEXT NOT NULL, log_id INTEGER, seq INTEGER, kind "
      "TEXT,"
      " boot_high INTEGER, boot_low INTEGER, at_us INTEGER, code TEXT, text TEXT, utc_us INTEGER, "
      "error_us INTEGER,"
      " source INTEGER, about_stream INTEGER, about_log_id INTEGER, first INTEGER, last INTEGER, "
      "chain_after TEXT,"
      " segment INTEGER NOT NULL, offset INTEGER NOT NULL, PRIMARY KEY(device, log_id, seq));"
      "CREATE TABLE IF NOT EXISTS batch(device TEXT NOT NULL, stream INTEGER, log_id INTEGER, "
      "first INTEGER,"
      " last INTEGER, bytes INTEGER, hash TEXT, fix_boot_high INTEGER, fix_boot_low INTEGER, "
      "fix_boottime_us INTEGER,"
      " fix_utc_us INTEGER, fix_error_us INTEGER, fix_source INTEGER, received_at_us INTEGER,"
      " segment INTEGER NOT NULL, offset INTEGER NOT NULL, PRIMARY KEY(device, stream, log_id, "
      "first, last));"
      "CREATE TABLE IF NOT EXISTS conflict(device TEXT NOT NULL, stream INTEGER, log_id INTEGER, "
      "seq INTEGER,"
      " segment INTEGER NOT NULL, offset INTEGER NOT NULL);"
      "CREATE TABLE IF NOT EXISTS unreadable(device TEXT NOT NULL, reason TEXT, segment INTEGER "
      "NOT NULL,"
      " offset INTEGER NOT NULL);"
      "CREATE TABLE IF NOT EXISTS position(id INTEGER PRIMARY KEY CHECK(id = 1), segment INTEGER "
      "NOT NULL,"
      " offset INTEGER NOT NULL);"
      "INSERT INTO position(id, segment, offset) VALUES(1, 1, 0) ON CONFLICT DO NOTHING;"
      "CREATE INDEX IF NOT EXISTS exposure_of_play ON exposure(device, play_log_id, play_seq);"
      // An audience log that was made again may measure a play twice; the row that arrived first
      // counts.
      "CREATE VIEW IF NOT EXISTS play_audience AS SELECT p.*, e.log_id AS exposure_log_id, e.seq "
      "AS exposure_seq,"
      " e.person_ms, e.ots, e.first_exposed, e.viewers, e.attention_ms, e.crossings, "
      "e.coverage_permille, e.quality,"
      " e.method, e.model FROM play p LEFT JOIN exposure e ON e.rowid ="
      " (SELECT x.rowid FROM exposure x WHERE x.device = p.device AND x.play_log_id = p.log_id AND "
      "x.play_seq = p.seq"
      " ORDER BY x.segment, x.offset, x.seq LIMIT 1);");
}

Status insert_batch(Database& database, const Source& source, const SpoolRecord& record,
                    const Batch& batch) {
  auto insert = database.prepare(
      "INSERT INTO batch(device, stream, log_id, first, last, bytes, hash, fix_boot_high, "
      "fix_boot_low,"
      " fix_boottime_us, fix_utc_us, fix_error_us, fix_source, received_at_us, segment, offset)"
      " VALUES(?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING");
  if (!insert) return std::move(insert).error();
  insert->bind(1, std::string_view(source.device)).bind(2, column_value(batch.key.stream));
  insert->bind(3, column_value(batch.key.log_id)).bind(4, column_value(batch.key.first));
  insert->bind(5, column_value(batch.key.last))
      .bind(6, static_cast<std::int64_t>(record.payload.size()));
  bind_hash(*insert, 7, sha256(record.payload));
  insert->bind(8, batch.fix.boot.high).bind(9, batch.fix.boot.low).bind(10, batch.fix.boottime_us);
  insert->bind(11, batch.fix.utc_us)
      .bind(12, batch.fix.error_us)
      .bind(13, column_value(batch.fix.source));
  insert->bind(14, record.received_at_us);
  bind_source(*insert, 15, source);
  return insert->run();
}

Status insert_rows(Database& database, const Source& source, const Batch& batch) {
  if (const auto* plays = std::get_if<std::vector<PlayRow>>(&batch.rows)) {
    return insert_plays(database, source, batch, *plays);
  }
  if (const auto* exposures = std::get_if<std::vector<ExposureRow>>(&batch.rows)) {
    return insert_columns<ExposureRow>(database, source, Stream::exposure, *exposures);
  }
  if (const auto* minutes = std::get_if<std::vector<FlowRow>>(&batch.rows)) {
    return insert_columns<FlowRow>(database, source, Stream::flow, *minutes);
  }
  if (const auto* health = std::get_if<std::vector<HealthRow>>(&batch.rows)) {
    return insert_health(database, source, batch, *health);
  }
  return insert_events(database, source, batch, std::get<std::vector<EventRow>>(batch.rows));
}

Status insert_unreadable(Database& database, const Source& source, const std::string& reason) {
  auto insert = database.prepare(
      "INSERT INTO unreadable(device, reason, segment, offset) VALUES(?, ?, ?, ?)");
  if (!insert) return std::move(insert).error();
  insert->bind(1, std::string_view(source.device)).bind(2, std::string_view(reason));
  bind_source(*insert, 3, source);
  return insert->run();
}

}  // namespace vitrine::store
