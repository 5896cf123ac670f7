#include "player/status_gather.hpp"

#include <doctest/doctest.h>

#include "manual_clock.hpp"
#include "state/generation.hpp"
#include "state/live.hpp"
#include "state/status.hpp"
#include "temp_directory.hpp"

using namespace vitrine;
using namespace vitrine::testing;

namespace {

struct Device {
  TempDirectory directory;
  StatePaths paths{directory / "state", directory / "run"};
  ManualClock clock;
  ZoneTable zone{"Asia/Shanghai", "", {{0, 8 * 3600}}};
  Device() { REQUIRE(make_state_directories(paths).ok()); }
  StatusFacts facts() const { return gather_status(clock, paths, zone, "10000000a3d5f7c1"); }
};

}  // namespace

TEST_CASE("of a device with no files at all nothing is known, and that is told") {
  const Device device;
  const StatusFacts facts = device.facts();
  CHECK(facts.screen.empty());
  CHECK(facts.board == "10000000a3d5f7c1");
  CHECK(facts.identity_problem.empty());
  CHECK(facts.link == StatusFacts::Link::unknown);
  CHECK(facts.clock == ClockTrust::none);
  CHECK(facts.playing == 0);
  CHECK(facts.camera.empty());
}

TEST_CASE("an identity that cannot be read is a problem, not an absence") {
  const Device device;
  REQUIRE(write_atomic(device.paths.device_config(), "screen = 'Not A Name'\n").ok());
  CHECK(device.facts().screen.empty());
  CHECK(device.facts().identity_problem.find("is no valid name") != std::string::npos);
}

TEST_CASE("what the daemons wrote is told, and what is old is not") {
  const Device device;
  DeviceIdentity identity;
  identity.screen = "lobby-1";
  identity.mqtt_host = "broker";
  REQUIRE(write_atomic(device.paths.device_config(), write_device_identity(identity)).ok());
  const Micros now = device.clock.boottime();
  TelemetryStatus status;
  status.written_at = now;
  status.boot = device.clock.boot_id();
  status.link_up = true;
  status.link_since = now - 65 * kSecond;
  status.waiting_for = "schedule 42: 3 of 12 creatives are here";
  status.notice = "creative 3 is rejected";
  REQUIRE(write_telemetry_status(device.paths, status).ok());
  ClockState told;
  told.trust = ClockTrust::trusted;
  told.utc_minus_boottime_us = 1'796'000'123 * kSecond - now;
  told.written_at = now;
  REQUIRE(write_clock_state(device.paths, told).ok());
  ActiveState active;
  active.confirmed = 12;
  active.rejected = {11, 13};
  active.rejected_reason = "its key is revoked";
  REQUIRE(write_active(device.paths, active).ok());
  AudienceLive audience;
  audience.written_at = now;
  audience.camera = "ok";
  audience.quality = Quality::flow;
  REQUIRE(write_audience_live(device.paths, audience).ok());
  PlayerLive live;
  live.written_at = now;
  live.error = "no schedule is in force";
  REQUIRE(write_player_live(device.paths, live).ok());

  StatusFacts facts = device.facts();
  CHECK(facts.screen == "lobby-1");
  CHECK(facts.link == StatusFacts::Link::up);
  CHECK(facts.link_for == 65 * kSecond);
  CHECK(facts.waiting_for == status.waiting_for);
  CHECK(facts.clock == ClockTrust::trusted);
  CHECK(facts.local_time == "2026-11-30 08:55:23 +08:00");
  CHECK(facts.playing == 12);
  CHECK(facts.rejected == 13);
  CHECK(facts.rejected_reason == "its key is revoked");
  CHECK(facts.camera == "ok");
  CHECK(facts.camera_quality == Quality::flow);
  CHECK(facts.nothing_because == "no schedule is in force");
  CHECK(facts.last_error == "creative 3 is rejected");

  // What was refused is over once something newer holds.
  active.confirmed = 14;
  REQUIRE(write_active(device.paths, active).ok());
  CHECK(device.facts().rejected == 0);
  // Telemetry falls silent.
  ManualClock later(now + 5 * kMinute);
  facts = gather_status(later, device.paths, device.zone, "b");
  CHECK(facts.link == StatusFacts::Link::unknown);
  CHECK(facts.clock == ClockTrust::none);
  CHECK(facts.camera.empty());
  CHECK(facts.nothing_because.empty());
}

TEST_CASE("a board is known by its serial number, else by what is made of its machine id") {
  const TempDirectory root;
  CHECK(board_id(root.path()) == "unknown");
  fs::create_directories(root / "etc");
  REQUIRE(write_atomic(root / "etc/machine-id", "0123456789abcdef0123456789abcdef\n").ok());
  const std::string made = board_id(root.path());
  CHECK(made.size() == 12);
  CHECK(made != "0123456789ab");
  fs::create_directories(root / "proc/device-tree");
  REQUIRE(write_atomic(root / "proc/device-tree/serial-number",
                       std::string_view("10000000a3d5f7c1\0", 17))
              .ok());
  CHECK(board_id(root.path()) == "10000000a3d5f7c1");
}
