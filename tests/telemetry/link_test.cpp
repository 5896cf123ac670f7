// The link, without a network.
#include "link.hpp"

#include "kit.hpp"

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
    CHECK(transport.filters.size() == 5);  // acks, time, its own documents, two groups
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

TEST_CASE("a link that is made anew says good-bye, and tries again at once with another nonce") {
  Kit kit;
  FakeTransport transport;
  transport.up = false;
  Link link(transport, kit.clock, options_of(kit));
  link.tick();
  transport.up = true;
  transport.handlers.connected();
  const auto nonce = link.nonce();
  link.remake("the clock is known");
  CHECK_FALSE(transport.up);
  link.tick();
  CHECK(transport.attempts == 2);
  CHECK(link.nonce() != nonce);
}
