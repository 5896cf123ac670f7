#include <algorithm>

#include "platform/log.hpp"
#include "presenter_loop.hpp"

namespace vitrine {
namespace {

constexpr Micros kLookWhileDark = 250 * kMillisecond;

}  // namespace

void Presenter::Loop::run() {
  while (!stop_) {
    if (output_lost_) recover();
    if (!next_ && current_ && !failed_.empty()) {
      end_current(
          std::max(clock_.boottime(), current_->end));  // so that the failures are heard of first
    }
    if (!next_) ask(std::max(seam_.value_or(0), clock_.boottime()));
    if (!next_ && dark_) {
      stay_dark();
    } else if (!next_) {
      show_status();
    } else if (await_primed() && take_glass()) {
      play();
    }
    std::erase_if(retired_, [](const auto& reader) { return reader->finished(); });
  }
  finish();
}

void Presenter::Loop::cut(CutCause cause, std::string why, Micros end) {
  log_warn("{} is cut short: {}; going on to the next item", current_->planned.label, why);
  current_->figures.cut_cause = cause;
  current_->figures.error = std::move(why);
  current_->end = end;
}

void Presenter::Loop::end_current(Micros at) {
  if (current_) {
    Item item = std::move(*current_);
    current_.reset();
    retire(item);
    item.figures.ended = at;
    if (item.release != kAbsent && cadence_.later_than(at, item.release)) {
      ++item.figures.frames_repeated;
    }
    programme_.ended(item.planned, item.figures);
  }
  for (const Item& item : failed_) programme_.ended(item.planned, item.figures);
  failed_.clear();
  dropped_ = 0;
}

void Presenter::Loop::retire(Item& item) {
  if (options_.audio) options_.audio->drop(item.sound.track);
  item.reader->cancel();
  retired_.push_back(std::move(item.reader));
}

void Presenter::Loop::show_status() {
  const Micros target = seam_ ? cadence_.target_for(*seam_) : clock_.boottime();
  auto flip = glass_.show_status(options_.status ? options_.status() : nullptr, target);
  if (!flip) return lost(flip.error());
  found();
  hand_snapshot(0, {});
  end_current(flip->at);
  seam_.reset();
  const Micros moment = std::min(ask_not_before_, glass_.last_flip() + kReflipAfter);
  while (!stop_ && clock_.boottime() < moment) {
    if (failures_in_a_row_ < kMostFailures && programme_.urgency() != Programme::Urgency::none) {
      ask_not_before_ = 0;
      return;
    }
    clock_.sleep_until(std::min(moment, clock_.boottime() + kLookEvery));
  }
}

void Presenter::Loop::stay_dark() {
  if (seam_) pause_until(*seam_);
  const Status off = output_.power(false);
  end_current(clock_.boottime());
  seam_.reset();
  log_info("the panel is off by plan");
  if (!off) log_warn("the panel stays lit, with a black picture: {}", off.error().message);
  while (!halted() && (dark_ = programme_.dark(clock_.boottime()))) {
    if (off) {
      notify_watchdog();  // a hold that the plan wants
    } else if (const auto flip = glass_.show_black(clock_.boottime()); !flip) {
      lost(flip.error());
    }
    pause_until(clock_.boottime() + kLookWhileDark);
  }
  if (auto on = output_.power(true); !on) lost(on.error());
  ask_not_before_ = 0;
  if (!dark_) log_info("the panel is on again");
}

void Presenter::Loop::lost(const Error& error, bool at_seam) {
  if (error.message != output_error_)
    log_error("the output failed: {}; trying again each second", error.message);
  output_error_ = error.message;
  output_lost_ = true;
  if (current_ && glass_.belied()) current_->figures.grade = Grade::scheduled;
  if (!current_ || at_seam)
    return;  // at its seam an item had its whole play: its successor is lost
  current_->figures.cut_cause = CutCause::output_lost;
  current_->figures.error = error.message;
}

void Presenter::Loop::found() {
  if (!output_error_.empty()) log_info("the output shows again");
  output_error_.clear();
}

void Presenter::Loop::recover() {
  end_current(clock_.boottime());
  seam_.reset();
  pause_until(clock_.boottime() + kAskAgainAfter);
  output_lost_ = false;
}

void Presenter::Loop::pause_until(Micros moment) {
  while (!stop_ && clock_.boottime() < moment) {
    clock_.sleep_until(std::min(moment, clock_.boottime() + kLookEvery));
  }
}

void Presenter::Loop::finish() {
  if (current_ && current_->figures.cut_cause == CutCause::none) {
    current_->figures.cut_cause = CutCause::stopped;
    current_->figures.error = "the player was stopped";
  }
  end_current(clock_.boottime());
  if (next_) {
    next_->figures.cut_cause = CutCause::stopped;
    next_->figures.error = "the player was stopped before its first frame";
    retire(*next_);
    programme_.ended(next_->planned, next_->figures);
    next_.reset();
  }
  retired_.clear();
}

Presenter::Presenter(const Clock& clock, Output& output, Programme& programme,
                     const PresenterOptions& options)
    : loop_(std::make_unique<Loop>(clock, output, programme, options, stop_)) {}

Presenter::~Presenter() = default;

void Presenter::run() {
  loop_->run();
}

}  // namespace vitrine
