#include "audio_follower.hpp"

#include <algorithm>
#include <cmath>

namespace vitrine {
namespace {

// What is heard is decided anew for each millisecond.
constexpr std::int64_t kStep = 48;
constexpr Micros kStepLength = audio_length(kStep);
// Of the offset, a second: 2,000 ppm are held 8 ms off, and a step of the device is not heard.
constexpr double kCorrected = 0.25;
// So much more than its fade must lie ready before a track begins to sound.
constexpr std::int64_t kMargin = audio_frames(10 * kMillisecond);
constexpr std::int64_t kMostPlayedKept = 4800;

std::int16_t to_sample(float value) {
  return static_cast<std::int16_t>(std::lrint(std::clamp(value, -32768.0f, 32767.0f)));
}

}  // namespace

AudioFollower::AudioFollower(Micros fade)
    : fade_(fade), step_(fade > 0 ? 1.0f / static_cast<float>(audio_frames(fade)) : 1.0f) {}

void AudioFollower::play(AudioPart part) {
  if (part.track == replaced_.lock()) return;  // its seam came sooner than the presenter knew
  if (!now_.track) next_.reset();
  if (!now_.track || part.track == now_.track) {
    now_ = std::move(part);
  } else {
    next_ = std::move(part);
  }
}

void AudioFollower::drop(const std::shared_ptr<AudioTrack>& track) {
  if (next_ && next_->track == track) next_.reset();
  if (now_.track == track) now_.until = 0;
}

bool AudioFollower::settled() const {
  return (!now_.track || !now_.track->low()) && (!next_ || !next_->track->low());
}

void AudioFollower::render(Micros now, Micros heard_at, std::span<std::int16_t> samples) {
  const auto frames = static_cast<std::int64_t>(samples.size()) / kAudioChannels;
  for (std::int64_t done = 0; done < frames; done += kStep) {
    const std::int64_t count = std::min(kStep, frames - done);
    const Micros at = heard_at + audio_length(done);
    const auto out = samples.subspan(static_cast<std::size_t>(done * kAudioChannels),
                                     static_cast<std::size_t>(count * kAudioChannels));
    if (gain_ == 0) change_over(at);
    const bool quiet = wanted_silent(now, at);
    const Micros wanted = at - now_.anchor;
    if (gain_ == 0) {
      // Also while nothing of it is to be heard: it must not be behind when it is.
      const bool here = now_.track && align(wanted);
      if (!here || quiet) {
        std::fill(out.begin(), out.end(), std::int16_t{0});
        continue;
      }
    } else {
      fill();
    }
    steer(wanted);
    const bool ending = ahead() <= audio_frames(fade_) + 2 * kStep;
    sound(out, quiet || ending || std::abs(offset_) > kJumpBeyond);
  }
}

// What is over makes room, and what was to follow takes over, once the one before has faded.
void AudioFollower::change_over(Micros at) {
  const bool over = now_.until != kAbsent && at >= now_.until;
  const bool due = next_ && at >= next_->anchor;
  if (!over && !due) return;
  if (now_.track) now_.track->leave();
  replaced_ = now_.track;
  now_ = due ? std::move(*next_) : AudioPart{};
  if (due) next_.reset();
  reading_ = false;
  window_.clear();
}

bool AudioFollower::wanted_silent(Micros now, Micros at) const {
  if (!now_.track) return true;
  const Micros faded = at + fade_ + kStepLength;
  if (now_.until != kAbsent && faded >= now_.until) return true;
  if (next_ && faded >= next_->anchor) return true;
  return now_.video_until != kAbsent && now > now_.video_until + kHeldBeyond;
}

// Goes to where the track is at `wanted`, leaving out what should have been heard before it. False:
// that is not here, or not enough of it to be worth beginning.
bool AudioFollower::align(Micros wanted) {
  for (;;) {
    if (reading_) {
      fill();
      if (ahead() > 0) {
        const Micros off = pts_here() - wanted;
        if (off > audio_length(1)) return false;  // its time has not come
        const std::int64_t late = audio_frames(std::max<Micros>(0, -off));
        place_ = std::floor(place_) + static_cast<double>(std::min(late, ahead()));
        if (late <= ahead()) {
          fill();
          return ahead() > audio_frames(fade_) + 2 * kStep + kMargin;
        }
        continue;
      }
    }
    const auto pts = now_.track->next_stretch();
    if (!pts) return false;
    stretch_pts_ = *pts;
    window_.assign(static_cast<std::size_t>(Interpolator::kBefore * kAudioChannels), 0);
    window_begins_ = -Interpolator::kBefore;
    place_ = Interpolator::kBefore;
    reading_ = true;
  }
}

// Enough of the stretch for what is decided next, as far as it is there.
void AudioFollower::fill() {
  if (const auto played = static_cast<std::int64_t>(place_) - Interpolator::kBefore;
      played > kMostPlayedKept) {
    window_.erase(window_.begin(), window_.begin() + played * kAudioChannels);
    window_begins_ += played;
    place_ -= static_cast<double>(played);
  }
  const std::int64_t missing = audio_frames(fade_) + 4 * kStep + kMargin - ahead();
  if (missing > 0) now_.track->pull(window_, missing);
}

void AudioFollower::steer(Micros wanted) {
  offset_ = pts_here() - wanted;
  const double seconds = static_cast<double>(offset_) / kSecond;
  stretch_ = std::clamp(-kCorrected * seconds, -kMostStretch, kMostStretch);
}

void AudioFollower::sound(std::span<std::int16_t> samples, bool fading) {
  for (std::size_t i = 0; i < samples.size(); i += kAudioChannels) {
    gain_ = fading ? std::max(0.0f, gain_ - step_) : std::min(1.0f, gain_ + step_);
    if (ahead() <= 0) gain_ = 0;
    if (gain_ == 0) {
      std::fill(samples.begin() + static_cast<std::ptrdiff_t>(i), samples.end(), std::int16_t{0});
      return;
    }
    const double whole = std::floor(place_);
    const auto* frame = window_.data() + static_cast<std::size_t>(whole) * kAudioChannels;
    const auto heard = interpolator_.at(frame, place_ - whole);
    samples[i] = to_sample(gain_ * heard[0]);
    samples[i + 1] = to_sample(gain_ * heard[1]);
    place_ += 1.0 + stretch_;
  }
}

std::int64_t AudioFollower::ahead() const {
  return static_cast<std::int64_t>(window_.size()) / kAudioChannels - Interpolator::kAfter -
         static_cast<std::int64_t>(std::ceil(place_));
}

Micros AudioFollower::pts_here() const {
  return stretch_pts_ + static_cast<Micros>(std::llround(
                            (static_cast<double>(window_begins_) + place_) * kSecond / kAudioRate));
}

}  // namespace vitrine
