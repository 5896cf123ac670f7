// What becomes of frozen batches: sent, acknowledged, due again, forgotten.
#include <algorithm>

#include "outbox.hpp"
#include "platform/crypto.hpp"
#include "protocol/column.hpp"

namespace vitrine {
namespace {

// state of a batch
constexpr std::int64_t kWaiting = 0, kStored = 1, kQuarantined = 2;
// A month's worth at once would make the WAL as long as the file.
constexpr std::int64_t kForgetAtOnce = 200;

constexpr const char* kColumns = "SELECT id, stream, log_id, first, last, length(body) FROM batch ";
// The text of the index batch_live, so that SQLite takes it.
constexpr const char* kLive = "last - first < 20 AND process = ? AND frozen_us >= ?";

using Outcome = AckResult::Outcome;

Status read_batches(Statement& select, bool live, std::vector<FrozenBatch>& into) {
  for (;;) {
    auto row = select.step();
    if (!row) return std::move(row).error();
    if (!*row) return ok();
    FrozenBatch& batch = into.emplace_back();
    batch.id = select.integer(0);
    set_column(batch.key.stream, select.integer(1));
    set_column(batch.key.log_id, select.integer(2));
    set_column(batch.key.first, select.integer(3));
    set_column(batch.key.last, select.integer(4));
    set_column(batch.size, select.integer(5));
    batch.live = live;
  }
}

}  // namespace

Result<std::vector<FrozenBatch>> Outbox::unacked(Micros live_since, std::size_t limit) {
  std::vector<FrozenBatch> batches;
  for (const bool live : {true, false}) {
    const std::string which = std::string(live ? "" : "NOT (") + kLive + (live ? "" : ")");
    auto select =
        database_.prepare(std::string(kColumns) + "WHERE state = 0 AND " + which +
                          (live ? " ORDER BY frozen_us, id" : " ORDER BY id") + " LIMIT ?");
    if (!select) return std::move(select).error();
    select->bind(1, column_value(process_)).bind(2, live_since);
    select->bind(3, static_cast<std::int64_t>(limit - std::min(limit, batches.size())));
    if (auto read = read_batches(*select, live, batches); !read) return std::move(read).error();
  }
  return batches;
}

Result<Bytes> Outbox::body(std::int64_t id) {
  auto select = database_.prepare("SELECT body, sha256 FROM batch WHERE id = ?");
  if (!select) return std::move(select).error();
  auto row = select->bind(1, id).step();
  if (!row) return std::move(row).error();
  if (!*row) return fail(ErrorCode::not_found, "outbox.db has no batch " + std::to_string(id));
  Bytes body = select->blob(0);
  const Bytes frozen = select->blob(1);
  select->reset();
  const Hash256 hash = sha256(body);
  if (!std::equal(frozen.begin(), frozen.end(), hash.begin(), hash.end())) {
    damaged_ = true;
    return fail(ErrorCode::corrupt,
                place_.file.string() + ": batch " + std::to_string(id) + " is not what was frozen");
  }
  return body;
}

Result<AckResult> Outbox::acknowledge(const BatchAck& ack, Micros utc_us) {
  auto select = database_.prepare(
      "SELECT id, sha256, state FROM batch WHERE stream = ? AND log_id = ? AND first = ? AND last "
      "= ?");
  if (!select) return std::move(select).error();
  select->bind(1, column_value(ack.key.stream)).bind(2, column_value(ack.key.log_id));
  auto row =
      select->bind(3, column_value(ack.key.first)).bind(4, column_value(ack.key.last)).step();
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

Result<std::vector<SeqRange>> Outbox::make_due(Stream stream, LogId log_id, SeqRange range) {
  auto known = cursor(stream, log_id);
  if (!known) return std::move(known).error();
  if (!*known) {
    return fail(ErrorCode::not_found,
                "nothing of this " + std::string(name_of(stream)) + " log was ever frozen here");
  }
  std::vector<SeqRange> missing;
  range.first = std::max<std::uint64_t>(range.first, 1);
  range.last = std::min(range.last, (*known)->last);  // what comes later is on its way anyway
  if (range.first > range.last) return missing;
  constexpr const char* kOverlap = "stream = ? AND log_id = ? AND last >= ? AND first <= ?";
  const auto bind = [&](Statement& statement) {
    statement.bind(1, column_value(stream)).bind(2, column_value(log_id));
    statement.bind(3, column_value(range.first)).bind(4, column_value(range.last));
  };
  auto transaction = Transaction::begin(database_);
  if (!transaction) return std::move(transaction).error();
  auto select = database_.prepare(std::string("SELECT first, last FROM batch WHERE ") + kOverlap +
                                  " ORDER BY first");
  if (!select) return std::move(select).error();
  bind(*select);
  std::uint64_t next = range.first;
  for (;;) {
    auto row = select->step();
    if (!row) return std::move(row).error();
    if (!*row) break;
    const auto first = static_cast<std::uint64_t>(select->integer(0));
    if (first > next) missing.push_back({next, first - 1});
    next = std::max(next, static_cast<std::uint64_t>(select->integer(1)) + 1);
  }
  if (next <= range.last) missing.push_back({next, range.last});
  auto update = database_.prepare(
      std::string("UPDATE batch SET state = 0, acked_utc_us = NULL WHERE state <> 0 AND ") +
      kOverlap);
  if (!update) return std::move(update).error();
  bind(*update);
  if (auto done = update->run(); !done) return std::move(done).error();
  if (auto done = transaction->commit(); !done) return std::move(done).error();
  return missing;
}

Status Outbox::forget(Micros utc_us) {
  auto clear = database_.prepare(
      "DELETE FROM batch WHERE id IN (SELECT id FROM batch WHERE state <> 0 AND acked_utc_us < ? "
      "ORDER BY id LIMIT ?)");
  if (!clear) return std::move(clear).error();
  do {
    if (auto done = clear->bind(1, utc_us).bind(2, kForgetAtOnce).run(); !done) return done;
  } while (database_.changes() > 0);
  return ok();
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
  select->bind(1, column_value(process_)).bind(2, *first_look_);
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

}  // namespace vitrine
