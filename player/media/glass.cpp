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

Result<Flip> Glass::flip(const Frame& frame, Micros target, Scene* scene, bool fresh) {
  Picture picture = frame.picture;
  if (scene != nullptr) {
    const Micros at = output_.vblank_at_or_after(std::max(target, last_flip_ + 1));
    picture = scene->compose(frame.picture, fresh, at);
  }
  check_.before(picture, target);
  auto flip = output_.flip(picture, target);
  if (!flip) return flip;
  presented_ = picture;
  last_flip_ = flip->at;
  if (fed_at_ == kAbsent || last_flip_ - fed_at_ >= kFeedEvery) {
    fed_at_ = last_flip_;
    notify_watchdog();
  }
  if (auto follows = check_.after(flip->at); !follows) return std::move(follows).error();
  return flip;
}

Result<Flip> Glass::show(Frame frame, Micros target, std::shared_ptr<Scene> scene) {
  auto flipped = flip(frame, target, scene.get(), true);
  spoilt_ = !flipped;
  if (flipped) {
    shown_ = std::move(frame);
    scene_ = std::move(scene);
  }
  return flipped;
}

Frame Glass::on_glass() const {
  if (!scene_) return shown_;
  const auto copy = std::make_shared<PictureBuffer>(presented_.width, presented_.height);
  copy_picture(presented_, copy->planes());
  return {copy->view(), shown_.time, copy};
}

Result<Flip> Glass::again(Micros target) {
  auto flipped = flip(shown_, target, scene_.get(), spoilt_);
  spoilt_ = false;
  return flipped;
}

Result<Flip> Glass::show_black(Micros target) {
  const auto black = pool_.take();
  black->fill(0, 0, black->width(), black->height(), 16, 128, 128);
  return show({black->view(), {}, black}, target);
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
