#include "local_hours.hpp"

#include <algorithm>

#include "base/time.hpp"
#include "calendar.hpp"

namespace vitrine {
namespace {

constexpr std::int64_t kMinute_s = 60;
constexpr std::int64_t kHour_s = 3'600;
constexpr std::int64_t kDay_s = 86'400;
constexpr std::int64_t kWidestOffset_s = 26 * kHour_s;  // further from UTC no clock stands

// What the clocks of the zone show as [from, until) seconds of a local day, in UTC: for each span
// of constant offset, the part of it in which they show that.
void add_shown(const ZoneTable& zone, std::int64_t local_from, std::int64_t local_until,
               UtcSpans& spans) {
  const auto& changes = zone.transitions;
  const auto later = std::upper_bound(
      changes.begin(), changes.end(), local_from - kWidestOffset_s,
      [](std::int64_t utc, const ZoneTransition& change) { return utc < change.from_utc; });
  std::int64_t from =
      later == changes.begin() ? local_from - kWidestOffset_s : std::prev(later)->from_utc;
  for (auto next = later;; ++next) {
    const std::int64_t offset = zone.offset_at(from);
    const std::int64_t until =
        next == changes.end() ? local_until + kWidestOffset_s : next->from_utc;
    const UtcSpan span{std::max(local_from - offset, from), std::min(local_until - offset, until)};
    if (span.from < span.until) spans.push_back(span);
    if (next == changes.end() || until > local_until + kWidestOffset_s) return;
    from = until;
  }
}

void sort_and_join(UtcSpans& spans) {
  std::sort(spans.begin(), spans.end(),
            [](const UtcSpan& a, const UtcSpan& b) { return a.from < b.from; });
  UtcSpans joined;
  for (const UtcSpan& span : spans) {
    if (!joined.empty() && span.from <= joined.back().until) {
      joined.back().until = std::max(joined.back().until, span.until);
    } else {
      joined.push_back(span);
    }
  }
  spans = std::move(joined);
}

}  // namespace

std::int64_t seconds_in(const UtcSpans& spans) {
  std::int64_t sum = 0;
  for (const UtcSpan& span : spans) sum += span.until - span.from;
  return sum;
}

std::int64_t seconds_before(const UtcSpans& spans, std::int64_t utc_s) {
  std::int64_t sum = 0;
  for (const UtcSpan& span : spans) {
    sum += std::clamp<std::int64_t>(utc_s - span.from, 0, span.until - span.from);
  }
  return sum;
}

UtcSpans common(const UtcSpans& a, const UtcSpans& b) {
  UtcSpans both;
  for (const UtcSpan& one : a) {
    for (const UtcSpan& other : b) {
      const UtcSpan span{std::max(one.from, other.from), std::min(one.until, other.until)};
      if (span.from < span.until) both.push_back(span);
    }
  }
  return both;
}

UtcSpans hour_spans(const ZoneTable& zone, std::int64_t day, int hour) {
  UtcSpans spans;
  const std::int64_t from = day * kDay_s + hour * kHour_s;
  add_shown(zone, from, from + kHour_s, spans);
  sort_and_join(spans);
  return spans;
}

UtcSpans open_spans(const ZoneTable& zone, std::int64_t day, int hour,
                    const std::vector<Daypart>& dayparts, std::int64_t first_day,
                    std::int64_t last_day) {
  const auto flies = [&](std::int64_t on) { return first_day <= on && on <= last_day; };
  if (dayparts.empty()) return flies(day) ? hour_spans(zone, day, hour) : UtcSpans{};
  UtcSpans spans;
  const auto add = [&](std::int64_t from_minute, std::int64_t until_minute) {
    const std::int64_t from = std::max<std::int64_t>(from_minute, hour * 60);
    const std::int64_t until = std::min<std::int64_t>(until_minute, (hour + 1) * 60);
    if (from >= until) return;
    add_shown(zone, day * kDay_s + from * kMinute_s, day * kDay_s + until * kMinute_s, spans);
  };
  for (const Daypart& part : dayparts) {
    const bool overnight = part.until_minute <= part.from_minute;
    if (flies(day) && holds_on(part, day)) {
      add(part.from_minute, overnight ? kDay_s / kMinute_s : part.until_minute);
    }
    if (overnight && flies(day - 1) && holds_on(part, day - 1)) add(0, part.until_minute);
  }
  sort_and_join(spans);
  return spans;
}

}  // namespace vitrine
