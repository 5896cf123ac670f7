// The one rule of what goes when outbox.db is full. Acknowledged batches first, oldest first: they
// are kept only for `resend`. Then the oldest unacknowledged batch of the lowest class that has
// one: health, flow, exposure, play; its DropNotice stands in the same transaction. Events come
// last, and a batch of them that holds a DropNotice or a LogEnd never goes.
#include <algorithm>
#include <array>

#include "outbox.hpp"
#include "platform/log.hpp"
#include "protocol/chain.hpp"
#include "protocol/column.hpp"
#include "protocol/wire.hpp"

namespace vitrine {
namespace {

constexpr std::array<Stream, 5> kClasses = {Stream::health, Stream::flow, Stream::exposure,
                                            Stream::play, Stream::event};
constexpr const char* kNoRoom = "no room";
// What one insertion touches beside the row itself: a split in the table and in each index.
constexpr std::int64_t kOverheadBytes = 16 * 4096;
// How many events back a notice may grow; older ones are about to be frozen.
constexpr std::int64_t kLookBack = 50;

bool is_declaration(const EventRow& row) {
  return std::holds_alternative<DropNotice>(row.body) || std::holds_alternative<LogEnd>(row.body);
}

Hash256 chain_after(const Batch& batch) {
  Hash256 chain = batch.chain_before;
  if (const auto* plays = std::get_if<std::vector<PlayRow>>(&batch.rows)) {
    for (const PlayRow& row : *plays) chain = chain_next(chain, row);
  }
  return chain;
}

}  // namespace

std::int64_t Outbox::most_database_bytes() const {
  return options_.most_bytes - options_.most_bytes / 16;
}

Result<std::int64_t> Outbox::used_bytes() {
  return bytes_used(database_);
}

Status Outbox::make_room(std::size_t need, std::uint64_t merge_above, std::size_t rows) {
  const std::int64_t most = most_database_bytes() -
                            kOverheadBytes * static_cast<std::int64_t>(rows) -
                            2 * static_cast<std::int64_t>(need);
  for (;;) {
    auto used = used_bytes();
    if (!used) return std::move(used).error();
    if (*used <= most) return ok();
    auto dropped = drop_acknowledged();
    if (!dropped) return std::move(dropped).error();
    for (std::size_t i = 0; i < kClasses.size() && !*dropped; ++i) {
      dropped = drop_oldest(kClasses[i], merge_above);
      if (!dropped) return std::move(dropped).error();
    }
    if (!*dropped) {
      return fail(ErrorCode::exhausted, place_.file.string() + " is full at " +
                                            std::to_string(*used) +
                                            " bytes and nothing in it may be dropped");
    }
  }
}

Result<bool> Outbox::drop_acknowledged() {
  if (auto done = database_.execute(
          "DELETE FROM batch WHERE id = (SELECT MIN(id) FROM batch WHERE state <> 0)");
      !done) {
    return std::move(done).error();
  }
  return database_.changes() > 0;
}

Result<bool> Outbox::drop_oldest(Stream stream, std::uint64_t merge_above) {
  auto select =
      database_.prepare("SELECT id, body FROM batch WHERE state = 0 AND stream = ? ORDER BY id");
  if (!select) return std::move(select).error();
  select->bind(1, column_value(stream));
  for (;;) {
    auto row = select->step();
    if (!row) return std::move(row).error();
    if (!*row) return false;
    const std::int64_t id = select->integer(0);
    auto batch = decode_batch(select->blob(1));
    if (!batch) {
      damaged_ = true;
      return fail(ErrorCode::corrupt, place_.file.string() + ": batch " + std::to_string(id) +
                                          ": " + batch.error().message);
    }
    if (const auto* events = std::get_if<std::vector<EventRow>>(&batch->rows)) {
      if (std::any_of(events->begin(), events->end(), is_declaration)) continue;
    }
    select->reset();
    const BatchKey& key = batch->key;
    auto transaction = Transaction::begin(database_);
    if (!transaction) return std::move(transaction).error();
    auto clear = database_.prepare("DELETE FROM batch WHERE id = ?");
    if (!clear) return std::move(clear).error();
    if (auto done = clear->bind(1, id).run(); !done) return std::move(done).error();
    const DropNotice drop{stream, key.log_id, key.first, key.last, chain_after(*batch), kNoRoom};
    if (auto done = declare(drop, merge_above); !done) return std::move(done).error();
    if (auto done = transaction->commit(); !done) return std::move(done).error();
    dropped_rows_[static_cast<std::size_t>(stream)] +=
        static_cast<std::int64_t>(key.last - key.first + 1);
    return true;
  }
}

Status Outbox::declare(const DropNotice& drop, std::uint64_t merge_above) {
  auto recent =
      database_.prepare("SELECT seq, body FROM event WHERE seq > ? ORDER BY seq DESC LIMIT ?");
  if (!recent) return std::move(recent).error();
  recent->bind(1, column_value(merge_above)).bind(2, kLookBack);
  for (;;) {
    auto found = recent->step();
    if (!found) return std::move(found).error();
    if (!*found) break;
    auto row = decode_event(recent->blob(1));
    if (!row) continue;  // said where it is read to be frozen
    auto* before = std::get_if<DropNotice>(&row->body);
    if (before == nullptr || before->stream != drop.stream || before->log_id != drop.log_id ||
        before->reason != drop.reason || before->last + 1 != drop.first) {
      continue;
    }
    const std::int64_t seq = recent->integer(0);
    row->seq = static_cast<std::uint64_t>(seq);
    before->last = drop.last;
    before->chain_after = drop.chain_after;
    recent->reset();
    auto grow = database_.prepare("UPDATE event SET body = ? WHERE seq = ?");
    if (!grow) return std::move(grow).error();
    return grow->bind(1, ByteView(encode_event(*row))).bind(2, seq).run();
  }
  log_warn("{} rows from {} of log {:016x} will not be sent and are declared so: {}",
           name_of(drop.stream), drop.first, drop.log_id, drop.reason);
  EventRow row{0, drop};
  return insert_event(row);
}

}  // namespace vitrine
