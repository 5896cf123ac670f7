#include "glass.hpp"

#include <algorithm>

#include "platform/service.hpp"

namespace vitrine {
namespace {

constexpr Micros kFeedEvery = 250 * kMillisecond;  // a datagram a flip would tell no more

// A dark card with a lighter frame and three bars: whoever stands before it sees that the screen
// itself works.
std::shared_ptr<const PictureBuffer> make_plain_card(int width, int height) {
  const auto even = [](int value) { return std::max(2, value / 2 * 2); };
  const int border = even(height / 60);
  const auto picture = std::make_shared<PictureBuffer>(width, height);
  picture->fill(0, 0, width, height, 60, 132, 124);
  picture->fill(border, border, width - 2 * border, height - 2 * border, 32, 132, 124);
  for (int bar = 0; bar < 3; ++bar) {
    picture->fill(even(width / 3), even(height * (5 + bar) / 12), even(width / (3 + bar)),
                  even(height / 24), 80, 132, 124);
  }
  return picture;
}

}  // namespace

Result<Flip> Glass::flip(const Picture& picture, Micros target) {
  auto flip = output_.flip(picture, target);
  if (!flip) return flip;
  last_flip_ = flip->at;
  if (fed_at_ == kAbsent || last_flip_ - fed_at_ >= kFeedEvery) {
    fed_at_ = last_flip_;
    notify_watchdog();
  }
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

Result<Flip> Glass::show_status(std::shared_ptr<const PictureBuffer> picture, Micros target) {
  if (!picture) {
    if (!card_) card_ = make_plain_card(output_.width(), output_.height());
    picture = card_;
  }
  const Picture view = picture->view();
  return show({view, {}, std::move(picture)}, target);
}

}  // namespace vitrine
