// What telemetry makes of NTP, beacons, an RTC and what it saved, with clocks moved by hand.
#include "beacon_taker.hpp"
#include "boot_rtc.hpp"
#include "kit.hpp"
#include "time_keeper.hpp"

using namespace vitrine;
using namespace vitrine::testing;

namespace {

constexpr Micros kTrueTime = 1'790'000'000 * kSecond;

// A screen whose system clock may lie; `truth` is UTC as a good watch on the wall shows it.
struct Screen : Kit {
  KernelTimeState kernel{false, 0};
  bool from_rtc = false;
  std::optional<Outbox> outbox;
  std::optional<TimeKeeper> keeper;
  Micros true_offset = kTrueTime - clock.boottime();

  Screen() { start(); }
  void start() {
    keeper.reset();
    outbox.reset();
    auto opened = Outbox::open(paths.outbox_log());
    REQUIRE(opened.ok());
    outbox.emplace(std::move(*opened));
    keeper.emplace(TimeKeeper::Setup{.paths = paths,
                                     .built_at_utc = kTrueTime - 30 * kDay,
                                     .kernel_time = [this] { return Result(kernel); },
                                     .from_rtc = from_rtc,
                                     .notify = notices.sink()},
                   *outbox, clock);
    keeper->tick();
  }
  Micros truth() const { return clock.boottime() + true_offset; }
  void beacon(Micros error = 200 * kMillisecond) {
    keeper->take_beacon(clock.boottime(), truth(), error);
  }
  void system_clock_says(Micros utc) { clock.step_wall_clock(utc - clock.realtime()); }
  void pass(Micros time) {
    clock.advance(time);
    keeper->tick();
  }
  ClockState told() const { return *read_clock_state(paths); }
  Micros told_utc() const { return clock.boottime() + told().utc_minus_boottime_us; }
};

}  // namespace

TEST_CASE("a fix goes out at a change of trust, at a jump, and every ten minutes") {
  Screen screen;
  const auto fixes = [&] { return screen.outbox->events_after(0, 100)->size(); };
  CHECK(fixes() == 1);
  screen.kernel = {true, 2 * kMillisecond};
  screen.keeper->tick();
  CHECK(screen.told().trust == ClockTrust::trusted);
  CHECK(screen.told().source == "ntp");
  CHECK(screen.told().error_us == 2 * kMillisecond);
  CHECK(fixes() == 2);
  screen.pass(10 * kMinute - 1);
  CHECK(fixes() == 2);
  screen.pass(1);
  CHECK(fixes() == 3);
  screen.clock.step_wall_clock(kHour);
  screen.keeper->tick();
  CHECK(fixes() == 4);
}

TEST_CASE("a system clock at 1970 means nothing until a beacon comes, and then nothing any more") {
  Screen screen;
  screen.system_clock_says(0);
  screen.keeper->tick();
  CHECK(screen.told().trust == ClockTrust::none);
  CHECK(screen.keeper->utc_s() == kNoClock);
  CHECK_FALSE(screen.keeper->certificate_time().check);
  CHECK(screen.keeper->utc_us() == kTrueTime - 30 * kDay);  // the build: nothing here is older

  screen.beacon();
  CHECK(screen.told().trust == ClockTrust::trusted);
  CHECK(screen.told().source == "beacon");
  CHECK(screen.told_utc() == screen.truth());
  CHECK(screen.told().error_us == 200 * kMillisecond);
  CHECK(screen.keeper->utc_s() == screen.truth() / kSecond);
  CHECK(screen.keeper->certificate_time().check);
  CHECK(screen.keeper->certificate_time().utc_s == screen.truth() / kSecond);
  CHECK(screen.outbox->best_fix(screen.clock.boot_id())->value().source == TimeSource::beacon);
}

TEST_CASE("jumps of the system clock by a year do not move a time that was vouched for") {
  for (const Micros jump : {365 * kDay, -365 * kDay}) {
    for (const bool by_ntp : {true, false}) {
      Screen screen;
      if (by_ntp) {
        screen.kernel = {true, 5 * kMillisecond};
        screen.pass(kSecond);
      } else {
        screen.beacon();
      }
      screen.kernel.synchronised = false;  // the kernel forgets NTP when the clock is set
      screen.clock.step_wall_clock(jump);
      screen.pass(kMinute);
      CHECK(screen.told_utc() == screen.truth());
      CHECK(screen.told().trust == ClockTrust::trusted);
    }
  }
}

TEST_CASE("a held clock follows a jump forward, and counts for nothing before the build") {
  Screen screen;
  CHECK(screen.told().trust == ClockTrust::held);
  CHECK(screen.told().source == "none");
  CHECK(screen.told().error_us == kHeldError);
  CHECK_FALSE(screen.keeper->certificate_time().check);  // nobody vouches for it
  screen.clock.step_wall_clock(365 * kDay);
  screen.pass(kMinute);
  CHECK(screen.told_utc() == screen.truth() + 365 * kDay);
  CHECK(screen.told().trust == ClockTrust::held);
  screen.clock.step_wall_clock(-2 * 365 * kDay);
  screen.pass(kMinute);
  CHECK(screen.told().trust == ClockTrust::none);
}

TEST_CASE("a machine that sleeps wakes up with the right time and a second more of doubt") {
  Screen screen;
  screen.system_clock_says(0);
  screen.beacon();
  screen.clock.suspend(8 * kHour);
  screen.pass(10 * kSecond);
  CHECK(screen.told_utc() == screen.truth());
  CHECK(screen.told().error_us == 200 * kMillisecond + kSecond + (8 * 3600 + 10) * kDriftPpm);
}

TEST_CASE("without a new word a trusted time grows old, and is only held after two weeks") {
  Screen screen;
  screen.beacon();
  screen.pass(13 * kDay);
  CHECK(screen.told().trust == ClockTrust::trusted);
  screen.pass(kDay);
  CHECK(screen.told().trust == ClockTrust::held);
  CHECK(screen.told().source == "beacon");
  CHECK(screen.told_utc() == screen.truth());
  screen.beacon();
  CHECK(screen.told().trust == ClockTrust::trusted);
}

TEST_CASE(
    "a restart in the same boot goes on from the saved time, whatever the system clock says") {
  Screen screen;
  screen.system_clock_says(0);
  screen.beacon();
  screen.clock.advance(10 * kMinute);
  screen.start();
  CHECK(screen.told().trust == ClockTrust::trusted);
  CHECK(screen.told().source == "saved");
  CHECK(screen.told_utc() == screen.truth());
  CHECK(screen.told().error_us == 1'200 * kMillisecond + 600 * kDriftPpm);
}

TEST_CASE("after another boot the saved time is a floor: an earlier clock means nothing") {
  Screen screen;
  screen.beacon();
  screen.clock.reboot(-kHour);  // no RTC, and a distribution that restores an hour too early
  screen.start();
  CHECK(screen.told().trust == ClockTrust::none);
  CHECK(screen.keeper->utc_us() == read_saved_time(screen.paths)->utc_us);
  screen.clock.step_wall_clock(2 * kHour);
  screen.pass(kSecond);
  CHECK(screen.told().trust == ClockTrust::held);
}

TEST_CASE("only a trusted time is saved, at most once an hour, and a wrong one is put right") {
  Screen screen;
  CHECK_FALSE(read_saved_time(screen.paths).has_value());  // held is not saved
  screen.kernel = {true, 5 * kMillisecond};
  screen.pass(kSecond);
  const Micros first = read_saved_time(screen.paths)->utc_us;
  screen.pass(59 * kMinute);
  CHECK(read_saved_time(screen.paths)->utc_us == first);
  screen.pass(kMinute);
  CHECK(read_saved_time(screen.paths)->utc_us == first + kHour);
  // NTP of a wrong network, ten years ahead, must not become a floor for ever.
  screen.clock.step_wall_clock(3650 * kDay);
  screen.pass(kSecond);
  CHECK(read_saved_time(screen.paths)->utc_us > first + 3649 * kDay);
  screen.beacon();
  CHECK(read_saved_time(screen.paths)->utc_us == screen.truth());
}

TEST_CASE(
    "NTP and a beacon that agree leave the closer one; a contradiction is won by the signed") {
  Screen screen;
  screen.kernel = {true, 5 * kMillisecond};
  screen.pass(kSecond);
  screen.beacon();
  CHECK(screen.told().source == "ntp");
  CHECK(screen.notices.list.empty());

  screen.clock.step_wall_clock(3 * kDay);  // and the kernel still says synchronised
  screen.pass(kSecond);
  CHECK(screen.told().source == "beacon");
  CHECK(screen.told_utc() == screen.truth());
  REQUIRE(screen.notices.list.size() == 1);
  CHECK(screen.notices.last() ==
        "clock-disagreement: NTP and the backend's signed time are 259200 s apart; going by the "
        "signed time, NTP of this network is wrong");
  // A batch frozen now must not carry the fix with the small error.
  CHECK(screen.outbox->best_fix(screen.clock.boot_id())->value().source == TimeSource::beacon);
  screen.pass(kMinute);
  CHECK(screen.notices.list.size() == 1);

  screen.clock.step_wall_clock(-3 * kDay);
  screen.pass(kSecond);
  CHECK(screen.told().source == "ntp");
}

TEST_CASE("a clock that began with an RTC is held, and says so") {
  Screen screen;
  screen.from_rtc = true;
  screen.start();
  CHECK(screen.told().trust == ClockTrust::held);
  CHECK(screen.told().source == "rtc");
  CHECK(screen.told().error_us == kRtcError);
  const auto events = screen.outbox->events_after(0, 100);
  CHECK(std::get<TimeFix>(events->back().body).source == TimeSource::rtc);
}

TEST_CASE("an RTC counts when the kernel set the clock from it and it still agrees") {
  TempDirectory sysfs;
  CHECK_FALSE(clock_came_from_rtc(sysfs.path(), kTrueTime));
  const fs::path rtc = sysfs / "class/rtc/rtc0";
  fs::create_directories(rtc);
  const auto write = [&](const char* name, const std::string& text) {
    REQUIRE(replace_volatile(rtc / name, text).ok());
  };
  write("hctosys", "1\n");
  write("since_epoch", std::to_string(kTrueTime / kSecond) + "\n");
  CHECK(clock_came_from_rtc(sysfs.path(), kTrueTime + 900 * kMillisecond));
  CHECK_FALSE(clock_came_from_rtc(sysfs.path(), kTrueTime + kHour));
  write("hctosys", "0\n");
  CHECK_FALSE(clock_came_from_rtc(sysfs.path(), kTrueTime));
  write("hctosys", "1\n");
  write("since_epoch", "soon\n");
  CHECK_FALSE(clock_came_from_rtc(sysfs.path(), kTrueTime));
}

TEST_CASE("on a leap day the told date is 29 February, and the next second but one is March") {
  Screen screen;
  screen.system_clock_says(0);
  const Micros last_second = (days_from_civil({2028, 3, 1}) * 86'400 - 1) * kSecond;
  screen.keeper->take_beacon(screen.clock.boottime(), last_second, 200 * kMillisecond);
  CHECK(format_utc(screen.keeper->utc_s()) == "2028-02-29T23:59:59Z");
  screen.pass(kSecond);
  CHECK(format_utc(screen.keeper->utc_s()) == "2028-03-01T00:00:00Z");
}

// --- beacons, as they come in
// ----------------------------------------------------------------------------------------

namespace {

struct Linked : Screen {
  FakeTransport transport;
  Link link{transport, clock, {.screen = kScreen, .software = "1"}};
  BeaconTaker taker{*keeper, link, clock, kScreen};

  Linked() {
    system_clock_says(0);
    keeper->tick();
    connect();
  }
  void connect() {
    transport.up = false;
    transport.handlers.disconnected("gone");
    clock.advance(kMinute);
    link.tick();
    transport.up = true;
    transport.handlers.connected();
  }
  Bytes answer(Micros utc, const ScreenId& device = kScreen) {
    return encode_beacon({link.nonce(), clock.boot_id(), utc}, device, "ingest-1", ingest);
  }
};

}  // namespace

TEST_CASE("the error of a beacon is half its round trip and the server's own") {
  Linked screen;
  const Bytes beacon = screen.answer(screen.truth() + 200 * kMillisecond);
  screen.clock.advance(400 * kMillisecond);
  screen.taker.receive(beacon, screen.trust);
  CHECK(screen.taker.taken() == 1);
  CHECK(screen.told_utc() == screen.truth());
  CHECK(screen.told().error_us == 200 * kMillisecond + kServerClockError);
}

TEST_CASE(
    "beacons for an earlier link, another boot or another screen, and late ones, are refused") {
  Linked screen;
  const Bytes earlier = screen.answer(screen.truth());
  screen.connect();
  screen.taker.receive(earlier, screen.trust);
  screen.taker.receive(screen.answer(screen.truth(), "lobby-2"), screen.trust);
  screen.taker.receive(encode_beacon({screen.link.nonce(), {1, 2}, screen.truth()}, kScreen,
                                     "ingest-1", screen.ingest),
                       screen.trust);
  screen.taker.receive(encode_beacon({screen.link.nonce(), screen.clock.boot_id(), screen.truth()},
                                     kScreen, "ingest-1", PrivateKey::generate()),
                       screen.trust);
  screen.taker.receive(encode_beacon({screen.link.nonce(), screen.clock.boot_id(), screen.truth()},
                                     kScreen, "operator-1", screen.operator_key),
                       screen.trust);
  screen.taker.receive(as_bytes("no beacon"), screen.trust);
  const Bytes late = screen.answer(screen.truth());
  screen.clock.advance(kLongestRoundTrip + kSecond);
  screen.taker.receive(late, screen.trust);
  screen.keeper->tick();
  CHECK(screen.taker.taken() == 0);
  CHECK(screen.told().trust == ClockTrust::none);
}

TEST_CASE("a beacon played again under the same nonce changes nothing") {
  Linked screen;
  const Bytes first = screen.answer(screen.truth());
  screen.taker.receive(first, screen.trust);
  CHECK(screen.taker.taken() == 1);
  screen.clock.advance(kDay);
  screen.link.announce();
  screen.taker.receive(first, screen.trust);  // yesterday's answer to this very nonce
  CHECK(screen.taker.taken() == 1);
  CHECK(screen.told_utc() == screen.truth());
  screen.taker.receive(screen.answer(screen.truth()), screen.trust);
  CHECK(screen.taker.taken() == 2);
}
