#include "outbox.hpp"

#include <algorithm>

#include "platform/crypto.hpp"
#include "protocol/column.hpp"
#include "protocol/wire.hpp"
#include "state/log_file.hpp"

namespace vitrine {
namespace {

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
    "CREATE INDEX IF NOT EXISTS batch_waiting ON batch(id) WHERE state = 0;"
    "CREATE TABLE IF NOT EXISTS fix(boot_high INTEGER NOT NULL, boot_low INTEGER NOT NULL,"
    " boottime_us INTEGER NOT NULL, utc_us INTEGER NOT NULL, error_us INTEGER NOT NULL, source "
    "INTEGER NOT NULL);"
    "CREATE TABLE IF NOT EXISTS document(kind INTEGER NOT NULL, audience TEXT NOT NULL, version "
    "INTEGER NOT NULL,"
    " jws TEXT NOT NULL, state INTEGER NOT NULL, error TEXT NOT NULL,"
    " PRIMARY KEY(kind, audience, version)) WITHOUT ROWID;";

using Outcome = AckResult::Outcome;

// state of a batch
constexpr std::int64_t kWaiting = 0, kStored = 1, kQuarantined = 2;

std::int64_t signed_of(std::uint64_t value) {
  return static_cast<std::int64_t>(value);
}

template <class Row, class Decode>
Result<std::vector<Row>> rows_after(Database& database, const char* table, std::uint64_t after,
                                    std::size_t limit, Decode decode) {
  auto select = database.prepare(std::string("SELECT body, seq FROM ") + table +
                                 " WHERE seq > ? ORDER BY seq LIMIT ?");
  if (!select) return std::move(select).error();
  select->bind(1, signed_of(after)).bind(2, static_cast<std::int64_t>(limit));
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
  return insert->bind(1, signed_of(seq)).bind(2, ByteView(body)).run();
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

Result<Outbox> Outbox::open(const fs::path& path) {
  auto database = open_log(path, kSchema);
  if (!database) return std::move(database).error();
  Outbox outbox(std::move(*database));
  outbox.process_ = random_u64() >> 1;
  auto transaction = Transaction::begin(outbox.database_);
  if (!transaction) return std::move(transaction).error();
  auto event = outbox.database_.scalar("SELECT event_log_id FROM meta");
  if (!event) return std::move(event).error();
  if (*event) {
    auto health = outbox.database_.scalar("SELECT health_log_id FROM meta");
    if (!health) return std::move(health).error();
    outbox.event_log_id_ = static_cast<LogId>(**event);
    outbox.health_log_id_ = static_cast<LogId>(health->value_or(0));
  } else {
    outbox.event_log_id_ = random_u64();
    outbox.health_log_id_ = random_u64();
    auto insert =
        outbox.database_.prepare("INSERT INTO meta(event_log_id, health_log_id) VALUES(?, ?)");
    if (!insert) return std::move(insert).error();
    insert->bind(1, signed_of(outbox.event_log_id_)).bind(2, signed_of(outbox.health_log_id_));
    if (auto done = insert->run(); !done) return std::move(done).error();
  }
  if (auto done = transaction->commit(); !done) return std::move(done).error();
  return outbox;
}

Status Outbox::insert_event(EventRow& row) {
  auto highest = highest_seq(database_, "event");
  if (!highest) return std::move(highest).error();
  row.seq = *highest + 1;
  return insert_body(database_, "event", row.seq, encode_event(row));
}

Status Outbox::add_event(EventRow row) {
  return insert_event(row);
}

Status Outbox::add_health(std::vector<HealthRow> rows) {
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
  return rows_after<EventRow>(database_, "event", after, limit, decode_event);
}

Result<std::vector<HealthRow>> Outbox::health_after(std::uint64_t after, std::size_t limit) {
  return rows_after<HealthRow>(database_, "health", after, limit, decode_health);
}

Result<std::optional<LogCursor>> Outbox::cursor(Stream stream, LogId log_id) {
  auto select =
      database_.prepare("SELECT log_id, last, chain FROM cursor WHERE stream = ? AND log_id = ?");
  if (!select) return std::move(select).error();
  auto row = select->bind(1, column_value(stream)).bind(2, signed_of(log_id)).step();
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

Status Outbox::freeze(const Batch& batch, const Hash256& chain_after, Micros now) {
  const Bytes body = encode_batch(batch);
  const Hash256 hash = sha256(body);
  auto transaction = Transaction::begin(database_);
  if (!transaction) return std::move(transaction).error();
  auto insert = database_.prepare(
      "INSERT INTO batch(stream, log_id, first, last, sha256, body, process, frozen_us) VALUES(?, "
      "?, ?, ?, ?, ?, ?, ?)");
  if (!insert) return std::move(insert).error();
  const BatchKey& key = batch.key;
  insert->bind(1, column_value(key.stream))
      .bind(2, signed_of(key.log_id))
      .bind(3, signed_of(key.first));
  insert->bind(4, signed_of(key.last)).bind(5, ByteView(hash)).bind(6, ByteView(body));
  insert->bind(7, signed_of(process_)).bind(8, now);
  if (auto done = insert->run(); !done) return done;
  auto move = database_.prepare(
      "INSERT INTO cursor(stream, log_id, last, chain) VALUES(?, ?, ?, ?)"
      " ON CONFLICT DO UPDATE SET last = excluded.last, chain = excluded.chain");
  if (!move) return std::move(move).error();
  move->bind(1, column_value(key.stream))
      .bind(2, signed_of(key.log_id))
      .bind(3, signed_of(key.last));
  if (auto done = move->bind(4, ByteView(chain_after)).run(); !done) return done;
  // Our own rows are in the batch now; AUTOINCREMENT remembers how far they counted.
  if (key.stream == Stream::event || key.stream == Stream::health) {
    auto clear =
        database_.prepare(std::string("DELETE FROM ") +
                          (key.stream == Stream::event ? "event" : "health") + " WHERE seq <= ?");
    if (!clear) return std::move(clear).error();
    if (auto done = clear->bind(1, signed_of(key.last)).run(); !done) return done;
  }
  return transaction->commit();
}

Status Outbox::end_log(Stream stream, const LogCursor& cursor) {
  auto transaction = Transaction::begin(database_);
  if (!transaction) return std::move(transaction).error();
  auto end = database_.prepare(
      "INSERT INTO cursor(stream, log_id, last, chain, ended) VALUES(?, ?, ?, ?, 1) ON CONFLICT DO "
      "UPDATE SET ended = 1");
  if (!end) return std::move(end).error();
  end->bind(1, column_value(stream))
      .bind(2, signed_of(cursor.log_id))
      .bind(3, signed_of(cursor.last));
  if (auto done = end->bind(4, ByteView(cursor.chain)).run(); !done) return done;
  EventRow row{0, LogEnd{stream, cursor.log_id, cursor.last}};
  if (auto done = insert_event(row); !done) return done;
  return transaction->commit();
}

Result<std::vector<FrozenBatch>> Outbox::unacked(Micros live_since, std::size_t limit) {
  auto select = database_.prepare(
      "SELECT id, stream, log_id, first, last, length(body), process = ? AND frozen_us >= ? AS "
      "live FROM batch"
      " WHERE state = 0 ORDER BY live DESC, id LIMIT ?");
  if (!select) return std::move(select).error();
  select->bind(1, signed_of(process_))
      .bind(2, live_since)
      .bind(3, static_cast<std::int64_t>(limit));
  std::vector<FrozenBatch> batches;
  for (;;) {
    auto row = select->step();
    if (!row) return std::move(row).error();
    if (!*row) return batches;
    FrozenBatch& batch = batches.emplace_back();
    batch.id = select->integer(0);
    set_column(batch.key.stream, select->integer(1));
    set_column(batch.key.log_id, select->integer(2));
    set_column(batch.key.first, select->integer(3));
    set_column(batch.key.last, select->integer(4));
    set_column(batch.size, select->integer(5));
    batch.live = select->integer(6) != 0;
  }
}

Result<Bytes> Outbox::body(std::int64_t id) {
  auto select = database_.prepare("SELECT body FROM batch WHERE id = ?");
  if (!select) return std::move(select).error();
  auto row = select->bind(1, id).step();
  if (!row) return std::move(row).error();
  if (!*row) return fail(ErrorCode::not_found, "outbox.db has no batch " + std::to_string(id));
  Bytes body = select->blob(0);
  select->reset();
  return body;
}

Result<AckResult> Outbox::acknowledge(const BatchAck& ack, Micros utc_us) {
  auto select = database_.prepare(
      "SELECT id, sha256, state FROM batch WHERE stream = ? AND log_id = ? AND first = ? AND last "
      "= ?");
  if (!select) return std::move(select).error();
  select->bind(1, column_value(ack.key.stream)).bind(2, signed_of(ack.key.log_id));
  auto row = select->bind(3, signed_of(ack.key.first)).bind(4, signed_of(ack.key.last)).step();
  if (!row) return std::move(row).error();
  if (!*row) return AckResult{Outcome::unknown, 0};
  const std::int64_t id = select->integer(0);
  const Bytes hash = select->blob(1);
  const bool waiting = select->integer(2) == kWaiting;
  select->reset();
  if (hash.size() != 32 || static_cast<std::uint64_t>(read_le64(hash.data())) != ack.hash_prefix) {
    return AckResult{Outcome::mismatch, id};
  }
  if (!waiting) return AckResult{Outcome::repeated, id};
  auto update = database_.prepare("UPDATE batch SET state = ?, acked_utc_us = ? WHERE id = ?");
  if (!update) return std::move(update).error();
  update->bind(1, ack.status == AckStatus::stored ? kStored : kQuarantined)
      .bind(2, utc_us)
      .bind(3, id);
  if (auto done = update->run(); !done) return std::move(done).error();
  return AckResult{Outcome::done, id};
}

Status Outbox::forget(Micros utc_us) {
  auto clear = database_.prepare("DELETE FROM batch WHERE state <> 0 AND acked_utc_us < ?");
  if (!clear) return std::move(clear).error();
  return clear->bind(1, utc_us).run();
}

Result<Outbox::Load> Outbox::unacked_load() {
  auto select = database_.prepare(
      "SELECT COUNT(*), COALESCE(SUM(length(body)), 0) FROM batch WHERE state = 0");
  if (!select) return std::move(select).error();
  auto row = select->step();
  if (!row) return std::move(row).error();
  const Load load{select->integer(0), select->integer(1)};
  select->reset();
  return load;
}

Result<std::vector<Outbox::Waiting>> Outbox::waiting(Micros now) {
  if (!first_look_) first_look_ = now;
  std::vector<Waiting> loads;
  for (std::size_t i = 0; i < kStreams; ++i) loads.push_back({static_cast<Stream>(i), 0, 0, 0, 0});
  auto select = database_.prepare(
      "SELECT stream, COUNT(*), SUM(last - first + 1), SUM(length(body)),"
      " MIN(CASE WHEN process = ? THEN frozen_us ELSE ? END) FROM batch WHERE state = 0 GROUP BY "
      "stream");
  if (!select) return std::move(select).error();
  select->bind(1, signed_of(process_)).bind(2, *first_look_);
  for (;;) {
    auto row = select->step();
    if (!row) return std::move(row).error();
    if (!*row) return loads;
    const auto stream = static_cast<std::size_t>(select->integer(0));
    if (stream >= loads.size()) continue;
    loads[stream] = {static_cast<Stream>(stream), select->integer(1), select->integer(2),
                     select->integer(3), std::max<Micros>(0, now - select->integer(4))};
  }
}

Status Outbox::add_fix(const TimeFix& fix) {
  auto transaction = Transaction::begin(database_);
  if (!transaction) return std::move(transaction).error();
  auto insert = database_.prepare(
      "INSERT INTO fix(boot_high, boot_low, boottime_us, utc_us, error_us, source) VALUES(?, ?, ?, "
      "?, ?, ?)");
  if (!insert) return std::move(insert).error();
  insert->bind(1, fix.boot.high).bind(2, fix.boot.low).bind(3, fix.boottime_us).bind(4, fix.utc_us);
  if (auto done = insert->bind(5, fix.error_us).bind(6, column_value(fix.source)).run(); !done)
    return done;
  // A fix every ten minutes: the newest thousand are a week of them.
  if (auto done =
          database_.execute("DELETE FROM fix WHERE rowid <= (SELECT MAX(rowid) - 1000 FROM fix)");
      !done) {
    return done;
  }
  EventRow row{0, fix};
  if (auto done = insert_event(row); !done) return done;
  return transaction->commit();
}

Status Outbox::drop_fixes(BootId boot) {
  auto clear = database_.prepare("DELETE FROM fix WHERE boot_high = ? AND boot_low = ?");
  if (!clear) return std::move(clear).error();
  return clear->bind(1, boot.high).bind(2, boot.low).run();
}

Result<std::optional<TimeFix>> Outbox::best_fix(BootId boot) {
  auto select = database_.prepare(
      "SELECT boottime_us, utc_us, error_us, source FROM fix WHERE boot_high = ? AND boot_low = ?"
      " ORDER BY error_us, boottime_us DESC LIMIT 1");
  if (!select) return std::move(select).error();
  auto row = select->bind(1, boot.high).bind(2, boot.low).step();
  if (!row) return std::move(row).error();
  if (!*row) return std::optional<TimeFix>();
  TimeFix fix{boot, select->integer(0), select->integer(1), select->integer(2), TimeSource::none};
  set_column(fix.source, select->integer(3));
  select->reset();
  return std::optional<TimeFix>(fix);
}

Status Outbox::save_document(const DocumentHeader& header, const StoredDocument& document) {
  auto insert = database_.prepare(
      "INSERT INTO document(kind, audience, version, jws, state, error) VALUES(?, ?, ?, ?, ?, ?)"
      " ON CONFLICT DO UPDATE SET jws = excluded.jws, state = excluded.state, error = "
      "excluded.error");
  if (!insert) return std::move(insert).error();
  insert->bind(1, column_value(header.kind))
      .bind(2, header.audience.text())
      .bind(3, signed_of(header.version));
  return insert->bind(4, document.jws)
      .bind(5, column_value(document.state))
      .bind(6, document.error)
      .run();
}

Status Outbox::drop_document(const DocumentHeader& header) {
  auto clear =
      database_.prepare("DELETE FROM document WHERE kind = ? AND audience = ? AND version = ?");
  if (!clear) return std::move(clear).error();
  clear->bind(1, column_value(header.kind)).bind(2, header.audience.text());
  return clear->bind(3, signed_of(header.version)).run();
}

Result<std::vector<StoredDocument>> Outbox::documents() {
  auto select =
      database_.prepare("SELECT jws, state, error FROM document ORDER BY kind, audience, version");
  if (!select) return std::move(select).error();
  std::vector<StoredDocument> documents;
  for (;;) {
    auto row = select->step();
    if (!row) return std::move(row).error();
    if (!*row) return documents;
    StoredDocument& document = documents.emplace_back();
    document.jws = select->text(0);
    set_column(document.state, select->integer(1));
    document.error = select->text(2);
  }
}

}  // namespace vitrine
