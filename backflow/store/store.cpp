#include "backflow/store.hpp"

#include "platform/log.hpp"
#include "protocol/wire.hpp"
#include "store/rows.hpp"

namespace vitrine {

Store::Store(Database database, fs::path spool_directory)
    : database_(std::move(database)), spool_directory_(std::move(spool_directory)) {}

Result<Store> Store::open(const fs::path& database, const fs::path& spool_directory) {
  // Normal is enough: a power cut may take the last transactions, position and rows together, and
  // they are loaded again.
  auto opened = Database::open_owner(database, Database::Durability::normal);
  if (!opened) return std::move(opened).error();
  Store store(*std::move(opened), spool_directory);
  if (auto made = store::create_tables(store.database_); !made) return std::move(made).error();
  auto row = store.database_.prepare("SELECT segment, offset FROM position");
  if (!row) return std::move(row).error();
  auto found = row->step();
  if (!found) return std::move(found).error();
  store.position_ = {static_cast<std::uint64_t>(row->integer(0)),
                     static_cast<std::uint64_t>(row->integer(1))};
  return store;
}

Result<std::size_t> Store::load(std::size_t most, SpoolPosition until) {
  if (position_ >= until) return std::size_t{0};
  SpoolReader reader(spool_directory_, position_);
  auto entry = reader.next();
  if (!entry) return std::move(entry).error();
  if (!*entry) return std::size_t{0};
  auto transaction = Transaction::begin(database_);
  if (!transaction) return std::move(transaction).error();
  std::size_t count = 0;
  while (*entry) {
    if (auto loaded = load_record(**entry); !loaded) return std::move(loaded).error();
    if (++count == most || reader.position() >= until) break;
    entry = reader.next();
    if (!entry) return std::move(entry).error();
  }
  const SpoolPosition next = reader.position();
  auto save = database_.prepare("UPDATE position SET segment = ?, offset = ?");
  if (!save) return std::move(save).error();
  save->bind(1, static_cast<std::int64_t>(next.segment))
      .bind(2, static_cast<std::int64_t>(next.offset));
  if (auto saved = save->run(); !saved) return std::move(saved).error();
  if (auto done = transaction->commit(); !done) return std::move(done).error();
  position_ = next;
  return count;
}

Status Store::load_record(const SpoolEntry& entry) {
  const store::Source source{entry.record.device, entry.at};
  auto batch = decode_batch(entry.record.payload);
  if (!batch) {
    // It was decoded before it was spooled, so this is an older format or a defect: noted, and the
    // rest goes on.
    log_error("spool record {}:{} of {}: {}; noted as unreadable", entry.at.segment,
              entry.at.offset, entry.record.device, batch.error().message);
    return store::insert_unreadable(database_, source, batch.error().message);
  }
  if (auto done = store::insert_batch(database_, source, entry.record, *batch); !done) return done;
  return store::insert_rows(database_, source, *batch);
}

}  // namespace vitrine
