#include "field_note_sender.hpp"

#include <doctest/doctest.h>

#include "manual_clock.hpp"
#include "temp_directory.hpp"

using namespace vitrine;
using vitrine::testing::ManualClock;
using vitrine::testing::TempDirectory;

TEST_CASE("each note of a technician becomes one event, also over a restart of telemetry") {
  TempDirectory dir;
  const StatePaths paths{dir / "state", dir / "run"};
  REQUIRE(make_state_directories(paths).ok());
  ManualClock clock;
  std::vector<std::string> events;
  bool room = true;
  const auto keep = [&](const std::string& code, const std::string& text) {
    if (room) events.push_back(code + ": " + text);
    return room;
  };
  const auto note = [&](const std::string& text) {
    REQUIRE(add_field_note(paths, clock, "camera-setup", text).ok());
  };
  FieldNoteSender sender(keep);
  const auto look = [&](FieldNoteSender& by) {
    clock.advance(2 * kMinute);
    by.tick(paths, clock.boottime());
  };
  look(sender);
  CHECK(events.empty());
  note("one");
  note("two");
  look(sender);
  look(sender);
  CHECK(events == std::vector<std::string>{"camera-setup: one", "camera-setup: two"});

  FieldNoteSender again(keep);
  look(again);
  CHECK(events.size() == 2);
  room = false;
  note("three");
  look(again);
  CHECK(events.size() == 2);
  room = true;
  look(again);
  look(again);
  CHECK(events.size() == 3);
  CHECK(events.back() == "camera-setup: three");
}
