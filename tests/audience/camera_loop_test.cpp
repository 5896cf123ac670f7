// What becomes of coverage when a camera fails, comes late, hangs, or cannot see.
#include "audience/camera_loop.hpp"

#include <doctest/doctest.h>

#include "replayed_camera.hpp"
#include "v4l2_device.hpp"

using namespace vitrine;
using namespace vitrine::testing;

namespace {

// Finds nobody, ever.
class NobodyDetector final : public Detector {
 public:
  Detections detect(const Frame&) override { return {true, {}}; }
  void reset() override {}
  Quality quality() const override { return Quality::flow; }
  Method method() const override { return Method::mog2; }
};

struct Site {
  ManualClock clock;
  ReplayedCamera camera{clock};
  ReplayedMachine machine;
  NobodyDetector detector;
  PresenceTimeline timeline{Quality::flow, Method::mog2, {}};
  Observer observer{detector, {}, timeline};
  std::vector<Micros> tries;
  CameraLoop loop{clock, "/dev/video0",
                  [this] {
                    tries.push_back(clock.boottime());
                    return open_v4l2_source(machine.open(), "/dev/video0", clock);
                  },
                  observer};
  const Micros start = clock.boottime();
  bool hand = false;

  Site() {
    camera.fps = 10;
    camera.content = [this](int number) { return picture(number); };
  }
  // A room with noise; under a hand, only the noise.
  Bytes picture(int number) const {
    Bytes bytes(640 * 480 * 2);
    std::uint32_t state = static_cast<std::uint32_t>(number);
    for (std::size_t i = 0; i < bytes.size(); i += 2) {
      state = state * 1664525 + 1013904223;
      const std::size_t x = i / 2 % 640, y = i / 2 / 640;
      const std::size_t wall = hand ? 60 : 60 + x / 50 * 7 % 5 * 20 + y / 60 * 3 % 4 * 25;
      bytes[i] = static_cast<std::uint8_t>(wall + (state >> 30));
      bytes[i + 1] = 128;
    }
    return bytes;
  }
  void plug() { machine.devices["/dev/video0"] = &camera; }
  void run(Micros time) {
    for (const Micros until = clock.boottime() + time; clock.boottime() < until;) loop.step();
  }
  std::int64_t coverage(Micros from, Micros until) {
    return expose(timeline.timeline(clock.boottime()), 1, 1, from, until).coverage_permille;
  }
  // Seconds between the tries from the given one on.
  std::vector<int> waits(std::size_t from = 0) const {
    std::vector<int> seconds;
    for (std::size_t i = from + 1; i < tries.size(); ++i) {
      seconds.push_back(static_cast<int>((tries[i] - tries[i - 1] + kSecond / 2) / kSecond));
    }
    return seconds;
  }
};

}  // namespace

TEST_CASE("a camera that is not there is tried after 1, 2, 4, 8, then every 10 seconds") {
  Site site;
  site.run(kMinute);
  CHECK(site.waits() == std::vector<int>{1, 2, 4, 8, 10, 10, 10, 10});
  CHECK(site.loop.state() == CameraState::absent);
  CHECK(site.coverage(site.start, site.clock.boottime()) == 0);
}

TEST_CASE("a module that comes up late is found, and counts from its first frames on") {
  Site site;
  site.run(20 * kSecond);
  site.plug();
  site.run(20 * kSecond);
  CHECK(site.loop.state() == CameraState::open);
  CHECK(site.coverage(site.start, site.start + 20 * kSecond) == 0);
  CHECK(site.coverage(site.clock.boottime() - 9 * kSecond, site.clock.boottime() - kSecond) ==
        1000);
}

TEST_CASE("a camera that hangs is closed after five seconds, opened anew, and gives again") {
  Site site;
  site.plug();
  site.run(30 * kSecond);
  CHECK(site.tries.size() == 1);
  site.camera.hangs = true;
  const Micros hung = site.clock.boottime();
  site.run(5500 * kMillisecond);
  CHECK(site.loop.state() == CameraState::absent);
  CHECK(site.camera.closed == 1);
  site.run(kMinute);  // each opening waits five seconds for a frame
  CHECK(site.waits(1) == std::vector<int>{7, 9, 13, 15, 15});
  CHECK(site.camera.opened - site.camera.closed <= 1);
  CHECK(site.coverage(hung + kSecond, site.clock.boottime()) == 0);
  site.camera.hangs = false;
  site.run(40 * kSecond);
  CHECK(site.loop.state() == CameraState::open);
  CHECK(site.coverage(site.clock.boottime() - 9 * kSecond, site.clock.boottime() - kSecond) ==
        1000);
}

TEST_CASE("one that gives a frame and fails is not opened every second for ever") {
  Site site;
  site.plug();
  for (int i = 0; i < 8; ++i) {
    while (site.loop.state() != CameraState::open) site.loop.step();
    site.camera.unplugged = true;
    while (site.loop.state() == CameraState::open) site.loop.step();
    site.camera.unplugged = false;
  }
  const auto waits = site.waits();
  REQUIRE(waits.size() == 7);
  CHECK(waits.front() == 1);
  CHECK(waits.back() == 10);
  // Ten good seconds, and it is trusted again.
  site.run(30 * kSecond);
  site.camera.unplugged = true;
  const std::size_t before = site.tries.size();
  site.run(2 * kSecond);
  CHECK(site.tries.size() == before + 1);
  CHECK(site.camera.mapped == 0);
}

TEST_CASE("a covered camera gives no coverage, is told as that, and its time counts by its cause") {
  Site site;
  site.plug();
  site.run(30 * kSecond);
  CHECK(site.loop.fault() == CameraFault::none);
  site.hand = true;
  const Micros covered = site.clock.boottime();
  site.run(20 * kSecond);
  CHECK(site.loop.state() == CameraState::open);
  CHECK(site.loop.fault() == CameraFault::covered);
  CHECK(site.coverage(covered + 2 * kSecond, site.clock.boottime()) == 0);
  site.hand = false;
  site.run(20 * kSecond);
  CHECK(site.loop.fault() == CameraFault::none);
  CHECK(site.coverage(covered + 24 * kSecond, site.clock.boottime() - kSecond) == 1000);
  CHECK(site.loop.blind(CameraFault::covered) >= 18 * kSecond);
  CHECK(site.loop.blind(CameraFault::covered) <= 23 * kSecond);
  CHECK(site.loop.blind(CameraFault::dark) == 0);
}
