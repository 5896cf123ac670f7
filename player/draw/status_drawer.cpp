#include "player/status_drawer.hpp"

#include <chrono>
#include <optional>

#include "overlay.hpp"
#include "status_picture.hpp"

namespace vitrine {
namespace {

constexpr std::chrono::seconds kFirstWithin{1};

}  // namespace

StatusDrawer::StatusDrawer(Gather gather, int width, int height)
    : gather_(std::move(gather)), width_(width), height_(height), thread_([this] { work(); }) {}

StatusDrawer::~StatusDrawer() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  changed_.notify_all();
  thread_.join();
}

std::shared_ptr<const PictureBuffer> StatusDrawer::newest() {
  std::unique_lock lock(mutex_);
  wanted_ = true;
  changed_.notify_all();
  if (!newest_) changed_.wait_for(lock, kFirstWithin, [this] { return newest_ || stopping_; });
  return newest_;
}

int StatusDrawer::drawn() const {
  const std::lock_guard lock(mutex_);
  return drawn_;
}

void StatusDrawer::work() {
  std::optional<StatusSheet> before;
  std::unique_lock lock(mutex_);
  for (;;) {
    changed_.wait(lock, [this] { return wanted_ || stopping_; });
    if (stopping_) return;
    wanted_ = false;
    lock.unlock();
    StatusSheet sheet = status_sheet(gather_());
    std::shared_ptr<PictureBuffer> picture;
    if (sheet != before) {
      // Made anew each time: fonts are dear to keep for a picture that is seldom up.
      const TextPainter text;
      picture = std::make_shared<PictureBuffer>(width_, height_);
      paint(draw_status_picture(sheet, width_, height_, text), picture->planes());
      before = std::move(sheet);
    }
    lock.lock();
    if (picture) {
      newest_ = std::move(picture);
      ++drawn_;
      changed_.notify_all();
    }
  }
}

}  // namespace vitrine
