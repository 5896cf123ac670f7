// When the detector is asked and when it is spared, and that nobody is lost by it.
#include "audience/observer.hpp"

#include <doctest/doctest.h>

#include "drawn_scene.hpp"

using namespace vitrine;
using vitrine::testing::draw;
using vitrine::testing::kWalkerHeight;
using vitrine::testing::kWalkerWidth;
using vitrine::testing::Walker;

namespace {

constexpr Micros kZero = 2000 * kSecond;

// Sees the drawn walkers perfectly, and counts how often it is asked.
class SharpDetector final : public Detector {
 public:
  Detections detect(const Frame& frame) override {
    ++looks;
    Detections result{.usable = true};
    for (int y = 0; y < frame.height; ++y) {
      const auto row = frame.luma.begin() + y * frame.width;
      const auto dark = std::find(row, row + frame.width, 30);
      if (dark == row + frame.width) continue;
      result.boxes.push_back(
          {static_cast<double>(dark - row), static_cast<double>(y), kWalkerWidth, kWalkerHeight});
      break;
    }
    return result;
  }
  void reset() override {}
  void unmoved() override { ++passed_over; }
  Micros period() const override { return wanted; }
  Micros recheck() const override { return 5 * kSecond; }
  Quality quality() const override { return Quality::people; }
  Method method() const override { return Method::dnn; }

  int looks = 0, passed_over = 0;
  Micros wanted = 200 * kMillisecond;
};

struct Lobby {
  SharpDetector detector;
  PresenceTimeline timeline{Quality::people, Method::dnn, {}};
  WatchOptions watching;

  // A camera of ten frames a second.
  ExposureRow watch(const std::vector<Walker>& walkers, int seconds) {
    Observer observer(detector, {}, timeline, {}, watching);
    for (int i = 0; i <= seconds * 10; ++i) {
      Frame frame = draw(walkers, i / 10.0);
      frame.at = kZero + i * 100 * kMillisecond;
      observer.see(frame);
    }
    observer.lost();
    const Micros until = kZero + seconds * kSecond;
    return expose(timeline.timeline(until), 1, 1, kZero, until);
  }
};

}  // namespace

TEST_CASE("an empty lobby is looked at every five seconds, and all of its time is covered") {
  Lobby lobby;
  const ExposureRow row = lobby.watch({}, 60);
  CHECK(row.coverage_permille == 1000);
  CHECK(row.person_ms == 0);
  CHECK(lobby.detector.looks == 13);
  CHECK(lobby.detector.looks + lobby.detector.passed_over == 301);
}

TEST_CASE("who walks is looked at five times a second, and is there as long as without the gate") {
  Lobby lobby, other;
  other.watching.gated = false;
  const std::vector<Walker> walkers{{10, 0, 30, 20}};
  const ExposureRow row = lobby.watch(walkers, 40);
  const ExposureRow ungated = other.watch(walkers, 40);
  CHECK(row.person_ms == ungated.person_ms);
  CHECK(row.crossings == 1);
  CHECK(ungated.crossings == 1);
  CHECK(lobby.detector.looks < 75);
  CHECK(other.detector.looks == 201);
}

TEST_CASE("who stands still is looked at once a second, and is there all the while") {
  Lobby lobby;
  std::vector<Walker> walkers{{5, 0, 50, 7}};
  walkers.push_back({7, 100, 0, 37});
  walkers.push_back({37, 100, -50, 39});
  const ExposureRow row = lobby.watch(walkers, 45);
  CHECK(row.person_ms == doctest::Approx(34000).epsilon(0.02));
  CHECK(row.ots == 1);
  // 30 still seconds, 4 of walking, 11 of nobody.
  CHECK(lobby.detector.looks >= 30 + 20);
  CHECK(lobby.detector.looks <= 30 + 20 + 15);
}

TEST_CASE("who vanishes while nothing seems to move is gone at the next look") {
  // The detector stops seeing somebody though the picture stays.
  class Forgetful final : public Detector {
   public:
    Detections detect(const Frame&) override {
      Detections result{.usable = true};
      if (++looks <= 10) result.boxes.push_back({100, 100, 20, 60});
      return result;
    }
    void reset() override {}
    Quality quality() const override { return Quality::people; }
    Method method() const override { return Method::dnn; }
    int looks = 0;
  } detector;
  PresenceTimeline timeline(Quality::people, Method::dnn, {});
  Observer observer(detector, {}, timeline);
  Frame frame = draw({}, 0);
  for (int i = 0; i <= 300; ++i) {
    frame.at = kZero + i * 100 * kMillisecond;
    observer.see(frame);
  }
  observer.lost();
  const ExposureRow row =
      expose(timeline.timeline(kZero + kMinute), 1, 1, kZero, kZero + 30 * kSecond);
  // Three looks made a track of it, the seven that follow are a second apart.
  CHECK(row.person_ms > 6000);
  CHECK(row.person_ms < 9000);
}

TEST_CASE("where looks take longer than there is time, frames are passed over and time is blind") {
  for (const auto& [cost, least, most] :
       {std::tuple{20, 1000, 1000}, std::tuple{220, 990, 1000}, std::tuple{400, 0, 100}}) {
    CAPTURE(cost);
    Lobby lobby;
    lobby.watching.gated = false;
    Micros spent = 0;
    lobby.watching.spent = [&spent, wall = cost * kMillisecond, asked = 0]() mutable {
      if (++asked % 2 == 0) spent += wall;
      return LookCost{spent / 10, spent};
    };
    const ExposureRow row = lobby.watch({}, 60);
    CHECK(row.coverage_permille >= least);
    CHECK(row.coverage_permille <= most);
  }
}

TEST_CASE("a clip that begins anew between two looks ends the tracks all the same") {
  Lobby lobby;
  lobby.watching.gated = false;
  Observer observer(lobby.detector, {}, lobby.timeline, {}, lobby.watching);
  for (int i = 0; i <= 100; ++i) {
    Frame frame = draw({{0, 100, 0}}, i / 10.0);
    frame.at = kZero + i * 100 * kMillisecond;
    frame.restarted = i == 51;  // an odd one: not looked at
    observer.see(frame);
  }
  observer.lost();
  const Timeline timeline = lobby.timeline.timeline(kZero + 10 * kSecond);
  CHECK(timeline.presence.size() == 2);
}
