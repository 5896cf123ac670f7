#include "audience/presence.hpp"

#include <algorithm>
#include <numeric>

namespace vitrine {
namespace {

constexpr std::size_t kGapsLookedAt = 4;
constexpr Micros kRateWindow = 3 * kSecond;

}  // namespace

PresenceTimeline::PresenceTimeline(Quality quality, Method method, const Hash256& model) {
  timeline_.quality = quality;
  timeline_.method = method;
  timeline_.model = model;
}

bool PresenceTimeline::covers(Micros gap) {
  if (gap > kLongestGap) {
    gaps_.clear();
    return false;
  }
  gaps_.push_back(gap);
  if (gaps_.size() > kGapsLookedAt) gaps_.pop_front();
  const Micros sum = std::accumulate(gaps_.begin(), gaps_.end(), Micros{0});
  return sum <= kLongestMeanGap * static_cast<Micros>(gaps_.size());
}

void PresenceTimeline::frame(Micros at, bool usable, const std::vector<Track>& tracks,
                             const std::vector<int>& crossings) {
  const std::lock_guard lock(mutex_);
  ++frames_;
  stamps_.push_back(at);
  while (stamps_.front() < at - kRateWindow) stamps_.pop_front();

  const Micros before = last_at_.value_or(at);
  if (last_at_ && covers(at - before) && last_usable_) {
    // The frame before spoke for the time until this one, and so did the boxes in it.
    if (!timeline_.covered.empty() && timeline_.covered.back().until == before) {
      timeline_.covered.back().until = at;
    } else {
      timeline_.covered.push_back({before, at});
    }
    for (auto& [id, open] : open_) {
      if (open.seen) open.interval.until = at;
    }
  }
  last_at_ = at;
  last_usable_ = usable;
  pending_from_ = at;

  for (auto& [id, open] : open_) open.seen = false;
  std::map<std::uint64_t, Open> still;
  if (usable) {
    for (const Track& track : tracks) {
      if (!track.confirmed || !track.seen) {
        pending_from_ =
            std::min(pending_from_, track.confirmed ? track.last_seen : track.first_seen);
      }
      if (!track.confirmed) continue;
      const auto found = open_.find(track.id);
      Open open{{track.id, track.first_seen, track.first_seen}, false};
      if (found != open_.end()) {
        open = found->second;
        open_.erase(found);
      }
      open.seen = track.seen;
      // Found again: what lay between is bridged.
      if (track.seen) open.interval.until = at;
      still.emplace(track.id, open);
    }
    for (const int direction : crossings) {
      // Somewhere between the last two frames.
      timeline_.crossings.push_back({before + (at - before) / 2, direction});
      ++crossings_;
    }
  }
  close_tracks();
  open_ = std::move(still);
  prune(at);
}

void PresenceTimeline::close_tracks() {
  for (const auto& [id, open] : open_) {
    if (open.interval.until > open.interval.from) timeline_.presence.push_back(open.interval);
  }
  open_.clear();
}

void PresenceTimeline::end_tracks() {
  const std::lock_guard lock(mutex_);
  // Kept as seen for one more step: the last frame of the old picture speaks until the first of the
  // new one.
  for (auto& [id, open] : open_) {
    if (open.seen && last_at_) open.interval.until = *last_at_;
  }
  close_tracks();
}

void PresenceTimeline::lost() {
  const std::lock_guard lock(mutex_);
  close_tracks();
  last_at_.reset();
  last_usable_ = false;
  gaps_.clear();
  stamps_.clear();
}

Micros PresenceTimeline::complete_until(Micros now) const {
  const std::lock_guard lock(mutex_);
  if (!last_at_) return now;
  const Micros complete = std::min(pending_from_, *last_at_);
  // A camera that hangs must not hold up the rows: its silence is known to be blind.
  return now - *last_at_ > kSilence ? std::max(complete, now - kSilence) : complete;
}

Timeline PresenceTimeline::timeline(Micros now) {
  const std::lock_guard lock(mutex_);
  prune(now);
  Timeline copy = timeline_;
  for (const auto& [id, open] : open_) {
    if (open.interval.until > open.interval.from) copy.presence.push_back(open.interval);
  }
  return copy;
}

PresenceTimeline::Figures PresenceTimeline::figures(Micros now) const {
  const std::lock_guard lock(mutex_);
  Figures figures;
  figures.crossings = crossings_;
  figures.frames = frames_;
  if (!last_at_ || now - *last_at_ > kSilence) return figures;
  figures.present = static_cast<std::int64_t>(open_.size());
  const Micros span = stamps_.back() - stamps_.front();
  if (span > 0) {
    figures.fps_milli = static_cast<std::int64_t>(stamps_.size() - 1) * 1000 * kSecond / span;
  }
  return figures;
}

void PresenceTimeline::prune(Micros now) {
  const Micros horizon = now - kPresenceKept;
  const auto cut = [horizon](auto& spans) {
    std::erase_if(spans, [&](const auto& span) { return span.until <= horizon; });
    for (auto& span : spans) span.from = std::max(span.from, horizon);
  };
  cut(timeline_.presence);
  cut(timeline_.covered);
  for (auto& [id, open] : open_) {
    open.interval.from = std::max(open.interval.from, horizon);
    open.interval.until = std::max(open.interval.until, open.interval.from);
  }
  std::erase_if(timeline_.crossings,
                [&](const Crossing& crossing) { return crossing.at < horizon; });
}

}  // namespace vitrine
