// The link and the clock, without a network.
#include "link.hpp"

#include "kit.hpp"
#include "time_keeper.hpp"

using namespace vitrine;
using namespace vitrine::testing;

namespace {

LinkOptions options_of(const Kit& kit) {
  LinkOptions options{.screen = kScreen, .groups = kit.identity.groups, .software = "1"};
  options.jitter = [](int attempt, Micros base, Micros cap) {
    return std::min(cap, base << attempt);
  };
  return options;
}

}  // namespace

TEST_CASE("without a broker the link tries again and again, later and later up to its cap") {
  Kit kit;
  FakeTransport transport;
  transport.up = false;
  Link link(transport, kit.clock, options_of(kit));
  std::vector<Micros> waits;
  link.tick();
  for (int i = 0; i < 6; ++i) {
    transport.handlers.disconnected("refused");
    const Micros lost = kit.clock.boottime();
    const int before = transport.attempts;
    for (link.tick(); transport.attempts == before; link.tick()) {
      kit.clock.advance(100 * kMillisecond);
    }
    waits.push_back(kit.clock.boottime() - lost);
  }
  CHECK(waits ==
        std::vector<Micros>{500'000, 1'000'000, 2'000'000, 4'000'000, 5'000'000, 5'000'000});
}

TEST_CASE(
    "every connection brings a birth with a fresh nonce, a will that names it, and all "
    "subscriptions") {
  Kit kit;
  FakeTransport transport;
  transport.up = false;
  Link link(transport, kit.clock, options_of(kit));
  int told = 0;
  link.on_connected([&] { ++told; });
  std::vector<std::uint64_t> nonces;
  for (int i = 0; i < 2; ++i) {
    transport.filters.clear();
    kit.clock.advance(kMinute);
    link.tick();
    transport.up = true;
    transport.handlers.connected();
    auto birth = read_connection(as_text(transport.sent.back().payload));
    auto will = read_connection(as_text(transport.will.payload));
    REQUIRE(birth.ok());
    REQUIRE(will.ok());
    CHECK(transport.sent.back().topic == DeviceTopics(kScreen).connection());
    CHECK(transport.sent.back().retain);
    CHECK(birth->online);
    CHECK_FALSE(will->online);
    CHECK(will->link_nonce == birth->link_nonce);
    CHECK(birth->boot == kit.clock.boot_id());
    CHECK(transport.filters.size() == 5);  // acks, its own documents, two groups
    nonces.push_back(birth->link_nonce);
    transport.up = false;
    transport.handlers.disconnected("gone");
  }
  CHECK(nonces[0] != nonces[1]);
  CHECK(told == 2);
}

TEST_CASE("a clean end says offline itself") {
  Kit kit;
  FakeTransport transport;
  Link link(transport, kit.clock, options_of(kit));
  link.leave();
  CHECK_FALSE(transport.up);
  CHECK_FALSE(read_connection(as_text(transport.sent.back().payload))->online);
}

TEST_CASE(
    "the clock is trusted when the kernel says so, held when merely plausible, none before the "
    "build") {
  Kit kit;
  auto outbox = Outbox::open(kit.paths.outbox());
  REQUIRE(outbox.ok());
  KernelTimeState kernel{true, 2 * kMillisecond};
  TimeKeeper keeper(kit.paths, *outbox, kit.clock, kit.clock.realtime() - kDay,
                    [&] { return Result<KernelTimeState>(kernel); });
  const auto fixes = [&] { return outbox->events_after(0, 100)->size(); };
  keeper.tick();
  CHECK(read_clock_state(kit.paths)->trust == ClockTrust::trusted);
  CHECK(read_clock_state(kit.paths)->source == "ntp");
  CHECK(read_clock_state(kit.paths)->error_us == 2 * kMillisecond);
  CHECK(fixes() == 1);
  kit.clock.advance(10 * kMinute - 1);
  keeper.tick();
  CHECK(fixes() == 1);
  kit.clock.advance(1);
  keeper.tick();
  CHECK(fixes() == 2);

  kernel.synchronised = false;
  keeper.tick();
  const auto held = read_clock_state(kit.paths);
  CHECK(held->trust == ClockTrust::held);
  CHECK(held->source == "none");
  CHECK(held->error_us == kHeldError);
  CHECK(fixes() == 3);
  CHECK(outbox->best_fix(kit.clock.boot_id())->value().source == TimeSource::ntp);

  kit.clock.step_wall_clock(kHour);
  keeper.tick();
  CHECK(fixes() == 4);

  kit.clock.step_wall_clock(-400 * kDay);
  keeper.tick();
  CHECK(read_clock_state(kit.paths)->trust == ClockTrust::none);
  CHECK(keeper.utc_s() == kNoClock);
  CHECK(fixes() == 4);
}
