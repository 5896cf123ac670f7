// Items within a scene: what the presenter does with what moves.
#include <doctest/doctest.h>

#include <atomic>

#include "clips.hpp"
#include "presenter_support.hpp"

using namespace vitrine;
using namespace vitrine::testing;

namespace {

// Shows a picture of its own at every vblank, and remembers what it was asked.
struct MovingScene final : Scene {
  void prepare() override { prepared = true; }
  PicturePool& pool() override { return small; }
  bool moves() const override { return moving; }
  Picture compose(const Picture& frame, bool fresh, Micros at) override {
    CHECK(prepared.load());
    CHECK(frame.width == small.width());
    fresh_frames += fresh;
    const auto number = static_cast<std::uint8_t>(asked.size() % 200 + 20);
    asked.push_back(at);
    whole.fill(0, 0, 160, 90, number, 128, 128);
    return whole.view();
  }
  bool moving = true;
  std::atomic<bool> prepared = false;  // three items share it
  int fresh_frames = 0;
  PicturePool small{80, 46};
  PictureBuffer whole{160, 90};
  std::vector<Micros> asked;
};

}  // namespace

TEST_CASE("what moves has a picture at every vblank, over frames, stills and seams") {
  const auto scene = std::make_shared<MovingScene>();
  Rig rig({{.file = clip("libx264", 30, 60), .scene = scene},
           {.file = still("scene.png"), .length = 2 * kSecond, .scene = scene},
           {.file = clip("libx264", 25, 50), .scene = scene}});
  rig.run();
  REQUIRE(rig.programme.ends.size() == 3);
  const std::int64_t frames[] = {60, 1, 50};
  for (std::size_t i = 0; i < 3; ++i) {
    CAPTURE(i);
    CHECK(rig.end(i).frames_shown == frames[i]);
    CHECK(rig.end(i).frames_dropped == 0);
    CHECK(rig.end(i).frames_repeated == 0);
    CHECK(rig.end(i).gap_before == 0);
  }
  CHECK(scene->fresh_frames == 111);
  // From the first flip of the first item to the last item's end not one vblank is left out.
  std::size_t flips = 0;
  for (std::size_t i = 1; i < rig.output.flips.size(); ++i) {
    if (rig.output.flips[i].flip.at > rig.end(2).ended) break;
    CHECK(rig.output.flips[i].flip.sequence == rig.output.flips[i - 1].flip.sequence + 1);
    ++flips;
  }
  CHECK(flips >= 359);
  // And each was composed for the vblank that showed it.
  for (std::size_t i = 0; i < scene->asked.size() && i < flips; ++i) {
    CHECK(scene->asked[i] == rig.output.flips[i].flip.at);
  }
}

TEST_CASE("a scene that stands still is composed at its frames alone") {
  const auto scene = std::make_shared<MovingScene>();
  scene->moving = false;
  Rig rig({{.file = clip("libx264", 30, 60), .scene = scene}});
  rig.run();
  REQUIRE(rig.programme.ends.size() == 1);
  CHECK(scene->fresh_frames == 60);
  CHECK(scene->asked.size() == 60);
}
