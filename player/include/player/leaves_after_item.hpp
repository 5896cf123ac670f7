// Ends the player between two items: once asked, nothing new is begun, and when what is on its way
// to the glass has ended, `stop` is called. A restart that an operator asks for cuts no play.
#pragma once

#include <atomic>
#include <functional>

#include "player/programme.hpp"

namespace vitrine {

class LeavesAfterItem final : public Programme {
 public:
  // `inner` outlives this; `stop` is called on the presenting thread.
  LeavesAfterItem(Programme& inner, std::function<void()> stop)
      : inner_(inner), stop_(std::move(stop)) {}

  void ask() { asked_ = true; }  // any thread

  std::optional<PlannedItem> next(Micros seam) override {
    if (asked_) {
      if (on_their_way_ == 0) stop_();
      return std::nullopt;
    }
    auto item = inner_.next(seam);
    if (item) ++on_their_way_;
    return item;
  }
  Urgency urgency() override { return asked_ ? Urgency::none : inner_.urgency(); }
  // Nothing is on its way to the glass while it is dark: next() says so at once.
  bool dark(Micros at) override { return !asked_ && inner_.dark(at); }
  void starting(const PlannedItem& item) override { inner_.starting(item); }
  void shown(const PlannedItem& item, const PlayFigures& figures) override {
    inner_.shown(item, figures);
  }
  void progress(const PlannedItem& item, const PlayFigures& figures) override {
    inner_.progress(item, figures);
  }
  void ended(const PlannedItem& item, const PlayFigures& figures) override {
    inner_.ended(item, figures);
    --on_their_way_;
    if (asked_ && on_their_way_ == 0) stop_();
  }

 private:
  Programme& inner_;
  std::function<void()> stop_;
  std::atomic<bool> asked_{false};
  int on_their_way_ = 0;
};

}  // namespace vitrine
