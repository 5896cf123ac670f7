#include "audience/line.hpp"

#include <doctest/doctest.h>

#include <random>

using namespace vitrine;

namespace {

constexpr int kWidth = 400, kHeight = 300;

// A believed person 40 wide whose foot stands at (x, y).
Track person(std::uint64_t id, double x, double y = 250, bool confirmed = true) {
  Track track;
  track.id = id;
  track.box = {x - 20, y - 100, 40, 100};
  track.confirmed = confirmed;
  track.seen = true;
  return track;
}

struct Tally {
  int in = 0, out = 0;
};

class Walk {
 public:
  explicit Walk(const Line& line = {}) : counter_(line) {}
  void step(const std::vector<Track>& tracks) {
    for (const int direction : counter_.update(tracks, kWidth, kHeight)) {
      ++(direction > 0 ? tally.in : tally.out);
    }
  }
  void through(std::uint64_t id, double from, double to, double y = 250) {
    const double step = to > from ? 10 : -10;
    for (double x = from; (to - x) * step >= 0; x += step) this->step({person(id, x, y)});
  }
  Tally tally;

 private:
  LineCounter counter_;
};

}  // namespace

TEST_CASE("left to right over a line from top to bottom is in, right to left is out") {
  Walk walk;
  walk.through(1, 100, 300);
  CHECK(walk.tally.in == 1);
  CHECK(walk.tally.out == 0);
  walk.through(2, 300, 100);
  CHECK(walk.tally.in == 1);
  CHECK(walk.tally.out == 1);
}

TEST_CASE("turning the line round turns in and out round") {
  Walk walk(Line{500, 1000, 500, 0});
  walk.through(1, 100, 300);
  CHECK(walk.tally.in == 0);
  CHECK(walk.tally.out == 1);
}

TEST_CASE("somebody who stands on the line and wobbles is not counted at all") {
  Walk walk;
  for (int i = 0; i < 500; ++i) walk.step({person(1, i % 2 == 0 ? 192 : 208)});
  CHECK(walk.tally.in + walk.tally.out == 0);
}

TEST_CASE("somebody who walks up, stands on the line and walks on counts once") {
  Walk walk;
  walk.through(1, 100, 200);
  for (int i = 0; i < 100; ++i) walk.step({person(1, i % 2 == 0 ? 193 : 207)});
  walk.through(1, 200, 300);
  CHECK(walk.tally.in == 1);
  CHECK(walk.tally.out == 0);
}

TEST_CASE(
    "somebody who turns back on the line is not counted, one who comes back over it counts both "
    "ways") {
  Walk walk;
  walk.through(1, 100, 200);
  walk.through(1, 200, 100);
  CHECK(walk.tally.in + walk.tally.out == 0);
  walk.through(1, 100, 300);
  walk.through(1, 300, 100);
  CHECK(walk.tally.in == 1);
  CHECK(walk.tally.out == 1);
}

TEST_CASE("the line ends where it ends: who passes beyond its end is not counted") {
  Walk walk(Line{500, 0, 500, 600});  // ends at y = 180
  walk.through(1, 100, 300, 250);
  CHECK(walk.tally.in == 0);
  walk.through(2, 100, 300, 150);
  CHECK(walk.tally.in == 1);
}

TEST_CASE("a slanted line counts by the side of the foot") {
  Walk walk(Line{0, 1000, 1000, 0});
  for (double at = 0; at <= 280; at += 10) walk.step({person(1, at * 400 / 300, at)});
  CHECK(walk.tally.in + walk.tally.out == 1);
}

TEST_CASE("a track not yet believed is counted when it is, and never if it is not") {
  Walk walk;
  walk.step({person(1, 180, 250, false)});
  walk.step({person(1, 220, 250, false)});
  CHECK(walk.tally.in == 0);
  walk.step({person(1, 230, 250, true)});
  CHECK(walk.tally.in == 1);
  walk.step({person(2, 180, 250, false)});
  walk.step({person(2, 220, 250, false)});
  walk.step({});
  CHECK(walk.tally.in == 1);
}

TEST_CASE("a track keeps its side while it is unseen and counts where it is found again") {
  Walk walk;
  walk.through(1, 100, 180);
  Track hidden = person(1, 200);
  hidden.seen = false;
  for (int i = 0; i < 10; ++i) walk.step({hidden});
  CHECK(walk.tally.in == 0);
  walk.step({person(1, 240)});
  CHECK(walk.tally.in == 1);
}

TEST_CASE("whatever way somebody walks, in less out is the change of side, at any rate of frames") {
  std::mt19937 random(3);
  std::uniform_real_distribution<double> anywhere(30, kWidth - 30);
  for (int round = 0; round < 200; ++round) {
    // Way points two seconds apart, with a wobble on top; begin and end clearly off the line.
    std::vector<double> points(12);
    for (double& point : points) point = anywhere(random);
    points.front() = round % 2 == 0 ? 100 : 300;
    points.back() = round % 3 == 0 ? 100 : 300;
    const double seconds = 2 * static_cast<double>(points.size() - 1);
    std::vector<int> counted;
    for (const int fps : {5, 10, 25}) {
      Walk walk;
      for (int i = 0; i <= seconds * fps; ++i) {
        const double s = static_cast<double>(i) / fps;
        const auto leg = std::min(static_cast<std::size_t>(s / 2), points.size() - 2);
        const double share = s / 2 - static_cast<double>(leg);
        const double x = points[leg] + share * (points[leg + 1] - points[leg]);
        walk.step({person(1, x)});
      }
      const int change = (points.back() > 200 ? 1 : 0) - (points.front() > 200 ? 1 : 0);
      CHECK(walk.tally.in - walk.tally.out == change);
      CHECK(std::abs(walk.tally.in - walk.tally.out) <= 1);
      counted.push_back(walk.tally.in + walk.tally.out);
    }
    // Turning back right at the edge of the dead band is a matter of which frame shows it.
    CHECK(std::abs(counted[0] - counted[2]) <= 2);
    CHECK(counted[0] <= counted[2]);
  }
}

TEST_CASE("a line is four numbers in permille and has two ends") {
  const auto line = parse_line("469,0,469,1000");
  REQUIRE(line.ok());
  CHECK(line->x0 == 469);
  CHECK(line->y1 == 1000);
  for (const char* wrong : {"", "1,2,3", "1,2,3,4,5", "0,0,0,0", "0,0,1001,5", "-1,0,5,5",
                            "a,0,5,5", "1,2,3,4x", "1;2;3;4"}) {
    CAPTURE(wrong);
    CHECK_FALSE(parse_line(wrong).ok());
  }
}
