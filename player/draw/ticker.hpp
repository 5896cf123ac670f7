// The strip of text that runs through the ticker zone, and how far it has come.
#pragma once

#include <memory>
#include <string>

#include "base/time.hpp"
#include "player/picture.hpp"

namespace vitrine {

// The text, white on dark, as high as its zone; after it a gap before it begins again. Null when
// there is nothing to show. Slow.
std::shared_ptr<PictureBuffer> draw_ticker_strip(const std::string& text, int zone_width,
                                                 int zone_height);

// Pixels at each vblank, even: a twelfth of the zone's width a second, or nearly.
int ticker_step(int zone_width, Micros vblank_period);

// Where the strip stands: a function of the vblanks that have passed, missed ones included.
class TickerClock {
 public:
  TickerClock(Micros vblank_period, int step) : period_(vblank_period), step_(step) {}
  // At the vblank at `at`; never back.
  std::int64_t advance(Micros at);

 private:
  Micros period_;
  int step_;
  Micros last_ = 0;
  std::int64_t moved_ = 0;  // pixels
  bool begun_ = false;
};

// Fills `to` with the strip from column `moved` on, again and again.
void copy_strip(const Picture& strip, std::int64_t moved, const Planes& to);

}  // namespace vitrine
