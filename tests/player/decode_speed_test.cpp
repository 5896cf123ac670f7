#include "vet/decode_speed.hpp"

#include <doctest/doctest.h>

#include <vector>

using namespace vitrine;

namespace {

Verdict video() {
  Verdict verdict;
  verdict.eligible = true;
  verdict.codec = "hevc";
  verdict.width = 1'920;
  verdict.height = 1'080;
  verdict.fps_milli = 60'000;
  verdict.duration_us = 10'000'000;
  return verdict;
}

// With one thread the first entry, and so on.
struct Board {
  std::vector<DecodeSpeed> speeds;
  int asked = 0;
  Verdict judge(Verdict verdict) {
    settle_threads(verdict, static_cast<int>(speeds.size()), [this](int threads) {
      asked = threads;
      return speeds[static_cast<std::size_t>(threads) - 1];
    });
    return verdict;
  }
};

}  // namespace

TEST_CASE("the smallest number of threads that reaches 1.5 times real time is taken") {
  Board board{{{1'100, 1'100}, {1'499, 1'499}, {1'500, 1'600}, {2'000, 2'000}}};
  const Verdict verdict = board.judge(video());
  CHECK(verdict.eligible);
  CHECK(verdict.threads == 3);
  CHECK(verdict.speed_permille == 1'500);
  CHECK(board.asked == 3);
}

TEST_CASE("where none does it is the fastest") {
  Board board{{{900, 900}, {1'300, 1'400}, {1'200, 1'300}, {1'250, 1'300}}};
  const Verdict verdict = board.judge(video());
  CHECK(verdict.eligible);
  CHECK(verdict.threads == 2);
  CHECK(verdict.speed_permille == 1'300);
}

TEST_CASE("what no number of threads decodes in time is rejected, with what the board can do") {
  Board board{{{150, 160}, {240, 270}, {300, 310}, {290, 305}}};
  const Verdict verdict = board.judge(video());
  CHECK_FALSE(verdict.eligible);
  CHECK(verdict.reason == "1080p60 HEVC: this board 18 fps");
  Verdict upright = video();
  upright.width = 1'080;
  upright.height = 1'920;
  upright.codec = "h264";
  Verdict short_one = video();
  short_one.duration_us = 900'000;
  CHECK(board.judge(short_one).eligible);
  CHECK(board.judge(upright).reason == "1080x1920 at 60 fps H.264: this board 18 fps");
}

TEST_CASE("a machine that was busy rejects nothing") {
  Board board{{{400, 1'200}, {500, 1'100}}};
  const Verdict verdict = board.judge(video());
  CHECK(verdict.eligible);
  CHECK(verdict.threads == 2);
}
