#include "outbox.hpp"

#include <algorithm>

#include "platform/crypto.hpp"
#include "protocol/column.hpp"
#include "protocol/wire.hpp"
#include "state/log_file.hpp"

namespace vitrine {
namespace {

// A transaction must fit into the WAL's share of the bound many times over; a batch of a backlog is
// 2 to 20 kB. Encoding 16 takes 20 ms of a desktop's core: the link does not wait longer.
constexpr std::size_t kWalBytesABatch = 128 * 1024;
constexpr std::size_t kMostAtOnce = 16;

constexpr const char* kSchema =
    "CREATE TABLE IF NOT EXISTS meta(event_log_id INTEGER NOT NULL, health_log_id INTEGER NOT "
    "NULL);"
    "CREATE TABLE IF NOT EXISTS event(seq INTEGER PRIMARY KEY AUTOINCREMENT, body BLOB NOT NULL);"
    "CREATE TABLE IF NOT EXISTS health(seq INTEGER PRIMARY KEY AUTOINCREMENT, body BLOB NOT NULL);"
    "CREATE TABLE IF NOT EXISTS cursor(stream INTEGER NOT NULL, log_id INTEGER NOT NULL, last "
    "INTEGER NOT NULL,"
    " chain BLOB NOT NULL, ended INTEGER NOT NULL DEFAULT 0, PRIMARY KEY(stream, log_id)) WITHOUT "
    "ROWID;"
    "CREATE TABLE IF NOT EXISTS batch(id INTEGER PRIMARY KEY AUTOINCREMENT, stream INTEGER NOT "
    "NULL,"
    " log_id INTEGER NOT NULL, first INTEGER NOT NULL, last INTEGER NOT NULL, sha256 BLOB NOT NULL,"
    " body BLOB NOT NULL, process INTEGER NOT NULL, frozen_us INTEGER NOT NULL,"
    " state INTEGER NOT NULL DEFAULT 0, acked_utc_us INTEGER, UNIQUE(stream, log_id, first, last));"
    // One index for each question that is asked every turn: its size is that of the answer, however
    // much waits.
    "CREATE INDEX IF NOT EXISTS batch_waiting ON batch(id) WHERE state = 0;"
    "CREATE INDEX IF NOT EXISTS batch_live ON batch(process, frozen_us) WHERE state = 0 AND last - "
    "first < 20;"
    "CREATE INDEX IF NOT EXISTS batch_class ON batch(stream, id) WHERE state = 0;"
    "CREATE INDEX IF NOT EXISTS batch_acked ON batch(id) WHERE state <> 0;"
    "CREATE TABLE IF NOT EXISTS fix(boot_high INTEGER NOT NULL, boot_low INTEGER NOT NULL,"
    " boottime_us INTEGER NOT NULL, utc_us INTEGER NOT NULL, error_us INTEGER NOT NULL, source "
    "INTEGER NOT NULL);"
    "CREATE TABLE IF NOT EXISTS document(kind INTEGER NOT NULL, audience TEXT NOT NULL, version "
    "INTEGER NOT NULL,"
    " jws TEXT NOT NULL, state INTEGER NOT NULL, error TEXT NOT NULL,"
    " PRIMARY KEY(kind, audience, version)) WITHOUT ROWID;";

template <class Row, class Decode>
Result<std::vector<Row>> rows_after(Database& database, const char* table, std::uint64_t after,
                                    std::size_t limit, Decode decode) {
  auto select = database.prepare(std::string("SELECT body, seq FROM ") + table +
                                 " WHERE seq > ? ORDER BY seq LIMIT ?");
  if (!select) return std::move(select).error();
  select->bind(1, column_value(after)).bind(2, static_cast<std::int64_t>(limit));
  std::vector<Row> rows;
  for (;;) {
    auto step = select->step();
    if (!step) return std::move(step).error();
    if (!*step) return rows;
    auto row = decode(select->blob(0));
    if (!row) return std::move(row).error();
    row->seq = static_cast<std::uint64_t>(select->integer(1));
    rows.push_back(std::move(*row));
  }
}

Status insert_body(Database& database, const char* table, std::uint64_t seq, const Bytes& body) {
  auto insert = database.prepare(std::string("INSERT INTO ") + table + "(seq, body) VALUES(?, ?)");
  if (!insert) return std::move(insert).error();
  return insert->bind(1, column_value(seq)).bind(2, ByteView(body)).run();
}

Result<LogCursor> read_cursor(const Statement& select) {
  LogCursor cursor{
      static_cast<LogId>(select.integer(0)), static_cast<std::uint64_t>(select.integer(1)), {}};
  const Bytes chain = select.blob(2);
  if (chain.size() != cursor.chain.size())
    return fail(ErrorCode::corrupt, "outbox.db: a cursor's chain is damaged");
  std::copy(chain.begin(), chain.end(), cursor.chain.begin());
  return cursor;
}

}  // namespace

Result<Outbox> Outbox::open(const LogPlace& place, OutboxOptions options) {
  fs::path aside;
  auto database = open_log(place, kSchema, &aside);
  if (!database) return std::move(database).error();
  Outbox outbox(std::move(*database), place, options);
  if (auto begun = outbox.begin(); !begun) return std::move(begun).error();
  if (!aside.empty()) outbox.take_over(aside);
  return outbox;
}

Status Outbox::begin() {
  // SQLite itself keeps the file below the bound; make_room() sees to it that it need not.
  auto page = database_.scalar("PRAGMA page_size");
  if (!page) return std::move(page).error();
  const std::int64_t page_bytes = page->value_or(4096);
  const std::int64_t pages = most_database_bytes() / page_bytes;
  const std::int64_t wal = options_.most_bytes - most_database_bytes();
  if (auto done = database_.execute("PRAGMA max_page_count = " + std::to_string(pages) +
                                    "; PRAGMA journal_size_limit = " + std::to_string(wal));
      !done) {
    return done;
  }
  // More than a thousand frames would touch a second page of the -shm at each commit.
  database_.checkpoint_after(
      static_cast<int>(std::clamp<std::int64_t>(wal / 2 / page_bytes, 8, 1000)));
  process_ = random_u64() >> 1;
  auto transaction = Transaction::begin(database_);
  if (!transaction) return std::move(transaction).error();
  auto event = database_.scalar("SELECT event_log_id FROM meta");
  if (!event) return std::move(event).error();
  if (*event) {
    auto health = database_.scalar("SELECT health_log_id FROM meta");
    if (!health) return std::move(health).error();
    event_log_id_ = static_cast<LogId>(**event);
    health_log_id_ = static_cast<LogId>(health->value_or(0));
  } else {
    event_log_id_ = random_u64();
    health_log_id_ = random_u64();
    auto insert = database_.prepare("INSERT INTO meta(event_log_id, health_log_id) VALUES(?, ?)");
    if (!insert) return std::move(insert).error();
    insert->bind(1, column_value(event_log_id_)).bind(2, column_value(health_log_id_));
    if (auto done = insert->run(); !done) return done;
  }
  return transaction->commit();
}

Status Outbox::insert_event(EventRow& row) {
  auto highest = highest_seq(database_, "event");
  if (!highest) return std::move(highest).error();
  row.seq = *highest + 1;
  return insert_body(database_, "event", row.seq, encode_event(row));
}

Status Outbox::add_event(EventRow row) {
  if (auto room = make_room(encode_event(row).size()); !room) return room;
  return insert_event(row);
}

Status Outbox::add_health(std::vector<HealthRow> rows) {
  std::size_t need = 0;
  for (const HealthRow& row : rows) need += encode_health(row).size();
  if (auto room = make_room(need); !room) return room;
  auto transaction = Transaction::begin(database_);
  if (!transaction) return std::move(transaction).error();
  auto highest = highest_seq(database_, "health");
  if (!highest) return std::move(highest).error();
  std::uint64_t seq = *highest;
  for (HealthRow& row : rows) {
    row.seq = ++seq;
    if (auto kept = insert_body(database_, "health", row.seq, encode_health(row)); !kept)
      return kept;
  }
  return transaction->commit();
}

Result<std::vector<EventRow>> Outbox::events_after(std::uint64_t after, std::size_t limit) {
  auto rows = rows_after<EventRow>(database_, "event", after, limit, decode_event);
  if (!rows && rows.error().code == ErrorCode::invalid) damaged_ = true;
  return rows;
}

Result<std::vector<HealthRow>> Outbox::health_after(std::uint64_t after, std::size_t limit) {
  auto rows = rows_after<HealthRow>(database_, "health", after, limit, decode_health);
  if (!rows && rows.error().code == ErrorCode::invalid) damaged_ = true;
  return rows;
}

Result<std::optional<LogCursor>> Outbox::cursor(Stream stream, LogId log_id) {
  auto select =
      database_.prepare("SELECT log_id, last, chain FROM cursor WHERE stream = ? AND log_id = ?");
  if (!select) return std::move(select).error();
  auto row = select->bind(1, column_value(stream)).bind(2, column_value(log_id)).step();
  if (!row) return std::move(row).error();
  if (!*row) return std::optional<LogCursor>();
  auto cursor = read_cursor(*select);
  if (!cursor) return std::move(cursor).error();
  return std::optional<LogCursor>(*cursor);
}

Result<std::vector<LogCursor>> Outbox::open_logs(Stream stream) {
  auto select =
      database_.prepare("SELECT log_id, last, chain FROM cursor WHERE stream = ? AND ended = 0");
  if (!select) return std::move(select).error();
  select->bind(1, column_value(stream));
  std::vector<LogCursor> logs;
  for (;;) {
    auto row = select->step();
    if (!row) return std::move(row).error();
    if (!*row) return logs;
    auto cursor = read_cursor(*select);
    if (!cursor) return std::move(cursor).error();
    logs.push_back(*cursor);
  }
}

std::size_t Outbox::batches_at_once() const {
  const auto wal = static_cast<std::size_t>(options_.most_bytes - most_database_bytes());
  return std::clamp<std::size_t>(wal / kWalBytesABatch, 1, kMostAtOnce);
}

Status Outbox::freeze(const std::vector<RowsToFreeze>& batches, Micros now) {
  std::vector<Bytes> bodies;
  std::size_t need = 0;
  std::uint64_t merge_above = 0;
  for (const RowsToFreeze& rows : batches) {
    bodies.push_back(encode_batch(rows.batch));
    need += bodies.back().size();
    // The events in hand are as they were read: a notice among them must not grow any more.
    if (rows.batch.key.stream == Stream::event) merge_above = rows.batch.key.last;
  }
  if (auto room = make_room(need, merge_above, batches.size()); !room) return room;
  auto transaction = Transaction::begin(database_);
  if (!transaction) return std::move(transaction).error();
  for (std::size_t i = 0; i < batches.size(); ++i) {
    const BatchKey& key = batches[i].batch.key;
    if (auto done = insert_batch(key, bodies[i], now); !done) return done;
    if (auto done = move_cursor(key.stream, {key.log_id, key.last, batches[i].chain_after}); !done)
      return done;
  }
  return transaction->commit();
}

Status Outbox::insert_batch(const BatchKey& key, const Bytes& body, Micros now) {
  const Hash256 hash = sha256(body);
  auto insert = database_.prepare(
      "INSERT INTO batch(stream, log_id, first, last, sha256, body, process, frozen_us) VALUES(?, "
      "?, ?, ?, ?, ?, ?, ?)");
  if (!insert) return std::move(insert).error();
  insert->bind(1, column_value(key.stream))
      .bind(2, column_value(key.log_id))
      .bind(3, column_value(key.first));
  insert->bind(4, column_value(key.last)).bind(5, ByteView(hash)).bind(6, ByteView(body));
  insert->bind(7, column_value(process_)).bind(8, now);
  if (auto done = insert->run(); !done) return done;
  // Our own rows are in the batch now; AUTOINCREMENT remembers how far they counted.
  const bool event = key.log_id == event_log_id_;
  if (!event && key.log_id != health_log_id_) return ok();
  auto clear = database_.prepare(std::string("DELETE FROM ") + (event ? "event" : "health") +
                                 " WHERE seq <= ?");
  if (!clear) return std::move(clear).error();
  return clear->bind(1, column_value(key.last)).run();
}

Status Outbox::move_cursor(Stream stream, const LogCursor& to) {
  auto move = database_.prepare(
      "INSERT INTO cursor(stream, log_id, last, chain) VALUES(?, ?, ?, ?)"
      " ON CONFLICT DO UPDATE SET last = excluded.last, chain = excluded.chain"
      " WHERE excluded.last > last");
  if (!move) return std::move(move).error();
  move->bind(1, column_value(stream))
      .bind(2, column_value(to.log_id))
      .bind(3, column_value(to.last));
  return move->bind(4, ByteView(to.chain)).run();
}

Status Outbox::skip(const DropNotice& drop) {
  if (auto room = make_room(encode_event({0, drop}).size()); !room) return room;
  auto transaction = Transaction::begin(database_);
  if (!transaction) return std::move(transaction).error();
  if (auto done = declare(drop, 0); !done) return done;
  if (auto done = move_cursor(drop.stream, {drop.log_id, drop.last, drop.chain_after}); !done)
    return done;
  return transaction->commit();
}

Status Outbox::end_log(Stream stream, const LogCursor& cursor) {
  EventRow row{0, LogEnd{stream, cursor.log_id, cursor.last}};
  if (auto room = make_room(encode_event(row).size()); !room) return room;
  auto transaction = Transaction::begin(database_);
  if (!transaction) return std::move(transaction).error();
  auto end = database_.prepare(
      "INSERT INTO cursor(stream, log_id, last, chain, ended) VALUES(?, ?, ?, ?, 1) ON CONFLICT DO "
      "UPDATE SET ended = 1");
  if (!end) return std::move(end).error();
  end->bind(1, column_value(stream))
      .bind(2, column_value(cursor.log_id))
      .bind(3, column_value(cursor.last));
  if (auto done = end->bind(4, ByteView(cursor.chain)).run(); !done) return done;
  if (auto done = insert_event(row); !done) return done;
  return transaction->commit();
}

}  // namespace vitrine
