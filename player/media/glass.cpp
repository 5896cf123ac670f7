#include "glass.hpp"

#include <algorithm>

#include "platform/service.hpp"

namespace vitrine {
namespace {

constexpr Micros kFeedEvery = 250 * kMillisecond;  // a datagram a flip would tell no more

// A dark card with a lighter frame and three bars: whoever stands before it sees that the screen
// itself works.
Frame make_status_picture(int width, int height) {
  const auto even = [](int value) { return std::max(2, value / 2 * 2); };
  const int border = even(height / 60);
  const auto picture = std::make_shared<PictureBuffer>(width, height);
  picture->fill(0, 0, width, height, 60, 132, 124);
  picture->fill(border, border, width - 2 * border, height - 2 * border, 32, 132, 124);
  for (int bar = 0; bar < 3; ++bar) {
    picture->fill(even(width / 3), even(height * (5 + bar) / 12), even(width / (3 + bar)),
                  even(height / 24), 80, 132, 124);
  }
  return {picture->view(), {}, picture};
}

}  // namespace

Result<Flip> Glass::flip(const Picture& picture, Micros target) {
  check_.before(picture, target);
  auto flip = output_.flip(picture, target);
  if (!flip) return flip;
  last_flip_ = flip->at;
  if (fed_at_ == kAbsent || last_flip_ - fed_at_ >= kFeedEvery) {
    fed_at_ = last_flip_;
    notify_watchdog();
  }
  if (auto follows = check_.after(flip->at); !follows) return std::move(follows).error();
  return flip;
}

Result<Flip> Glass::show(Frame frame, Micros target) {
  auto flipped = flip(frame.picture, target);
  if (flipped) shown_ = std::move(frame);
  return flipped;
}

Result<Flip> Glass::again(Micros target) {
  return flip(shown_.picture, target);
}

Result<Flip> Glass::show_status(Micros target) {
  if (!status_.owner) status_ = make_status_picture(output_.width(), output_.height());
  return show(status_, target);
}

}  // namespace vitrine
