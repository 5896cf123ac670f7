#include <algorithm>

#include "audience/keeper.hpp"

namespace vitrine {
namespace {

constexpr std::size_t kQuarter = 15;
// After a long sleep of the machine: so much of the blind time gets its rows, older minutes are
// simply not there.
constexpr Micros kMostBehind = kHour;

Micros minute_of(Micros at) {
  return floor_div(at, kMinute) * kMinute;
}

}  // namespace

FlowKeeper::FlowKeeper(const Clock& clock, PresenceTimeline& timeline, ExposureLog& log)
    : clock_(clock), timeline_(timeline), log_(log), next_(minute_of(clock.boottime())) {}

Status FlowKeeper::write_minute() {
  FlowRow row = flow_of(timeline_.timeline(clock_.boottime()), next_, next_ + kMinute);
  row.boot = clock_.boot_id();
  if (auto written = log_.append_flow({row}); !written) {
    return std::move(written).error().context("cannot write the flow of a minute; trying again");
  }
  recent_.push_back({row.person_ms, row.coverage_permille * kMinute / kMillisecond / 1000});
  if (recent_.size() > kQuarter) recent_.pop_front();
  next_ += kMinute;
  return ok();
}

Status FlowKeeper::tick(Micros complete_until) {
  next_ = std::max(next_, minute_of(complete_until - kMostBehind));
  while (next_ + kMinute <= complete_until) {
    if (auto written = write_minute(); !written) return written;
  }
  return ok();
}

Status FlowKeeper::finish(Micros complete_until) {
  if (auto done = tick(complete_until); !done) return done;
  return next_ < complete_until ? write_minute() : ok();
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
