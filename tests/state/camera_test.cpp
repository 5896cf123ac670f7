// Whether a screen may count, and what people did at it.
#include "state/camera.hpp"

#include <doctest/doctest.h>

#include "manual_clock.hpp"
#include "platform/file_lock.hpp"
#include "state/field_notes.hpp"
#include "temp_directory.hpp"

using namespace vitrine;
using vitrine::testing::ManualClock;
using vitrine::testing::TempDirectory;

namespace {

struct Place {
  TempDirectory dir;
  StatePaths paths{dir / "state", dir / "run"};
  Place() { REQUIRE(make_state_directories(paths).ok()); }
  void settings(const std::string& toml) {
    REQUIRE(write_atomic(paths.camera_settings(), toml).ok());
  }
  // Why it may not; empty when it may.
  std::string why() const {
    const Status may = may_count(paths);
    return may ? "" : may.error().message;
  }
};

const std::string kWhole =
    "on = true\n[basis]\ntext = \"contract 7\"\nby = \"A. Person\"\ndate = \"2026-11-21\"\n";

}  // namespace

TEST_CASE("nothing is counted without a file, and one line says which and what to do") {
  const Place place;
  CHECK(place.why().find(place.paths.camera_settings().string()) != std::string::npos);
  CHECK(place.why().find("vitrine-camera-setup") != std::string::npos);
  CHECK(place.why().find('\n') == std::string::npos);
}

TEST_CASE("it takes the switch, a basis, a name and a date") {
  Place place;
  place.settings(kWhole);
  CHECK(place.why().empty());
  for (const auto& [part, named] :
       std::vector<std::pair<std::string, std::string>>{{"on = true", "on = true"},
                                                        {"text = \"contract 7\"", "basis.text"},
                                                        {"by = \"A. Person\"", "basis.by"},
                                                        {"date = \"2026-11-21\"", "basis.date"}}) {
    CAPTURE(part);
    std::string without = kWhole;
    without.erase(without.find(part), part.size());
    place.settings(without);
    CHECK(place.why().find(named) != std::string::npos);
  }
}

TEST_CASE(
    "off is off, whatever basis was recorded; a word is no switch, a day that is none no date") {
  Place place;
  for (const auto& [from, to] : std::vector<std::pair<std::string, std::string>>{
           {"true", "false"}, {"true", "\"true\""}, {"true", "2"}, {"11-21", "11-31"}}) {
    std::string changed = kWhole;
    changed.replace(changed.find(from), from.size(), to);
    CAPTURE(changed);
    place.settings(changed);
    CHECK_FALSE(place.why().empty());
  }
}

TEST_CASE("a file that cannot be read is no consent") {
  Place place;
  place.settings(kWhole + "[basis\n");
  CHECK(place.why().find("settings.toml:") != std::string::npos);
}

TEST_CASE("settings come back as they were written") {
  Place place;
  CameraSettings settings;
  settings.on = true;
  settings.basis = {"a \"quoted\" word", "somebody", "2026-01-02"};
  settings.line = "1,2,3,4";
  settings.zone = "0,0,9,0,9,9";
  REQUIRE(write_camera_settings(place.paths, settings).ok());
  const auto back = read_camera_settings(place.paths);
  REQUIRE(back.ok());
  CHECK(back->on);
  CHECK(back->basis.text == settings.basis.text);
  CHECK(back->basis.by == settings.basis.by);
  CHECK(back->basis.date == settings.basis.date);
  CHECK(back->line == settings.line);
  CHECK(back->zone == settings.zone);
  CHECK(may_count(place.paths).ok());
}

TEST_CASE("notes are numbered, dated, and the last 64 stay") {
  Place place;
  ManualClock clock;
  for (int i = 1; i <= 70; ++i) {
    clock.advance(kSecond);
    REQUIRE(add_field_note(place.paths, clock, "camera-setup", "round " + std::to_string(i)).ok());
  }
  const auto all = field_notes_after(place.paths, 0);
  REQUIRE(all.size() == kFieldNotesKept);
  CHECK(all.back().number == 70);
  CHECK(all.back().text == "round 70");
  CHECK(all.back().at == clock.boottime());
  CHECK(all.back().boot == clock.boot_id());
  CHECK(field_notes_after(place.paths, 69).size() == 1);
  CHECK(field_notes_after(place.paths, 70).empty());
}

TEST_CASE("a lock is held by one, and by nobody once that one is gone") {
  Place place;
  const fs::path file = place.paths.camera_held();
  CHECK_FALSE(is_locked(file));
  {
    const auto held = FileLock::take(file);
    REQUIRE(held.ok());
    CHECK(is_locked(file));
    const auto second = FileLock::take(file);
    REQUIRE_FALSE(second.ok());
    CHECK(second.error().code == ErrorCode::conflict);
  }
  CHECK_FALSE(is_locked(file));
}
