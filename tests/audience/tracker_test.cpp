#include "audience/tracker.hpp"

#include <doctest/doctest.h>

#include <atomic>
#include <cmath>
#include <cstdlib>
#include <new>
#include <random>

using namespace vitrine;

// A sanitizer brings operators of its own.
#ifndef VITRINE_SANITIZED
#define VITRINE_COUNTS_ALLOCATIONS
namespace {
std::atomic<long> allocations{0};
}  // namespace
void* operator new(std::size_t size) {
  ++allocations;
  if (void* memory = std::malloc(size == 0 ? 1 : size)) return memory;
  throw std::bad_alloc();
}
void operator delete(void* memory) noexcept {
  std::free(memory);
}
void operator delete(void* memory, std::size_t) noexcept {
  std::free(memory);
}
#endif

namespace {

constexpr Micros kFrame = 100 * kMillisecond;
constexpr Micros kZero = 100 * kSecond;

// Somebody 40 wide and 100 high whose middle is at (x, 150).
Box person(double x, float score = 0.9F) {
  return {x - 20, 100, 40, 100, score};
}

class Scene {
 public:
  explicit Scene(const TrackerOptions& options = {}) : tracker(options) {}
  const std::vector<Track>& next(const std::vector<Box>& boxes, Micros step = kFrame) {
    now += step;
    return tracker.update(boxes, now);
  }
  // Somebody who stands there until he is believed; the track's number.
  std::uint64_t settle(double x, int frames = 5) {
    for (int i = 1; i < frames; ++i) next({person(x)});
    const auto& tracks = next({person(x)});
    REQUIRE(tracks.size() == 1);
    REQUIRE(tracks[0].confirmed);
    return tracks[0].id;
  }
  Tracker tracker;
  Micros now = kZero;
};

}  // namespace

TEST_CASE("a track is believed at its third box, and begins with its first") {
  Scene scene;
  const Micros first = scene.now + kFrame;
  CHECK_FALSE(scene.next({person(100)})[0].confirmed);
  CHECK_FALSE(scene.next({person(102)})[0].confirmed);
  const auto& tracks = scene.next({person(104)});
  REQUIRE(tracks.size() == 1);
  CHECK(tracks[0].confirmed);
  CHECK(tracks[0].first_seen == first);
}

TEST_CASE("boxes of low score go on with a track that is believed, and never begin one") {
  Scene scene;
  CHECK(scene.next({person(300, 0.3F)}).empty());
  const std::uint64_t id = scene.settle(100);
  for (int i = 0; i < 50; ++i) {
    const auto& tracks = scene.next({person(100, 0.3F), person(300, 0.3F)});
    REQUIRE(tracks.size() == 1);
    CHECK(tracks[0].id == id);
    CHECK(tracks[0].seen);
  }
  // What is hardly anything does not go on with it either.
  CHECK_FALSE(scene.next({person(100, 0.05F)})[0].seen);
}

TEST_CASE("who was half in the picture just before began then, and not earlier") {
  Scene scene;
  scene.next({person(100, 0.3F)});
  const auto& tracks = scene.next({person(105)});
  const Micros now = scene.now;
  REQUIRE(tracks.size() == 1);
  CHECK(tracks[0].first_seen == now - kFrame);
  // Beside somebody else, or a frame too early, it tells nothing.
  scene.next({person(500, 0.3F)});
  scene.next({person(700)});
  CHECK(scene.next({person(500)}).back().first_seen == scene.now);
}

TEST_CASE("boxes that are not quite sure begin nothing, however many") {
  Scene scene;
  for (int i = 0; i < 100; ++i) CHECK(scene.next({person(100, 0.59F)}).empty());
}

TEST_CASE("a box of low score does not take a track from a sure one") {
  Scene scene;
  scene.settle(100);
  const auto& tracks = scene.next({person(100, 0.3F), person(106, 0.9F)});
  REQUIRE(tracks.size() == 1);
  CHECK(tracks[0].box.x + 20 > 103);
}

TEST_CASE("a believed track outlives the same pause at any rate of frames") {
  for (const Micros step : {kFrame / 2, kFrame, 2 * kFrame, 4 * kFrame}) {
    CAPTURE(step);
    Scene scene;
    std::uint64_t id = 0;
    for (int i = 0; i < 5; ++i) id = scene.next({person(100)}, step)[0].id;
    const Micros gone = scene.now;
    while (scene.now + step < gone + 1400 * kMillisecond) scene.next({}, step);
    const auto& found = scene.next({person(100)}, step);
    REQUIRE(found.size() == 1);
    CHECK(found[0].id == id);
    while (scene.now < found[0].last_seen + 1700 * kMillisecond) scene.next({}, step);
    CHECK(scene.next({}, step).empty());
  }
}

TEST_CASE("a walker whose boxes no longer touch is still one track") {
  // 1.2 body heights a second at two and a half frames a second: 48 pixels a step, 40 wide.
  for (const Micros step : {2 * kFrame, 4 * kFrame}) {
    CAPTURE(step);
    Scene scene;
    double x = 50;
    std::uint64_t id = 0;
    for (int i = 0; i < 12; ++i, x += 120 * static_cast<double>(step) / kSecond) {
      const auto& tracks = scene.next({person(x)}, step);
      REQUIRE(tracks.size() == 1);
      if (i == 0) id = tracks[0].id;
      CHECK(tracks[0].id == id);
    }
  }
}

TEST_CASE("by overlap alone such a walker is a new one in every frame") {
  TrackerOptions options;
  options.stray = 0;
  Scene scene(options);
  for (int i = 0; i < 12; ++i) {
    for (const Track& track : scene.next({person(50 + 48 * i)}, 4 * kFrame)) {
      CHECK_FALSE(track.confirmed);
    }
  }
}

TEST_CASE("somebody far away, or of another size, does not take over a track") {
  Scene scene;
  const std::uint64_t id = scene.settle(100);
  for (const Track& track : scene.next({person(300)})) {
    if (track.id == id) CHECK_FALSE(track.seen);
  }
  for (const Track& track : scene.next({{120, 180, 14, 35, 0.9F}})) {
    if (track.id == id) CHECK_FALSE(track.seen);
  }
}

TEST_CASE("boxes that are none are not looked at") {
  Scene scene;
  const double nan = std::nan("");
  CHECK(scene.next({{10, 10, 0, 50}, {10, 10, 50, -1}, {nan, 10, 20, 50}, {10, 10, 20, nan}})
            .empty());
}

TEST_CASE("memory is of fixed size: whoever comes beyond it takes the place of a doubtful track") {
  Scene scene;
  std::vector<Box> crowd;
  for (std::size_t i = 0; i < Tracker::kMostTracks; ++i) {
    crowd.push_back(person(100 * static_cast<double>(i)));
  }
  const double last = crowd.back().x;
  std::vector<Box> all_but_one(crowd.begin(), crowd.end() - 1);
  for (int i = 0; i < 3; ++i) scene.next(all_but_one);
  CHECK(scene.next(crowd).size() == Tracker::kMostTracks);
  // The last is doubtful; somebody else comes, and it gives way. The others stay.
  crowd.back() = person(-5000);
  const auto& tracks = scene.next(crowd);
  CHECK(tracks.size() == Tracker::kMostTracks);
  for (const Track& track : tracks) {
    CHECK(track.seen);
    CHECK(std::abs(track.box.x - last) > 1);
  }
  for (int i = 0; i < 3; ++i) scene.next(crowd);
  // Nobody doubtful is left, so nobody new begins.
  crowd.back() = person(-9000);
  for (const Track& track : scene.next(crowd)) CHECK(track.box.x > -8000);
}

TEST_CASE("of more boxes than are looked at the surest count") {
  Scene scene;
  std::vector<Box> boxes;
  for (std::size_t i = 0; i < 2 * Tracker::kMostBoxes; ++i) {
    boxes.push_back(person(100 * static_cast<double>(i), i % 2 == 0 ? 0.65F : 0.9F));
  }
  const auto& tracks = scene.next(boxes);
  REQUIRE(tracks.size() == Tracker::kMostBoxes);
  for (const Track& track : tracks) CHECK(std::fmod(track.box.x + 20, 200) == doctest::Approx(100));
}

#ifdef VITRINE_COUNTS_ALLOCATIONS
TEST_CASE("however many come and go, nothing is allocated after the beginning") {
  std::mt19937 random(7);
  std::uniform_real_distribution<double> anywhere(0, 1500);
  std::uniform_real_distribution<float> score(0, 1);
  std::vector<Box> boxes(160);
  Tracker tracker;
  const long before = allocations;
  std::size_t most = 0;
  for (int i = 0; i < 1000; ++i) {
    boxes.resize(static_cast<std::size_t>(i) % 160);
    for (Box& box : boxes) {
      box = {anywhere(random), anywhere(random), 30, 60, score(random)};
    }
    most = std::max(most, tracker.update(boxes, kZero + i * kFrame).size());
  }
  CHECK(allocations == before);
  CHECK(most == Tracker::kMostTracks);
}
#endif
