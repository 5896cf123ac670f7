#include <algorithm>

#include "platform/log.hpp"
#include "presenter_loop.hpp"

namespace vitrine {
namespace {

// What ends within this anyway is not cut for what is urgent.
constexpr Micros kEndsSoon = 300 * kMillisecond;
// What is urgent and cannot be opened is tried again, less and less often, while an item is on the
// glass.
constexpr Micros kMostUrgentWait = 60 * kSecond;

}  // namespace

void Presenter::Loop::ask(Micros seam) {
  const Micros now = clock_.boottime();
  if (now < ask_not_before_) return;
  dark_ = programme_.dark(seam);
  auto planned = dark_ ? std::nullopt : programme_.next(seam);
  if (!planned) {
    ask_not_before_ = now + kAskAgainAfter;
    return;
  }
  next_ = Item{};
  next_->asked_at = now;
  next_->figures.planned_start = seam;
  next_->figures.planned_length = planned->whole > 0 ? planned->whole : planned->length;
  next_->figures.display_bits = output_.display_bits();
  if (options_.audio) next_->sound.track = options_.audio->track(planned->muted);
  const int threads = planned->threads > 0 ? planned->threads : options_.decoder_threads;
  next_->reader = std::make_unique<ItemReader>(
      ItemReader::Setup{&clock_, &glass_.pool(), options_.open, planned->file, threads,
                        planned->blocks, next_->sound.track, planned->scene});
  next_->planned = std::move(*planned);
}

Micros Presenter::Loop::ask_at() const {
  const Micros lead = std::clamp(2 * slowest_prime_, options_.least_lead, options_.most_lead);
  return std::max(ask_not_before_, current_->end - lead);
}

void Presenter::Loop::tend() {
  if (next_ && next_->reader->state() == ItemReader::State::failed) {
    fail_next(why_unreadable(*next_), CutCause::decode_error);
  }
  // Decoding is a few pictures ahead of the glass: time to open what comes instead.
  if (const auto good = current_->reader->breaks_off()) {
    current_->end = std::min(current_->end, current_->figures.first_flip + *good);
  }
  const Micros now = clock_.boottime();
  if (current_->end - now > kEndsSoon) make_way(now);
  if (!next_ && failed_.size() - dropped_ < kMostFailures && now >= ask_at()) {
    ask(std::max(current_->end, now));
  }
  if (current_->end > now) announce_sound(current_->end);
}

void Presenter::Loop::announce_sound(Micros seam) {
  if (!next_ || next_->reader->state() != ItemReader::State::primed) return;
  const Micros anchor = cadence_.vblank_for(seam);
  if (next_->sound.anchor == anchor) return;
  next_->sound.anchor = anchor;
  play_sound(*next_);
}

void Presenter::Loop::play_sound(const Item& item) const {
  if (options_.audio && item.sound.track) options_.audio->play(item.sound);
}

void Presenter::Loop::make_way(Micros now) {
  if (!rushing_ && now >= urgent_not_before_) {
    const auto urgency = programme_.urgency();
    if (urgency == Programme::Urgency::anew) {
      if (next_) drop_next();
      ask(now);
    }
    rushing_ = urgency != Programme::Urgency::none && next_.has_value();
  }
  gives_way_ = rushing_ && next_ && next_->reader->state() == ItemReader::State::primed;
}

void Presenter::Loop::drop_next() {
  next_->figures.cut_cause = CutCause::takeover;
  retire(*next_);
  failed_.push_back(std::move(*next_));
  next_.reset();
  ++dropped_;
}

std::string Presenter::Loop::why_unreadable(Item& item) {
  Error error = item.reader->error();
  item.figures.altered = error.code == ErrorCode::corrupt;
  return std::move(error.message);
}

void Presenter::Loop::fail_next(std::string why, CutCause cause) {
  log_warn("cannot show {}: {}; going on to the next item", next_->planned.label, why);
  next_->figures.error = std::move(why);
  next_->figures.cut_cause = cause;
  retire(*next_);
  failed_.push_back(std::move(*next_));
  next_.reset();
  if (rushing_) {  // it would be asked for again at once
    urgent_not_before_ = clock_.boottime() + urgent_wait_;
    urgent_wait_ = std::min(2 * urgent_wait_, kMostUrgentWait);
  }
  rushing_ = gives_way_ = false;
  if (++failures_in_a_row_ >= kMostFailures && !current_) {
    ask_not_before_ = clock_.boottime() + kAskAgainAfter;
  }
}

bool Presenter::Loop::await_primed() {
  const Micros deadline = std::max(seam_.value_or(0), next_->asked_at) + options_.late_limit;
  while (!halted()) {
    const Micros reflip = glass_.lit() ? reflip_at() : deadline;
    const auto state = next_->reader->wait_primed(std::min(deadline, reflip), stop_);
    if (state == ItemReader::State::primed) {
      slowest_prime_ = std::max(slowest_prime_, next_->reader->prime_time());
      if (!next_->reader->info().still || next_->planned.length > 0) return true;
      give_up("a still states no length", CutCause::decode_error);
    } else if (state == ItemReader::State::failed) {
      give_up(why_unreadable(*next_), CutCause::decode_error);
    } else if (clock_.boottime() >= deadline) {
      give_up("not ready " + std::to_string(options_.late_limit / kMillisecond) +
              " ms after its time");
    } else if (clock_.boottime() >= reflip) {
      flip_again();
      continue;
    } else {
      continue;
    }
    return false;
  }
  return false;
}

void Presenter::Loop::give_up(std::string why, CutCause cause) {
  const bool was_showing = current_.has_value();
  fail_next(std::move(why), cause);
  end_current(was_showing ? std::max(clock_.boottime(), current_->end) : clock_.boottime());
}

}  // namespace vitrine
