#include "billing/wall_time.hpp"

#include <algorithm>
#include <tuple>

namespace vitrine::billing {
namespace {

constexpr std::int64_t kDistanceOfOne = 1'000'000 / kDriftPpm;  // us in which 1 us is lost
constexpr std::int64_t kEarliest = 18'262 * kDay;               // 2020-01-01
constexpr std::int64_t kLatest = 47'482 * kDay;                 // 2100-01-01
constexpr std::int64_t kMostError = 366 * kDay;
constexpr std::int64_t kLongestBoot = 100 * 366 * kDay;

bool can_be(const TimeFix& fix) {
  return fix.utc_us >= kEarliest && fix.utc_us < kLatest && fix.error_us >= 0 &&
         fix.error_us <= kMostError && fix.boottime_us >= 0 && fix.boottime_us <= kLongestBoot;
}

bool is_trusted(const TimeFix& fix) {
  return fix.source == TimeSource::ntp || fix.source == TimeSource::beacon;
}

auto order(const TimeFix& fix) {
  return std::tuple(fix.boottime_us, fix.error_us, fix.utc_us, fix.source);
}

std::int64_t offset(const TimeFix& fix) {
  return fix.utc_us - fix.boottime_us;
}

// How far off a fix may be at that moment, rounded up.
std::int64_t error_at(const TimeFix& fix, std::int64_t at_us) {
  const std::int64_t distance =
      at_us < fix.boottime_us ? fix.boottime_us - at_us : at_us - fix.boottime_us;
  return fix.error_us + (distance + kDistanceOfOne - 1) / kDistanceOfOne;
}

std::int64_t magnitude(std::int64_t value) {
  return value < 0 ? -value : value;
}

// The offset on the straight line between two fixes.
std::int64_t offset_between(const TimeFix& from, const TimeFix& to, std::int64_t at_us) {
  const std::int64_t change = offset(to) - offset(from);
  const std::int64_t part =
      mul_div(magnitude(change), at_us - from.boottime_us, to.boottime_us - from.boottime_us);
  return offset(from) + (change < 0 ? -part : part);
}

TimeQuality quality_of(std::int64_t error_us, bool trusted) {
  if (!trusted || error_us > kMinute) return TimeQuality::held;
  return error_us <= kSecond ? TimeQuality::within_second : TimeQuality::within_minute;
}

}  // namespace

WallClock::WallClock(std::vector<TimeFix> fixes) {
  refused_ = std::erase_if(fixes, [](const TimeFix& fix) { return !can_be(fix); });
  trusted_ = std::any_of(fixes.begin(), fixes.end(), is_trusted);
  if (trusted_) std::erase_if(fixes, [](const TimeFix& fix) { return !is_trusted(fix); });
  std::sort(fixes.begin(), fixes.end(),
            [](const TimeFix& a, const TimeFix& b) { return order(a) < order(b); });
  // Two answers to one question: the one with the smaller error, which sorts first.
  fixes.erase(std::unique(fixes.begin(), fixes.end(),
                          [](const TimeFix& a, const TimeFix& b) {
                            return a.boottime_us == b.boottime_us;
                          }),
              fixes.end());
  fixes_ = std::move(fixes);
  before_.resize(fixes_.size());
  after_.resize(fixes_.size());
  // Of two fixes on one side of a moment the same one is better for every moment beyond both.
  for (std::size_t i = 0; i < fixes_.size(); ++i) {
    before_[i] = i;
    if (i == 0) continue;
    const std::size_t earlier = before_[i - 1];
    if (error_at(fixes_[earlier], fixes_[i].boottime_us) < fixes_[i].error_us) before_[i] = earlier;
  }
  for (std::size_t i = fixes_.size(); i-- > 0;) {
    after_[i] = i;
    if (i + 1 == fixes_.size()) continue;
    const std::size_t later = after_[i + 1];
    if (error_at(fixes_[later], fixes_[i].boottime_us) < fixes_[i].error_us) after_[i] = later;
  }
}

WallTime WallClock::at(std::int64_t boottime_us) const {
  if (fixes_.empty() || boottime_us < 0 || boottime_us > kLongestBoot) return {};
  const auto next = std::upper_bound(
      fixes_.begin(), fixes_.end(), boottime_us,
      [](std::int64_t at_us, const TimeFix& fix) { return at_us < fix.boottime_us; });
  const auto index = static_cast<std::size_t>(next - fixes_.begin());
  const TimeFix* before = index == 0 ? nullptr : &fixes_[before_[index - 1]];
  const TimeFix* after = index == fixes_.size() ? nullptr : &fixes_[after_[index]];
  if (before == nullptr || after == nullptr) {
    const TimeFix& nearest = before == nullptr ? *after : *before;
    const std::int64_t error = error_at(nearest, boottime_us);
    return {boottime_us + offset(nearest), error, quality_of(error, trusted_)};
  }
  // What holds of a fix holds of the line, but for how far the line leaves it. The better of the
  // two answers is true when both fixes are; where they contradict each other neither is believed
  // beyond the other.
  const std::int64_t between = offset_between(*before, *after, boottime_us);
  const std::int64_t from_before =
      error_at(*before, boottime_us) + magnitude(between - offset(*before));
  const std::int64_t from_after =
      error_at(*after, boottime_us) + magnitude(between - offset(*after));
  const bool agree = magnitude(offset(*after) - offset(*before)) <=
                     error_at(*before, after->boottime_us) + after->error_us;
  const std::int64_t error =
      agree ? std::min(from_before, from_after) : std::max(from_before, from_after);
  return {boottime_us + between, error, quality_of(error, trusted_)};
}

}  // namespace vitrine::billing
