#include "operator/status.hpp"

#include <doctest/doctest.h>

#include "manual_clock.hpp"
#include "state/live.hpp"
#include "state/status.hpp"
#include "temp_directory.hpp"

namespace vitrine {
namespace {

using testing::ManualClock;
using testing::TempDirectory;

struct Screen {
  TempDirectory temp;
  StatePaths paths{temp / "lib", temp / "run"};
  ManualClock clock;
  TelemetryStatus status;

  Screen() {
    REQUIRE(make_state_directories(paths).ok());
    REQUIRE(
        write_atomic(paths.device_config(),
                     write_device_identity({"lobby-1", 7, "Europe/Berlin", {"lifts"}, "broker"}))
            .ok());
    status.written_at = clock.boottime();
    status.boot = clock.boot_id();
    status.software = "1.2";
    status.link_up = true;
    status.link_since = clock.boottime() - 5 * kMinute;
  }
  void write() const {
    REQUIRE(write_telemetry_status(paths, status).ok());
    REQUIRE(write_player_live(paths, {clock.boottime(), 3, 11, 102, "night-train", "weight-due",
                                      2800, 4000, 17, ""})
                .ok());
  }
  std::string page() const {
    auto page = op::status_page(paths, clock, "10000000abcd");
    REQUIRE(page.ok());
    return page->text;
  }
  op::Health health() const { return op::status_page(paths, clock, "10000000abcd")->health; }
  bool says(const std::string& words) const { return page().find(words) != std::string::npos; }
};

TEST_CASE("a board that is nobody yet names itself and what to do; what is damaged is an error") {
  const Screen screen;
  REQUIRE(remove_file(screen.paths.device_config()).ok());
  CHECK(screen.says("screen    none yet; board 10000000abcd"));
  CHECK(screen.says("to do     vitrine setup"));
  CHECK(screen.health() == op::Health::down);
  REQUIRE(write_atomic(screen.paths.awaited(), "lobby-1\n").ok());
  CHECK(screen.says("enrolled  not yet: the stick makes it lobby-1 at the first link"));
  REQUIRE(write_atomic(screen.paths.device_config(), "screen = [").ok());
  CHECK_FALSE(op::status_page(screen.paths, screen.clock, "").ok());
}

TEST_CASE("the exit code says whether it shows what it should, and whether anything is to do") {
  Screen screen;
  CHECK(screen.health() == op::Health::down);  // no player
  screen.write();
  CHECK(screen.health() == op::Health::well);
  screen.status.link_up = false;
  screen.write();
  CHECK(screen.health() == op::Health::wants);
  screen.status.link_up = true;
  screen.status.alerts = {{"storage", "100 MB of disk are free", 0}};
  screen.write();
  CHECK(screen.health() == op::Health::wants);
  screen.status.alerts.clear();
  screen.write();
  PlayerLive live;
  live.written_at = screen.clock.boottime();
  REQUIRE(write_player_live(screen.paths, live).ok());
  CHECK(screen.health() == op::Health::down);  // it lives and shows nothing
  live.reason = kPanelOff;
  REQUIRE(write_player_live(screen.paths, live).ok());
  CHECK(screen.health() == op::Health::well);
}

TEST_CASE(
    "which software runs, which is kept and what became of the last update stand on the page") {
  Screen screen;
  screen.write();
  CHECK_FALSE(screen.says("software  "));
  REQUIRE(write_atomic(screen.paths.update_state(),
                       "phase = \"trial\"\ninstalled = \"1.4.0\"\nversion = \"1.4.0\"\n"
                       "previous = \"1.3.2\"\nnews = \"1.4.0 is installed and on trial\"\n")
              .ok());
  CHECK(
      screen.says("software  1.4.0 installed, 1.3.2 kept; ON TRIAL until it has played; last: "
                  "1.4.0 is installed and on trial"));
}

TEST_CASE("a screen on which nothing runs says what is unknown, and what to start") {
  const Screen screen;
  CHECK(screen.says("link      unknown: vitrine-telemetry does not run"));
  CHECK(screen.says("clock     unknown"));
  CHECK(screen.says("on screen unknown: vitrine-player does not run"));
  CHECK(screen.says("alerts    unknown"));
  CHECK(screen.says("to do     systemctl restart vitrine-player"));
}

TEST_CASE("a screen that is well says what it shows, by which clock, and that nothing is to do") {
  Screen screen;
  screen.status.figures = {{"outbox_batches.play", 2}, {"outbox_rows.play", 25},
                           {"outbox_bytes.play", 940}, {"frames_due", 100},
                           {"frames_dropped", 1},      {"temperature_mc", 48300}};
  screen.write();
  REQUIRE(write_clock_state(screen.paths,
                            {ClockTrust::trusted, screen.clock.realtime() - screen.clock.boottime(),
                             2000, "ntp", screen.clock.boottime()})
              .ok());
  CHECK(screen.says("screen    lobby-1, area 7, Europe/Berlin, groups lifts; software 1.2"));
  CHECK(screen.says("link      up since 2026-09-21T14:08:20Z, 5 min ago; broker broker:8883"));
  CHECK(screen.says("clock     trusted by ntp, to within 2 ms: 2026-09-21T14:13:20Z"));
  CHECK(screen.says("on screen 102 night-train, 2.8 of 4.0 s, weight-due; 17 plays in the log"));
  CHECK(screen.says("outbox    25 rows in 2 batches wait, 0.9 kB"));
  CHECK(screen.says("picture   1 of 100 frames dropped"));
  CHECK(screen.says("48.3 C"));
  CHECK(screen.says("alerts    none"));
  CHECK(screen.says("to do     nothing"));
}

TEST_CASE("a panel that is off by plan is not one that shows nothing by mistake") {
  Screen screen;
  PlayerLive off;
  off.written_at = screen.clock.boottime();
  off.reason = kPanelOff;
  REQUIRE(write_player_live(screen.paths, off).ok());
  CHECK(screen.says("on screen nothing: the panel is off by plan"));
}

TEST_CASE("an alert stands on the page with its line of the runbook; old news is not news") {
  Screen screen;
  screen.status.alerts = {{"storage", "100 MB of disk are free", screen.clock.boottime() - kHour}};
  screen.write();
  CHECK(screen.says("ALERT     storage: 100 MB of disk are free (since 60 min ago)"));
  CHECK(screen.says("to do     see docs/runbook.md, alert storage"));
  screen.clock.advance(kMinute);
  CHECK(screen.says("link      unknown: vitrine-telemetry does not run"));
  screen.clock.reboot(kHour);  // what another boot wrote is nothing
  CHECK_FALSE(screen.says("ALERT"));
}

}  // namespace
}  // namespace vitrine
