#include <doctest/doctest.h>

#include "manual_clock.hpp"
#include "player/playlist_programme.hpp"
#include "state/live.hpp"
#include "temp_directory.hpp"

using namespace vitrine;
using namespace vitrine::testing;

namespace {

struct Stage {
  TempDirectory directory;
  StatePaths paths{directory / "state", directory / "run"};
  ManualClock clock;
  int finished = 0;
  PlaylistProgramme programme;

  explicit Stage(std::vector<fs::path> files, bool once = false)
      : programme({clock, paths, std::move(files), 4 * kSecond, once, [this] { ++finished; }}) {
    (void)make_state_directories(paths);
  }

  std::optional<PlannedItem> next() { return programme.next(clock.boottime()); }
  std::string next_label() {
    const auto item = next();
    return item ? item->label : "nothing";
  }
  PlayFigures begin(const PlannedItem& item, Micros length) {
    PlayFigures figures;
    figures.shown = true;
    figures.planned_length = length;
    figures.first_flip = figures.last_flip = clock.boottime();
    programme.starting(item);
    programme.shown(item, figures);
    return figures;
  }
  void finish(const PlannedItem& item, PlayFigures figures) {
    clock.advance(figures.planned_length);
    figures.ended = clock.boottime();
    programme.ended(item, figures);
  }
  void play(const PlannedItem& item) { finish(item, begin(item, 3 * kSecond)); }
  void fail(const PlannedItem& item, CutCause cause) {
    PlayFigures figures;
    figures.cut_cause = cause;
    figures.error = "no such file";
    programme.ended(item, figures);
  }
};

}  // namespace

TEST_CASE("files follow each other in their order, for ever") {
  Stage stage({"x/a.mp4", "b.mp4", "c.webm"});
  for (int round = 0; round < 3; ++round) {
    for (const char* label : {"a.mp4", "b.mp4", "c.webm"}) {
      const auto item = stage.next();
      REQUIRE(item);
      CHECK(item->label == label);
      stage.play(*item);
    }
  }
  CHECK(stage.programme.plays() == 9);
  CHECK(stage.finished == 0);
}

TEST_CASE("the same file again is another item") {
  Stage stage({"a.mp4"});
  const auto first = stage.next();
  const auto second = stage.next();
  REQUIRE(second);
  CHECK(first->file == second->file);
  CHECK(first->ticket != second->ticket);
}

TEST_CASE("a still gets the length that was asked for, a video its own") {
  Stage stage({"a.jpg", "b.JPEG", "c.png", "d.mp4", "png"});
  for (const Micros length : {4 * kSecond, 4 * kSecond, 4 * kSecond, Micros{0}, Micros{0}}) {
    CHECK(stage.next()->length == length);
  }
}

TEST_CASE("a file that does not open is left out from then on, one that came late is not") {
  Stage stage({"missing.mp4", "late.mp4", "good.mp4"});
  const auto missing = stage.next();
  const auto late = stage.next();
  const auto good = stage.next();
  stage.fail(*missing, CutCause::decode_error);
  stage.fail(*late, CutCause::none);
  stage.play(*good);
  CHECK(stage.next_label() == "late.mp4");
  CHECK(stage.next_label() == "good.mp4");
  CHECK(stage.next_label() == "late.mp4");
  CHECK(stage.programme.plays() == 1);
}

TEST_CASE("a file that broke while it was shown is tried again") {
  Stage stage({"a.mp4"});
  const auto item = stage.next();
  PlayFigures figures = stage.begin(*item, 3 * kSecond);
  figures.cut_cause = CutCause::decode_error;
  figures.error = "cannot decode";
  stage.finish(*item, figures);
  CHECK(stage.next_label() == "a.mp4");
}

TEST_CASE("when no file can be shown nothing is, and the live file says why") {
  Stage stage({"a.mp4", "b.mp4"});
  for (int i = 0; i < 2; ++i) stage.fail(*stage.next(), CutCause::decode_error);
  CHECK_FALSE(stage.next());
  CHECK_FALSE(stage.next());
  const auto live = read_player_live(stage.paths, stage.clock.boottime());
  REQUIRE(live);
  CHECK(live->label.empty());
  CHECK(live->error == "b.mp4: no such file");
  CHECK(stage.finished == 0);
}

TEST_CASE("once: each file has one turn, and the end is told when the last has ended") {
  Stage stage({"a.mp4", "b.mp4"}, true);
  const auto first = stage.next();
  stage.play(*first);
  const auto second = stage.next();
  REQUIRE(second);
  const PlayFigures figures = stage.begin(*second, 3 * kSecond);
  CHECK_FALSE(stage.next());
  CHECK(stage.finished == 0);
  stage.finish(*second, figures);
  CHECK(stage.finished == 1);
  CHECK_FALSE(stage.next());
}

TEST_CASE("once: a last file that does not open ends it only after the one on the glass") {
  Stage stage({"a.mp4", "missing.mp4"}, true);
  const auto first = stage.next();
  const PlayFigures figures = stage.begin(*first, 3 * kSecond);
  const auto missing = stage.next();
  REQUIRE(missing);
  CHECK_FALSE(stage.next());
  stage.finish(*first, figures);
  CHECK(stage.finished == 0);
  stage.fail(*missing, CutCause::decode_error);
  CHECK(stage.finished == 1);
}

TEST_CASE("the live file says what is on the glass, how far it is and how many were shown") {
  Stage stage({"x/a.mp4", "b.mp4"});
  const auto live = [&stage] {
    const auto read = read_player_live(stage.paths, stage.clock.boottime());
    return read ? *read : PlayerLive{};
  };
  const auto first = stage.next();
  const PlayFigures figures = stage.begin(*first, 3 * kSecond);
  CHECK(live().label == "a.mp4");
  CHECK(live().reason == "playlist");
  CHECK(live().position_ms == 0);
  CHECK(live().length_ms == 3'000);
  CHECK(live().plays == 0);
  stage.clock.advance(1'200 * kMillisecond);
  stage.programme.progress(*first, figures);
  CHECK(live().position_ms == 1'200);
  stage.finish(*first, figures);
  stage.begin(*stage.next(), 5 * kSecond);
  CHECK(live().label == "b.mp4");
  CHECK(live().plays == 1);
  CHECK(live().error.empty());
}
