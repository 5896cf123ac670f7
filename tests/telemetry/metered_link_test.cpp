// A link that is paid by the byte: so many a day, within its hours, whatever restarts.
#include "metered_link.hpp"

#include "download.hpp"
#include "kit.hpp"
#include "protocol/daypart.hpp"

using namespace vitrine;
using namespace vitrine::testing;

namespace {

constexpr std::uint64_t kMega = 1'000'000;

struct Link : Kit {
  std::optional<LocalTime> now = LocalTime{20'000, 0, 0};
  Metered rules{50 * kMega, {}};
  std::uint64_t received = 0;
  std::unique_ptr<MeteredLink> link = open();

  std::unique_ptr<MeteredLink> open() {
    return std::make_unique<MeteredLink>(paths.metered(), clock, [this] { return now; });
  }
  std::uint64_t left() { return link->tick(rules, received); }
  void restart() {
    link = open();
    received = 0;
  }
  void at(std::int64_t day, int hour, int minute = 0) {
    now = LocalTime{day, hour * 3600 + minute * 60, 0};
  }
  void open_from(std::uint16_t from, std::uint16_t until) {
    Daypart part;
    part.from_minute = from;
    part.until_minute = until;
    rules.hours = {part};
  }
};

}  // namespace

TEST_CASE("bytes count against their local day, and the next one begins anew") {
  Link link;
  link.at(20'000, 9);
  CHECK(link.left() == 50 * kMega);
  CHECK(link.link->reason(312 * kMega).empty());
  link.received = 49 * kMega;
  CHECK(link.left() == 1 * kMega);
  link.received = 50 * kMega + 7;
  CHECK(link.left() == 0);
  CHECK(link.link->reason(312 * kMega) ==
        "312 MB to come, the metered link allows 50 MB a day, which are used up, and more from "
        "00:00");
  link.at(20'001, 0);
  CHECK(link.left() == 50 * kMega);
  CHECK(link.link->tick(std::nullopt, link.received) == Allowance::kUnlimited);
}

TEST_CASE("outside its hours nothing comes, and the line says from when") {
  Link link;
  link.open_from(60, 300);
  link.at(20'000, 0, 59);
  CHECK(link.left() == 0);
  CHECK(link.link->reason(311'200'000) ==
        "312 MB to come, the metered link allows 50 MB a day from 01:00");
  link.at(20'000, 1);
  CHECK(link.left() == 50 * kMega);
  link.received = 60 * kMega;
  CHECK(link.left() == 0);
  CHECK(link.link->reason(kMega).ends_with("and more from 01:00"));
  link.at(20'000, 5);
  CHECK(link.left() == 0);
  // Over midnight, and only on some days.
  link.rules.hours.front().from_minute = 22 * 60;
  link.rules.hours.front().until_minute = 4 * 60;
  link.rules.hours.front().weekdays = 1 << weekday_of(20'003);
  CHECK(link.link->tick(link.rules, link.received) == 0);
  CHECK(link.link->reason(kMega).find("2024-10-07 22:00") != std::string::npos);
}

TEST_CASE("the count survives a restart, but for the last MiB or minute") {
  Link link;
  link.left();
  link.received = 3 * kMega;
  link.left();
  link.received += 500'000;
  link.left();
  link.restart();
  CHECK(link.left() == 47 * kMega);  // half a MB is not worth a write
  link.received = 500'000;
  link.left();
  link.clock.advance(kMinute);
  link.left();
  link.restart();
  CHECK(link.left() == 47 * kMega - 500'000);
  // Damaged: counted from nothing, and said.
  REQUIRE(write_atomic(link.paths.metered(), std::string_view("day = = 7")).ok());
  link.restart();
  CHECK(link.left() == 50 * kMega);
}

TEST_CASE("without a clock a day is 24 hours of running, and the hours do not hold") {
  Link link;
  link.now.reset();
  link.open_from(60, 300);
  CHECK(link.left() == 50 * kMega);
  link.received = 50 * kMega;
  CHECK(link.left() == 0);
  CHECK(link.link->reason(kMega).ends_with("and more from the end of 24 hours"));
  link.clock.advance(kDay - kMinute);
  CHECK(link.left() == 0);
  link.restart();  // within the boot: the window goes on
  CHECK(link.left() == 0);
  link.clock.advance(kMinute);
  CHECK(link.left() == 50 * kMega);
  link.received = 20 * kMega;
  link.left();
  // The clock arrives: what came stays counted. It goes back a day: no second helping.
  link.at(20'000, 1);
  CHECK(link.left() == 30 * kMega);
  link.at(19'999, 2);
  CHECK(link.left() == 30 * kMega);
  link.at(20'000, 1);
  CHECK(link.left() == 50 * kMega);
}

TEST_CASE("after a reboot without a clock the 24 hours begin anew, with what was counted") {
  Link link;
  link.now.reset();
  link.left();
  link.received = 50 * kMega;
  link.left();
  link.clock.reboot(kDay);
  link.restart();
  CHECK(link.left() == 0);
  link.clock.advance(kDay);
  CHECK(link.left() == 50 * kMega);
}
