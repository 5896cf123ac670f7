// A damaged outbox.db: set aside, and a new one begun in its place. The rows of plays, exposure and
// flow still stand in their own logs and are frozen again from there, in batches of other limits
// and with other time fixes; the backend knows rows by their seq and takes each once. Only the
// event and health logs end: what of them was not acknowledged is their unknown tail.
#include "outbox.hpp"
#include "platform/log.hpp"
#include "protocol/column.hpp"
#include "state/log_file.hpp"

namespace vitrine {

Status Outbox::replace() {
  damaged_ = true;  // until the new file stands
  { const Database closed = std::move(database_); }
  auto aside = set_log_aside(place_, "it is damaged");
  if (!aside) return std::move(aside).error();
  auto fresh = open(place_, options_);
  if (!fresh) return std::move(fresh).error();
  *this = std::move(*fresh);
  take_over(*aside);
  return ok();
}

// As far as it can still be read; nothing that follows from it may be wrong, only absent.
void Outbox::take_over(const fs::path& aside) {
  set_aside_ = aside;
  auto old = Database::open_reader(aside);
  const auto ended = [&](const char* column, const char* table, Stream stream) {
    using Number = Result<std::optional<std::int64_t>>;
    const auto ask = [&](const std::string& sql) -> Number {
      return old ? old->scalar(sql) : Number(old.error());
    };
    const auto id = ask(std::string("SELECT ") + column + " FROM meta");
    const auto last =
        ask(std::string("SELECT seq FROM sqlite_sequence WHERE name = '") + table + "'");
    if (!id || !*id || !last) {
      return log_warn("the {} log in {} cannot be read: its end is not declared", name_of(stream),
                      aside.string());
    }
    const auto seen = static_cast<std::uint64_t>(last->value_or(0));
    if (auto done = end_log(stream, {static_cast<LogId>(**id), seen, {}}); !done)
      log_warn("cannot declare the end of the {} log: {}", name_of(stream), done.error().message);
  };
  ended("event_log_id", "event", Stream::event);
  ended("health_log_id", "health", Stream::health);
  if (!old) return;
  if (auto select =
          old->prepare("SELECT kind, audience, version, jws, state, error FROM document")) {
    for (auto row = select->step(); row && *row; row = select->step()) {
      auto insert = database_.prepare(
          "INSERT OR IGNORE INTO document(kind, audience, version, jws, state, error) VALUES(?, ?, "
          "?, ?, ?, ?)");
      if (!insert) return;
      insert->bind(1, select->integer(0)).bind(2, select->text(1)).bind(3, select->integer(2));
      insert->bind(4, select->text(3)).bind(5, select->integer(4)).bind(6, select->text(5));
      if (!insert->run()) return;
    }
  }
  if (auto select = old->prepare(
          "SELECT boot_high, boot_low, boottime_us, utc_us, error_us, source FROM fix")) {
    for (auto row = select->step(); row && *row; row = select->step()) {
      auto insert = database_.prepare(
          "INSERT INTO fix(boot_high, boot_low, boottime_us, utc_us, error_us, source) VALUES(?, "
          "?, ?, ?, ?, ?)");
      if (!insert) return;
      for (int i = 0; i < 6; ++i) insert->bind(i + 1, select->integer(i));
      if (!insert->run()) return;
    }
  }
}

}  // namespace vitrine
