// Drawn walkers through the whole of it: background, tracks, line, presence.
#include <doctest/doctest.h>

#include "audience/mog2.hpp"
#include "audience/observer.hpp"
#include "drawn_scene.hpp"

using namespace vitrine;
using vitrine::testing::draw;
using vitrine::testing::kSceneWidth;
using vitrine::testing::Walker;

namespace {

constexpr Micros kZero = 2000 * kSecond;

struct Seen {
  FlowRow flow;
  ExposureRow row;
};

Seen watch(const std::vector<Walker>& walkers, int seconds, int fps = 10) {
  const auto detector = make_mog2_detector();
  PresenceTimeline timeline(detector->quality(), detector->method(), {});
  Observer observer(*detector, {}, timeline);
  for (int i = 0; i <= seconds * fps; ++i) {
    Frame frame = draw(walkers, static_cast<double>(i) / fps);
    frame.at = kZero + i * kSecond / fps;
    observer.see(frame);
  }
  observer.lost();
  const Micros until = kZero + seconds * kSecond;
  const Timeline copy = timeline.timeline(until);
  return {flow_of(copy, kZero, until), expose(copy, 1, 1, kZero, until)};
}

}  // namespace

TEST_CASE("three walk to the right and two to the left: in 3, out 2") {
  const Seen seen = watch({{3, -20, 60},
                           {10, kSceneWidth, -60},
                           {17, -20, 80},
                           {24, -20, 50},
                           {25, kSceneWidth, -70, 1e9, 100}},
                          35);
  CHECK(seen.flow.in == 3);
  CHECK(seen.flow.out == 2);
  CHECK(seen.row.crossings == 5);
  CHECK(seen.row.quality == Quality::flow);
  CHECK(seen.row.method == Method::mog2);
  CHECK(seen.row.ots == kAbsent);
}

TEST_CASE("five frames a second count the same walkers") {
  const Seen seen = watch({{3, -20, 40}, {14, kSceneWidth, -40}}, 25, 5);
  CHECK(seen.flow.in == 1);
  CHECK(seen.flow.out == 1);
}

TEST_CASE("person time is the time the walkers were in the picture") {
  // Both take 320/64 = 5 s from edge to edge; entering and leaving are partly out of the picture.
  const Seen seen = watch({{4, 0, 64, 9}, {12, 0, 64, 17}}, 20);
  CHECK(seen.row.person_ms > 9000);
  CHECK(seen.row.person_ms < 11500);
  CHECK(seen.row.coverage_permille > 940);
}

TEST_CASE("one who stands on the line for a while and walks on counts once") {
  std::vector<Walker> walkers{{3, -20, 60, 5.75}};
  walkers.push_back({5.75, 145, 0, 8.75});
  walkers.push_back({8.75, 145, 60});
  const Seen seen = watch(walkers, 16);
  CHECK(seen.flow.in == 1);
  CHECK(seen.flow.out == 0);
}

TEST_CASE("an empty scene has nobody in it, and full coverage after the first second") {
  const Seen seen = watch({}, 12);
  CHECK(seen.row.person_ms == 0);
  CHECK(seen.row.crossings == 0);
  CHECK(seen.row.coverage_permille >= 900);
}

TEST_CASE("the light going off and on makes blind time, not a crowd") {
  const auto detector = make_mog2_detector();
  PresenceTimeline timeline(detector->quality(), detector->method(), {});
  Observer observer(*detector, {}, timeline);
  for (int i = 0; i <= 120; ++i) {
    Frame frame = draw({}, i / 10.0);
    if (i == 60) std::fill(frame.luma.begin(), frame.luma.end(), std::uint8_t{20});
    frame.at = kZero + i * 100 * kMillisecond;
    observer.see(frame);
  }
  observer.lost();
  const Timeline copy = timeline.timeline(kZero + 12 * kSecond);
  const ExposureRow row = expose(copy, 1, 1, kZero, kZero + 12 * kSecond);
  CHECK(row.person_ms == 0);
  CHECK(row.crossings == 0);
  CHECK(expose(copy, 1, 1, kZero + 6 * kSecond, kZero + 6 * kSecond + 100 * kMillisecond)
            .coverage_permille == 0);
}
