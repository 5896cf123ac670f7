#include <algorithm>

#include "platform/log.hpp"
#include "presenter_loop.hpp"

namespace vitrine {
namespace {

constexpr Micros kProgressEvery = kReflipAfter;  // so that a still reports at each of its flips
// A decoder that cannot keep up still gets a frame on the glass this often, instead of having all
// of them dropped.
constexpr Micros kStarving = 200 * kMillisecond;

}  // namespace

bool Presenter::Loop::take_glass() {
  Frame first;
  if (next_->reader->take(first, 0, stop_) != ItemReader::Next::frame) {
    give_up("lost its first frame");
    return false;
  }
  programme_.starting(next_->planned);
  const Micros target = seam_ ? cadence_.target_for(*seam_) : clock_.boottime();
  const FrameTime first_time = first.time;
  auto flip = glass_.show(std::move(first), target, next_->planned.scene);
  if (!flip) {
    lost(flip.error(), true);
    fail_next(flip.error().message, CutCause::output_lost);
    return false;
  }
  found();
  Item item = std::move(*next_);
  next_.reset();
  rushing_ = gives_way_ = false;
  urgent_not_before_ = 0;
  urgent_wait_ = kAskAgainAfter;
  PlayFigures& figures = item.figures;
  if (seam_) {
    const Micros ideal = cadence_.vblank_for(*seam_);
    if (cadence_.later_than(flip->at, ideal)) figures.gap_before = flip->at - ideal;
  }
  end_current(flip->at);
  ask_not_before_ = 0;
  failures_in_a_row_ = 0;

  const MediaInfo info = item.reader->info();
  figures.shown = true;
  figures.first_flip = figures.last_flip = flip->at;
  figures.frames_due = figures.frames_shown = 1;
  figures.decoder = info.decoder;
  figures.grade =
      (figures.display_bits & kDisplayVblankReal) != 0 ? Grade::scanned_out : Grade::presented;
  if (glass_.belied()) figures.grade = Grade::scheduled;
  if (figures.planned_length <= 0) figures.planned_length = info.duration;
  item.first = first_time;
  const Micros length = item.planned.length > 0 ? item.planned.length : figures.planned_length;
  item.end = flip->at + length;
  if (item.planned.not_after != kAbsent) {
    item.end =
        std::max(flip->at + output_.vblank_period(), std::min(item.end, item.planned.not_after));
  }
  item.progress_at = flip->at + kProgressEvery;
  item.sound.anchor = flip->at;
  if (length > 0) item.sound.until = item.end;
  item.sound.video_until = flip->at + item.first.duration;
  play_sound(item);
  current_ = std::move(item);
  programme_.shown(current_->planned, current_->figures);
  return true;
}

void Presenter::Loop::play() {
  Item& item = *current_;
  const MediaInfo info = item.reader->info();
  const Micros anchor = item.figures.first_flip;
  const bool planned = item.planned.length > 0;
  Micros step = item.first.duration;
  Micros file_end = info.still ? item.end : anchor + step;  // as far as it was decoded
  for (;;) {
    Frame frame;
    const auto next = await_frame(frame);
    if (halted()) return;
    if (gives_way_) break;
    if (next == ItemReader::Next::error) {
      cut(CutCause::decode_error, why_unreadable(item), file_end);
      break;
    }
    if (next == ItemReader::Next::end) {
      if (info.still) break;
      const Micros stated = planned ? std::min(info.duration, item.planned.length) : info.duration;
      if (file_end - anchor + kEndsEarly < stated) {
        cut(CutCause::decode_error,
            "the file ends " + std::to_string((stated - (file_end - anchor)) / kMillisecond) +
                " ms before the length it states",
            file_end);
      } else if (!planned) {
        item.end = file_end;
      }
      break;
    }
    if (next == ItemReader::Next::waiting) {
      if (!planned) {
        cut(CutCause::decode_error,
            "no frame for " + std::to_string(options_.late_limit / kMillisecond) + " ms",
            clock_.boottime());
      }
      count_never_decoded(file_end, std::min(item.end, anchor + info.duration), step);
      break;
    }
    const Micros due = anchor + frame.time.pts;
    if (planned && due >= cadence_.target_for(item.end)) break;
    step = frame.time.duration;
    file_end = due + step;
    const Micros until = planned ? std::min(file_end, item.end) : file_end;
    show(std::move(frame), due, until);
    if (halted()) return;
  }
  if (item.figures.planned_length <= 0) item.figures.planned_length = item.end - anchor;
  if (item.figures.cut_cause == CutCause::none) item.figures.cut_cause = item.planned.cut_cause;
  if (item.release == kAbsent) item.release = cadence_.vblank_for(std::min(file_end, item.end));
  flip_before_end(step);
  hold_until(item.end - output_.vblank_period());
  if (gives_way_ && !halted()) {
    // At the first vblank that is free.
    const Micros free =
        std::max(clock_.boottime(), glass_.last_flip() + output_.vblank_period() / 2);
    log_info("{} gives way to {}", item.planned.label, next_->planned.label);
    item.figures.cut_cause = CutCause::takeover;
    item.end = output_.vblank_at_or_after(free);
  }
  seam_ = item.end;
  item.sound.until = item.sound.video_until = item.end;
  play_sound(item);
  announce_sound(std::max(item.end, clock_.boottime()));
}

void Presenter::Loop::flip_before_end(Micros step) {
  const Micros last = current_->end - 2 * output_.vblank_period();
  if (glass_.last_flip() + step >= last) return;
  hold_until(last);
  if (!halted() && !gives_way_ && clock_.boottime() < last + output_.vblank_period()) flip_again();
}

void Presenter::Loop::show(Frame frame, Micros due, Micros until) {
  Item& item = *current_;
  const bool due_at_all = cadence_.holds_vblank(due, until);
  if (due_at_all) {
    if (item.release == kAbsent) item.release = cadence_.vblank_for(due);
    hold_until(due - output_.vblank_period());
  }
  if (!due_at_all || halted() || gives_way_) return;
  ++item.figures.frames_due;
  const Micros soonest = std::max(clock_.boottime(), glass_.last_flip() + 1);
  const Micros vblank = output_.vblank_at_or_after(std::max(soonest, cadence_.target_for(due)));
  if (vblank >= cadence_.target_for(until) && vblank - glass_.last_flip() < kStarving) {
    ++item.figures.frames_dropped;
    return;
  }
  auto flip = glass_.show(std::move(frame), vblank, item.planned.scene);
  if (!flip) {
    ++item.figures.frames_dropped;
    lost(flip.error());
    return;
  }
  ++item.figures.frames_shown;
  if (cadence_.later_than(flip->at, item.release)) ++item.figures.frames_repeated;
  item.release = kAbsent;
  item.sound.video_until = until;
  play_sound(item);
  flipped(*flip);
}

ItemReader::Next Presenter::Loop::await_frame(Frame& frame) {
  const Micros limit = current_->planned.length > 0 ? current_->end - output_.vblank_period()
                                                    : clock_.boottime() + options_.late_limit;
  for (;;) {
    tend();
    const Micros reflip = reflip_at();
    const Micros look = clock_.boottime() + kLookEvery;
    const auto next = current_->reader->take(frame, std::min({limit, reflip, look}), stop_);
    if (next != ItemReader::Next::waiting || clock_.boottime() >= limit || gives_way_) return next;
    if (clock_.boottime() >= reflip) flip_again();
    if (halted()) return next;
  }
}

Micros Presenter::Loop::reflip_at() const {
  if (glass_.moves()) return glass_.last_flip() + output_.vblank_period() * 3 / 4;
  return glass_.last_flip() + kReflipAfter;
}

void Presenter::Loop::count_never_decoded(Micros from, Micros until, Micros step) {
  for (; step > 0 && from + step <= until; from += step) {
    if (!cadence_.holds_vblank(from, from + step)) continue;
    ++current_->figures.frames_due;
    ++current_->figures.frames_dropped;
  }
}

void Presenter::Loop::hold_until(Micros moment) {
  while (!halted()) {
    tend();
    const Micros now = clock_.boottime();
    if (gives_way_) return;
    if (glass_.moves() && vblank_free_before(moment + output_.vblank_period(), now)) {
      flip_again();
      continue;
    }
    if (now >= moment) return;
    const Micros reflip = glass_.last_flip() + kReflipAfter;
    // Not when it would take the very vblank that is being waited for.
    if (now >= reflip && output_.vblank_at_or_after(now) < moment) {
      flip_again();
      continue;
    }
    Micros wake = std::min(moment, now + kLookEvery);
    if (now < reflip) wake = std::min(wake, reflip);
    if (!next_ && ask_at() > now) wake = std::min(wake, ask_at());
    clock_.sleep_until(wake);
  }
}

bool Presenter::Loop::vblank_free_before(Micros due, Micros now) const {
  const Micros next = output_.vblank_at_or_after(std::max(now, glass_.last_flip() + 1));
  return next < cadence_.vblank_for(due) - output_.vblank_period() / 2;
}

void Presenter::Loop::flip_again() {
  auto flip = glass_.again(clock_.boottime());
  if (!flip) return lost(flip.error());
  if (current_) flipped(*flip);
}

void Presenter::Loop::flipped(const Flip& flip) {
  current_->figures.last_flip = flip.at;
  hand_snapshot(current_->planned.ticket, current_->planned.label);
  if (flip.at < current_->progress_at) return;
  current_->progress_at = flip.at + kProgressEvery;
  programme_.progress(current_->planned, current_->figures);
}

void Presenter::Loop::hand_snapshot(std::uint64_t ticket, const std::string& label) {
  if (options_.snapshots == nullptr || !options_.snapshots->wanted()) return;
  options_.snapshots->hand({glass_.on_glass(), glass_.last_flip(), ticket, label});
}

}  // namespace vitrine
