#include "audience/motion_gate.hpp"

#include <doctest/doctest.h>

#include <random>

#include "drawn_scene.hpp"

using namespace vitrine;
using vitrine::testing::draw;

namespace {

Frame noisy(Frame frame, double deviation, unsigned seed) {
  std::mt19937 random(seed);
  std::normal_distribution<double> noise(0, deviation);
  for (auto& pixel : frame.luma) {
    pixel = static_cast<std::uint8_t>(std::clamp(pixel + noise(random), 0.0, 255.0));
  }
  return frame;
}

}  // namespace

TEST_CASE("a picture that stays as it was does not move; the first one counts as moving") {
  MotionGate gate;
  const Frame empty = draw({}, 0);
  CHECK(gate.moves(empty));
  gate.keep();
  CHECK_FALSE(gate.moves(empty));
  gate.reset();
  CHECK(gate.moves(empty));
}

TEST_CASE("a camera's noise is no motion") {
  MotionGate gate;
  CHECK(gate.moves(noisy(draw({}, 0), 3, 1)));
  gate.keep();
  for (unsigned i = 2; i < 100; ++i) {
    CAPTURE(i);
    CHECK_FALSE(gate.moves(noisy(draw({}, 0), 3, i)));
  }
}

TEST_CASE("somebody who comes in moves, and so does one who walks on slowly") {
  const std::vector<vitrine::testing::Walker> walkers{{1, 0, 10}};
  MotionGate gate;
  CHECK(gate.moves(draw(walkers, 0)));
  gate.keep();
  CHECK(gate.moves(draw(walkers, 1.0)));
  gate.keep();
  // 10 pixels a second: within a fifth of a second the edges have moved by two.
  for (double second = 1.2; second < 5; second += 0.2) {
    CAPTURE(second);
    CHECK(gate.moves(draw(walkers, second)));
    gate.keep();
  }
}

TEST_CASE("what changes too slowly from frame to frame adds up") {
  MotionGate gate;
  Frame frame = draw({}, 0);
  CHECK(gate.moves(frame));
  gate.keep();
  int moved_at = 0;
  for (int i = 1; i <= 20 && moved_at == 0; ++i) {
    for (auto& pixel : frame.luma) pixel = static_cast<std::uint8_t>(pixel + 1);
    if (gate.moves(frame)) moved_at = i;
  }
  CHECK(moved_at == MotionGateOptions{}.least_change);
}

TEST_CASE("a picture of another size is a new one") {
  MotionGate gate;
  Frame frame = draw({}, 0);
  CHECK(gate.moves(frame));
  gate.keep();
  frame.height /= 2;
  frame.luma.resize(frame.luma.size() / 2);
  CHECK(gate.moves(frame));
}
