// A damaged outbox.db costs no row of a log that still stands, and makes none twice.
#include <fstream>

#include "backend.hpp"

using namespace vitrine;
using namespace vitrine::testing;

namespace {

void overwrite(const fs::path& path, std::streamoff at, std::size_t bytes) {
  std::fstream file(path, std::ios::in | std::ios::out | std::ios::binary);
  file.seekp(at);
  const std::string noise(bytes, '\x5a');
  file.write(noise.data(), static_cast<std::streamsize>(noise.size()));
}

void checkpoint(const LogPlace& place) {
  auto database = write_into(place);
  REQUIRE(database.ok());
  auto step = database->prepare("PRAGMA wal_checkpoint(TRUNCATE)");
  REQUIRE(step->step().ok());
}

std::set<std::uint64_t> up_to(std::uint64_t last) {
  std::set<std::uint64_t> all;
  for (std::uint64_t seq = 1; seq <= last; ++seq) all.insert(seq);
  return all;
}

bool said_end_of(Bench& bench, LogId log) {
  for (const auto& row : events_in(bench.outbox)) {
    const auto* end = std::get_if<LogEnd>(&row.body);
    if (end != nullptr && end->log_id == log) return true;
  }
  return false;
}

}  // namespace

TEST_CASE("an outbox that went back to an older state is set aside like any damaged one") {
  Bench bench;
  REQUIRE(bench.outbox.add_event({0, Notice{{}, 1, "early", "an early line"}}).ok());
  const LogPlace place = bench.paths.outbox_log();
  fs::path mark = place.beside;
  mark += "-mark";
  const auto before = read_file(mark);
  REQUIRE(before.ok());
  for (const char* end : {"", "-wal"})
    fs::copy_file(place.file.string() + end, bench.temp / (std::string("earlier") + end));
  REQUIRE(bench.outbox.add_event({0, Notice{{}, 2, "late", "a late line"}}).ok());
  CHECK(*read_file(mark) != *before);
  { const Outbox closing = std::move(bench.outbox); }
  // A WAL that lost its end is whole to SQLite: the rows in there never were.
  for (const char* end : {"", "-wal"})
    fs::rename(bench.temp / (std::string("earlier") + end), place.file.string() + end);
  auto again = Outbox::open(place);
  REQUIRE(again.ok());
  CHECK_FALSE(again->set_aside().empty());
}

TEST_CASE(
    "an outbox found damaged at start is frozen anew from the logs: every row once, no "
    "conflict, whatever part was destroyed") {
  Bench bench;
  Backend backend(bench);
  const LogId log = bench.log.log_id();
  // 65 plays: 40 stored and acknowledged, 20 stored but their ack lost, 5 never sent.
  std::optional<Courier> courier(bench.courier());
  bench.play(40);
  bench.freezer.tick(kPeriod);
  courier->tick(kPeriod);
  backend.take_all(*courier);
  REQUIRE(
      bench.outbox.add_fix({bench.clock.boot_id(), 5, 1'000'005, 60 * kSecond, TimeSource::none})
          .ok());
  REQUIRE(bench.outbox
              .save_document({DocumentKind::settings, kDemo, "operator-1", 3, 1, 0},
                             {"a.b.c", ApplyState::active, ""})
              .ok());
  bench.play(20);
  bench.freezer.tick(kPeriod);
  courier->tick(kPeriod);
  for (const auto& sent : bench.transport.sent) backend.take(sent);
  backend.commit();
  bench.transport.sent.clear();
  bench.play(5);
  bench.freezer.close();
  const LogId old_events = bench.outbox.event_log_id();
  courier.reset();
  const fs::path path = bench.paths.outbox();
  { Outbox closing = std::move(bench.outbox); }
  checkpoint(bench.paths.outbox_log());
  const auto size = static_cast<std::streamoff>(fs::file_size(path));
  bool readable = false;
  SUBCASE("pages torn in the middle") {
    readable = true;
    for (std::streamoff at = 3 * 4096; at < size; at += 3 * 4096) overwrite(path, at, 4096);
  }
  SUBCASE("the header destroyed") {
    overwrite(path, 0, 100);
  }
  SUBCASE("the first page destroyed") {
    overwrite(path, 0, 4096);
  }
  SUBCASE("cut in the middle") {
    readable = true;
    fs::resize_file(path, static_cast<std::uintmax_t>(size / 2 / 4096 * 4096));
  }
  SUBCASE("nothing left") {
    fs::resize_file(path, 0);
  }
  bench.outbox = bench.open_outbox();
  CHECK(bench.outbox.event_log_id() != old_events);
  if (readable) {
    CHECK_FALSE(bench.outbox.set_aside().empty());
    CHECK(fs::exists(bench.outbox.set_aside()));
  }
  Freezer again = bench.open_freezer();
  bench.clock.advance(kHour);
  REQUIRE(
      bench.outbox.add_fix({bench.clock.boot_id(), 6, 2'000'006, kSecond, TimeSource::ntp}).ok());
  again.close();
  Courier fresh = bench.courier();
  for (int i = 0; i < 10; ++i) {
    fresh.tick(kPeriod);
    backend.take_all(fresh);
  }
  CHECK(bench.waiting().empty());
  CHECK(backend.stored("play", log) == up_to(65));
  CHECK(backend.ask("SELECT COUNT(*) FROM play") == 65);
  backend.check_clean();
}

TEST_CASE("damage met while running is said once, and telemetry goes on with a new file") {
  Bench bench;
  Backend backend(bench);
  bench.play(25);
  bench.freezer.close();
  REQUIRE(bench.outbox.add_event({0, Notice{{}, 1, "code", "text"}}).ok());
  bench.freezer.close();
  const LogId old_events = bench.outbox.event_log_id(), old_health = bench.outbox.health_log_id();
  Courier courier = bench.courier();
  courier.tick(kPeriod);
  REQUIRE(bench.transport.sent.size() == 3);
  bench.transport.sent.clear();  // lost
  {
    // A byte that SQLite cannot miss, for it does not look.
    auto other = write_into(bench.paths.outbox_log());
    REQUIRE(other
                ->execute("UPDATE batch SET body = zeroblob(length(body)) WHERE first = 1 AND "
                          "stream = 0")
                .ok());
  }
  bench.clock.advance(kMinute);
  courier.tick(kPeriod);
  REQUIRE(bench.outbox.damaged());
  REQUIRE(bench.outbox.replace().ok());
  bench.freezer.restart();
  courier.link_up();
  CHECK_FALSE(bench.outbox.damaged());
  CHECK(said_end_of(bench, old_events));
  CHECK(said_end_of(bench, old_health));
  bench.freezer.close();
  bench.transport.sent.clear();
  courier.tick(kPeriod);
  backend.take_all(courier);
  CHECK(backend.stored("play", bench.log.log_id()) == up_to(25));
  CHECK(bench.waiting().empty());
  backend.check_clean();
}

TEST_CASE("documents and time fixes are taken over from a damaged outbox as far as they are read") {
  Bench bench;
  REQUIRE(bench.outbox
              .save_document({DocumentKind::settings, kDemo, "operator-1", 3, 1, 0},
                             {"a.b.c", ApplyState::active, ""})
              .ok());
  REQUIRE(bench.outbox.add_fix({bench.clock.boot_id(), 5, 1'000'005, 60 * kSecond, TimeSource::ntp})
              .ok());
  REQUIRE(bench.outbox.replace().ok());
  REQUIRE(bench.outbox.documents()->size() == 1);
  CHECK(bench.outbox.documents()->at(0).jws == "a.b.c");
  REQUIRE(bench.outbox.best_fix(bench.clock.boot_id())->has_value());
  CHECK((*bench.outbox.best_fix(bench.clock.boot_id()))->utc_us == 1'000'005);
}
