#include <algorithm>

#include "audience/keeper.hpp"

namespace vitrine {
namespace {

constexpr std::size_t kQuarter = 15;
// After a long sleep of the machine: so much of the blind time gets its rows, older minutes are
// simply not there.
constexpr Micros kMostBehind = kHour;
constexpr std::ptrdiff_t kMostWaiting = 1440;  // minutes that a full disk holds up

Micros minute_of(Micros at) {
  return floor_div(at, kMinute) * kMinute;
}

}  // namespace

FlowKeeper::FlowKeeper(const Clock& clock, PresenceTimeline& timeline, ExposureLog& log)
    : clock_(clock), timeline_(timeline), log_(log), next_(minute_of(clock.boottime())) {}

void FlowKeeper::take_minute() {
  FlowRow row = flow_of(timeline_.timeline(clock_.boottime()), next_, next_ + kMinute);
  row.boot = clock_.boot_id();
  waiting_.push_back(row);
  recent_.push_back({row.person_ms, row.coverage_permille * kMinute / kMillisecond / 1000});
  if (recent_.size() > kQuarter) recent_.pop_front();
  next_ += kMinute;
}

void FlowKeeper::take(Micros complete_until) {
  next_ = std::max(next_, minute_of(complete_until - kMostBehind));
  while (next_ + kMinute <= complete_until) take_minute();
  if (std::ssize(waiting_) > kMostWaiting)
    waiting_.erase(waiting_.begin(), waiting_.end() - kMostWaiting);
}

void FlowKeeper::finish(Micros complete_until) {
  take(complete_until);
  if (next_ < complete_until) take_minute();
}

Status FlowKeeper::write() {
  if (waiting_.empty()) return ok();
  if (auto written = log_.append_flow(waiting_); !written) {
    return std::move(written).error().context("cannot write the flow of a minute; trying again");
  }
  return ok();
}

FlowKeeper::Recent FlowKeeper::last_quarter() const {
  Recent sum;
  for (const Recent& minute : recent_) {
    sum.person_ms += minute.person_ms;
    sum.covered_ms += minute.covered_ms;
  }
  return sum;
}

}  // namespace vitrine
