#include "player/update_watch.hpp"

#include <doctest/doctest.h>
#include <signal.h>

#include <map>

#include "process.hpp"
#include "screen.hpp"
#include "state/status.hpp"

using namespace vitrine;
using namespace vitrine::testing;

namespace {

struct Updated {
  TempDirectory directory;
  StatePaths paths{directory / "state", directory / "run"};
  ManualClock clock;
  ZoneTable zone;
  std::optional<SoftwareOrder> wanted;
  KnownClock known{ClockTrust::trusted, 0};
  std::uint64_t plays = 0;
  bool dark = false;

  Updated() {
    REQUIRE(make_state_directories(paths).ok());
    known.utc_minus_boottime = clock.realtime() - clock.boottime();
  }
  UpdateWatch watch(const std::string& screen = "lobby-1") {
    return UpdateWatch({.clock = clock,
                        .paths = paths,
                        .screen = screen,
                        .zone = zone,
                        .wanted = [this] { return wanted; },
                        .known_clock = [this] { return known; },
                        .plays = [this] { return plays; },
                        .dark = [this] { return dark; }});
  }
  void state(const std::string& phase, const std::string& installed, const std::string& version,
             const std::string& failed = "") const {
    REQUIRE(write_atomic(paths.update_state(), "phase = \"" + phase + "\"\ninstalled = \"" +
                                                   installed + "\"\nversion = \"" + version +
                                                   "\"\nfailed = \"" + failed + "\"\n")
                .ok());
  }
  void telemetry_lives() const {
    TelemetryStatus status;
    status.boot = clock.boot_id();
    status.written_at = clock.boottime();
    REQUIRE(write_telemetry_status(paths, status).ok());
  }
  // What is asked within `time`, looked at each second; root takes it away.
  std::string asked(UpdateWatch& by, Micros time) {
    for (const Micros end = clock.boottime() + time; clock.boottime() < end;) {
      clock.advance(kSecond);
      by.tick();
      if (auto line = read_text(paths.update_wanted(), 128)) {
        REQUIRE(remove_file(paths.update_wanted()).ok());
        return *line;
      }
    }
    return "";
  }
};

}  // namespace

TEST_CASE(
    "the version that the settings want is asked for within a quarter of an hour, and then "
    "hourly") {
  Updated at;
  auto watch = at.watch();
  at.wanted = SoftwareOrder{"1.4.0", {}};
  CHECK(at.asked(watch, kHour) == "");  // nobody is there to obey
  at.state("idle", "1.3.2", "");
  CHECK(at.asked(watch, 15 * kMinute) == "install 1.4.0\n");
  CHECK(at.asked(watch, 59 * kMinute) == "");
  CHECK(at.asked(watch, 2 * kMinute) == "install 1.4.0\n");
  at.state("idle", "1.4.0", "1.4.0");
  CHECK(at.asked(watch, 3 * kHour) == "");
}

TEST_CASE("nothing is asked for that failed here, that is under way, or that nobody wants") {
  Updated at;
  auto watch = at.watch();
  at.state("idle", "1.3.2", "1.4.0");
  CHECK(at.asked(watch, kHour) == "");
  at.wanted = SoftwareOrder{"1.4.0", {}};
  at.state("idle", "1.3.2", "1.4.0", "1.4.0");
  CHECK(at.asked(watch, kHour) == "");
  at.state("installing", "1.3.2", "1.4.0");
  CHECK(at.asked(watch, kHour) == "");
  at.state("idle", "", "");
  CHECK(at.asked(watch, kHour) == "");
  at.wanted->version = "1.4.1";  // a newer one is another matter
  at.state("idle", "1.3.2", "1.4.0", "1.4.0");
  CHECK(at.asked(watch, kHour) == "install 1.4.1\n");
}

TEST_CASE("screens that hear of a version together do not come for it together") {
  Updated at;
  at.state("idle", "1.3.2", "");
  at.wanted = SoftwareOrder{"1.4.0", {}};
  std::map<std::int64_t, int> minutes;
  for (int i = 0; i < 150; ++i) {
    auto watch = at.watch("lobby-" + std::to_string(i));
    const Micros begun = at.clock.boottime();
    REQUIRE(at.asked(watch, 16 * kMinute) == "install 1.4.0\n");
    ++minutes[(at.clock.boottime() - begun) / kMinute];
  }
  CHECK(minutes.size() >= 15);
  for (const auto& [minute, screens] : minutes) CHECK_MESSAGE(screens < 30, minute);
}

TEST_CASE("the hours that were signed are kept, and without a clock nobody knows them") {
  Updated at;  // 14:13 in UTC
  at.state("idle", "1.3.2", "");
  auto watch = at.watch();
  at.wanted = SoftwareOrder{"1.4.0", {{0x7f, 120, 300, {}, {}}}};
  CHECK(at.asked(watch, 11 * kHour) == "");
  at.known.trust = ClockTrust::none;
  CHECK(at.asked(watch, 2 * kHour) == "");
  at.known.trust = ClockTrust::held;
  CHECK(at.asked(watch, kMinute) == "install 1.4.0\n");  // 03:14
}

TEST_CASE(
    "only a player that was started on trial says that the version plays, after a play and with "
    "telemetry") {
  Updated at;
  at.state("installing", "1.3.2", "1.4.0");
  auto old = at.watch();  // still the one before
  at.state("trial", "1.4.0", "1.4.0");
  at.clock.advance(kSecond);
  auto fresh = at.watch();
  CHECK(at.asked(fresh, kMinute) == "");
  at.plays = 1;
  CHECK(at.asked(fresh, kMinute) == "");  // telemetry of the new version does not live
  at.telemetry_lives();
  CHECK(at.asked(old, 20 * kSecond) == "");
  CHECK(at.asked(fresh, 10 * kSecond) == "confirm 1.4.0\n");
  at.clock.advance(kMinute);  // it fell silent
  CHECK(at.asked(fresh, kMinute) == "");
}

TEST_CASE("what telemetry wrote before the trial proves nothing of the new one") {
  Updated at;
  at.telemetry_lives();
  at.clock.advance(kSecond);
  at.state("trial", "1.4.0", "1.4.0");
  auto watch = at.watch();
  at.plays = 1;
  CHECK(at.asked(watch, 20 * kSecond) == "");
}

TEST_CASE("a panel that is dark by plan proves a version by living for two minutes") {
  Updated at;
  at.state("trial", "1.4.0", "1.4.0");
  auto watch = at.watch();
  at.dark = true;
  at.clock.advance(100 * kSecond);
  at.telemetry_lives();
  CHECK(at.asked(watch, 15 * kSecond) == "");
  at.telemetry_lives();
  CHECK(at.asked(watch, 20 * kSecond) == "confirm 1.4.0\n");
}

TEST_CASE(
    "the player itself asks for the version of the settings in force, and confirms its own after a "
    "play") {
  Screen screen;
  const auto clip = read_text(VITRINE_CLIP);
  REQUIRE(clip);
  Schedule schedule = Screen::schedule_of({screen.add_content(*clip)});
  schedule.campaigns.clear();
  schedule.house = {1};
  schedule.content[0].size = clip->size();
  Settings settings;
  settings.software =
      SoftwareOrder{"1.4.441", {}};  // whose turn on this screen comes within a second
  const auto sign = [&](DocumentKind kind, const std::string& text) {
    return screen.sign(kind, 10, text, screen.person, "operator-1");
  };
  {
    auto keeper = screen.keeper();
    screen.offer({sign(DocumentKind::schedule, write_schedule(schedule)), "", "",
                  sign(DocumentKind::settings, write_settings(settings))});
    keeper->tick();
    screen.play_for(*keeper, 61 * kSecond);
    REQUIRE(screen.active().confirmed == 1);
    keeper->stop();
  }
  REQUIRE(write_public_key(screen.paths.root_key(), screen.root.public_key()));
  REQUIRE(write_private_key(screen.paths.proof_key(), PrivateKey::generate()));
  screen.identity.mqtt_host = "127.0.0.1";
  REQUIRE(write_atomic(screen.paths.device_config(), write_device_identity(screen.identity)));
  const SystemClock clock;
  const auto asked = [&](const std::string& phase, const std::string& installed) {
    REQUIRE(write_atomic(
        screen.paths.update_state(),
        "phase = \"" + phase + "\"\ninstalled = \"" + installed + "\"\nversion = \"1.4.441\"\n"));
    Process player({VITRINE_PLAYER, "--state", screen.paths.root, "--run", screen.paths.run,
                    "--size", "160x90"},
                   screen.directory / "log");
    std::string line;
    const auto telemetry_lives = [&] {
      TelemetryStatus status;
      status.boot = clock.boot_id();
      status.written_at = clock.boottime();
      (void)write_telemetry_status(screen.paths, status);
    };
    CHECK(until(
        [&] {
          const auto read = read_text(screen.paths.update_wanted(), 128);
          if (read) line = *read;
          return read.ok();
        },
        telemetry_lives));
    player.signal(SIGTERM);
    CHECK(player.wait() == 0);
    (void)remove_file(screen.paths.update_wanted());
    return line;
  };
  CHECK(asked("idle", "1.3.2") == "install 1.4.441\n");
  CHECK(asked("trial", "1.4.441") == "confirm 1.4.441\n");
}
