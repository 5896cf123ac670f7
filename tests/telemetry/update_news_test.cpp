#include "update_news.hpp"

#include <doctest/doctest.h>

#include "manual_clock.hpp"
#include "temp_directory.hpp"

using namespace vitrine;
using vitrine::testing::ManualClock;
using vitrine::testing::TempDirectory;

TEST_CASE(
    "what became of an update is one event, also over a restart of telemetry and a full disk") {
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
  const auto happens = [&](int number, const std::string& code) {
    REQUIRE(write_atomic(paths.update_state(), "told = " + std::to_string(number) + "\ncode = \"" +
                                                   code + "\"\nnews = \"1.4.0\"\n")
                .ok());
  };
  const auto look = [&](UpdateNews& by) {
    clock.advance(2 * kMinute);
    by.tick(paths, clock.boottime());
  };
  UpdateNews news(keep);
  look(news);
  REQUIRE(write_atomic(paths.update_state(), "told = 0\ncode = \"\"\nnews = \"\"\n").ok());
  look(news);
  CHECK(events.empty());
  happens(1, "update-trial");
  look(news);
  look(news);
  CHECK(events == std::vector<std::string>{"update-trial: 1.4.0"});
  happens(2, "update-done");
  room = false;
  look(news);
  room = true;
  UpdateNews again(keep);
  look(again);
  look(again);
  CHECK(events == std::vector<std::string>{"update-trial: 1.4.0", "update-done: 1.4.0"});
  happens(1, "update-back");  // an image written anew counts anew
  look(again);
  CHECK(events.size() == 3);
}
