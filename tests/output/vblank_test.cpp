#include "output/vblank.hpp"

#include <doctest/doctest.h>

using namespace vitrine;

namespace {

constexpr ModeTimes kFullHd{148'500, 2200, 1125};

}  // namespace

TEST_CASE("the period of a mode is what its pixel clock makes of its lines") {
  CHECK(refresh_of(kFullHd).period() == 16'666);
  CHECK(refresh_of({148'352, 2200, 1125}).period() == 16'683);  // 59.94 Hz
  CHECK(refresh_of({297'000, 5500, 2250}).period() == 41'666);  // 24 Hz
  // 1080i: 25 pictures, 50 vblanks a second.
  CHECK(refresh_of({74'250, 2640, 1125, 1, true}).period() == 20'000);
  CHECK(refresh_of({12'587, 800, 262, 2, false}).period() == 33'304);
}

TEST_CASE("a mode that states no clock counts as 60 Hz") {
  CHECK(refresh_of({0, 2200, 1125}).period() == 16'666);
  CHECK(refresh_of({148'500, 0, 1125}).period() == 16'666);
  CHECK(refresh_of({148'500, 2200, 0}).period() == 16'666);
}

TEST_CASE("the vblank at or after a moment is the moment itself or the next one") {
  const VblankGrid grid(1'000'000, refresh_of(kFullHd));
  CHECK(grid.at_or_after(1'000'000) == 1'000'000);
  CHECK(grid.at_or_after(1'000'001) == 1'016'667);
  CHECK(grid.at_or_after(1'016'667) == 1'016'667);
  CHECK(grid.at_or_after(1'016'668) == 1'033'333);
  CHECK(grid.at_or_after(1'033'333) == 1'033'333);
}

TEST_CASE("the vblank at or before a moment is the moment itself or the one passed last") {
  const VblankGrid grid(1'000'000, refresh_of(kFullHd));
  CHECK(grid.at_or_before(1'000'000) == 1'000'000);
  CHECK(grid.at_or_before(1'016'666) == 1'000'000);
  CHECK(grid.at_or_before(1'016'667) == 1'016'667);
  CHECK(grid.at_or_before(999'999) == 983'333);
}

TEST_CASE("vblanks before the known one lie on the same grid") {
  const VblankGrid grid(1'000'000, refresh_of(kFullHd));
  CHECK(grid.at_or_after(999'999) == 1'000'000);
  CHECK(grid.at_or_after(983'334) == 1'000'000);
  CHECK(grid.at_or_after(983'333) == 983'333);
  CHECK(grid.at_or_after(0) == 0);  // 60 periods earlier
}

TEST_CASE("a grid does not drift in a year") {
  constexpr Micros year = 365 * kDay;
  const VblankGrid grid(500, refresh_of(kFullHd));
  CHECK(grid.at_or_after(500 + year) == 500 + year);
  CHECK(grid.at_or_after(501 + year) == 500 + year + 16'667);
}

TEST_CASE("a vblank that was seen moves the grid") {
  VblankGrid grid(1'000'000, refresh_of(kFullHd));
  grid.seen(1'016'900);
  CHECK(grid.at_or_after(1'016'901) == 1'033'567);
}

TEST_CASE("the 32 bits of an event continue a longer counter") {
  CHECK(next_sequence(7, 8) == 8);
  CHECK(next_sequence(7, 68) == 68);
  CHECK(next_sequence(0xffff'ffff, 0) == 0x1'0000'0000);
  CHECK(next_sequence(0x5'ffff'fff0, 0x10) == 0x6'0000'0010);
}

TEST_CASE("a counter that stands still or goes back rises by one") {
  CHECK(next_sequence(7, 7) == 8);
  CHECK(next_sequence(5'000, 3) == 5'001);
  CHECK(next_sequence(0x1'0000'0000, 0xffff'ffff) == 0x1'0000'0001);
}
