// Whatever happens in whatever order: produced = stored + declared, each seq once.
#include <set>

#include "backend.hpp"
#include "random.hpp"
#include "sanitized.hpp"

using namespace vitrine;
using namespace vitrine::testing;

namespace {

// A screen to which things happen, and the books it has to agree with.
struct Life {
  explicit Life(std::uint64_t seed) : random(seed), bench(OutboxOptions{300'000}), backend(bench) {
    courier.emplace(bench.courier());
    auto opened = ExposureLog::open(bench.paths.exposure_log());
    REQUIRE(opened.ok());
    exposure.emplace(std::move(*opened));
  }

  void rows() {
    const std::uint32_t many = random.one_in(6) ? 250 : 30;
    bench.play(static_cast<int>(1 + random.below(many)));
    std::vector<ExposureRow> measured;
    for (std::uint32_t i = random.below(30); i > 0; --i) {
      ++exposures;
      measured.push_back(ExposureRow{.play_log_id = 1, .play_seq = exposures});
    }
    REQUIRE(exposure->append(measured).ok());
    for (std::uint32_t i = random.below(10); i > 0; --i) {
      REQUIRE(bench.outbox.add_health({health_row(1 + random.below(2000))}).ok());
    }
  }
  void kill() {
    bench.transport.sent.clear();
    courier.reset();
    bench.outbox = bench.open_outbox();
    bench.freezer.restart();  // a new process has read nothing yet
    courier.emplace(bench.courier());
  }
  void prune() {
    const auto last = static_cast<std::uint32_t>(bench.log.last_seq());
    if (last > 100) bench.prune("seq <= " + std::to_string(last - 100 + random.below(50)));
  }
  void lose() {
    for (const auto& sent : bench.transport.sent) {
      if (!random.one_in(3)) backend.take(sent);
    }
    bench.transport.sent.clear();
    for (const Bytes& ack : backend.commit()) {
      if (!random.one_in(3)) courier->receive_ack(ack, bench.trust);
    }
    bench.clock.advance(kMinute);
  }
  void damage() {
    ended.insert(bench.outbox.event_log_id());
    ended.insert(bench.outbox.health_log_id());
    REQUIRE(bench.outbox.replace().ok());
    bench.freezer.restart();
    courier->link_up();
  }
  void resend() {
    const std::uint64_t first =
        1 + random.below(static_cast<std::uint32_t>(bench.log.last_seq()) + 1);
    const auto done =
        bench.freezer.resend(Stream::play, bench.log.log_id(), {first, first + random.below(60)});
    if (!done) CHECK(done.error().code == ErrorCode::not_found);
  }
  void settle() {
    for (int i = 0; i < 200 && !(i > 3 && bench.waiting().empty()); ++i) {
      bench.freezer.close();
      bench.clock.advance(10 * kMinute);
      courier->tick(kPeriod);
      backend.take_all(*courier);
    }
    CHECK(bench.waiting().empty());
  }
  void check_log(Stream stream, const std::string& table, LogId log, std::uint64_t last) {
    const auto stored = backend.stored(table, log);
    const auto declared = backend.declared(stream, log);
    std::uint64_t missing = 0;
    for (std::uint64_t seq = 1; seq <= last; ++seq) {
      if (!stored.contains(seq) && !declared.contains(seq)) ++missing;
    }
    INFO(table, ": produced ", last, ", stored ", stored.size(), ", declared ", declared.size());
    CHECK(missing == 0);
    CHECK((stored.empty() || *stored.rbegin() <= last));
    CHECK((declared.empty() || *declared.rbegin() <= last));
    declared_rows += declared.size();
  }

  Random random;
  Bench bench;
  Backend backend;
  std::optional<Courier> courier;
  std::optional<ExposureLog> exposure;
  std::uint64_t exposures = 0;
  std::uint64_t declared_rows = 0;
  std::set<LogId> ended;
};

}  // namespace

TEST_CASE(
    "rows, losses, kills, drops, prunes and damage in any order: every row is stored or "
    "declared") {
  std::uint64_t declared = 0, stored = 0;
  for (std::uint64_t seed = 1; seed <= (kSanitized ? 3 : 6); ++seed) {
    CAPTURE(seed);
    Life life(seed);
    for (int step = 0; step < 60; ++step) {
      switch (life.random.below(12)) {
        case 0:
        case 1:
        case 2:
          life.rows();
          break;
        case 3:
        case 4:
          life.bench.freezer.tick(0);
          break;
        case 5:
        case 6:
          life.courier->tick(kPeriod);
          break;
        case 7:
        case 8:
          life.lose();
          break;
        case 9:
          life.kill();
          break;
        case 10:
          life.random.one_in(2) ? life.prune() : life.resend();
          break;
        case 11:
          if (life.random.one_in(4)) life.damage();
          break;
      }
      REQUIRE_FALSE(life.bench.outbox.damaged());
    }
    life.settle();
    life.check_log(Stream::play, "play", life.bench.log.log_id(), life.bench.log.last_seq());
    auto reader = ExposureLogReader::open(life.bench.paths.exposure_log());
    life.check_log(Stream::exposure, "exposure", *reader->exposure_log_id(), life.exposures);
    if (life.ended.empty()) {
      const LogId health = life.bench.outbox.health_log_id();
      const auto last = life.bench.outbox.cursor(Stream::health, health);
      if (*last) life.check_log(Stream::health, "health", health, (**last).last);
    }
    life.backend.check_clean();
    declared += life.declared_rows;
    stored += static_cast<std::uint64_t>(life.backend.ask("SELECT COUNT(*) FROM play"));
  }
  // Both ways out were taken, or the test shows nothing.
  CHECK(declared > 100);
  CHECK(stored > 1000);
}
