// The outbox's other records: time fixes, and the documents that came down.
#include "outbox.hpp"
#include "protocol/column.hpp"

namespace vitrine {

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
      .bind(3, column_value(header.version));
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
  return clear->bind(3, column_value(header.version)).run();
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
