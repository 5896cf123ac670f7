#include "exposure/exposure.hpp"
#include "spans.hpp"

namespace vitrine {
namespace {

std::int64_t& dwell_bucket(FlowRow& row, Micros stay) {
  if (stay < 5 * kSecond) return row.dwell_0_5;
  if (stay < 15 * kSecond) return row.dwell_5_15;
  if (stay < 30 * kSecond) return row.dwell_15_30;
  if (stay < 60 * kSecond) return row.dwell_30_60;
  return row.dwell_60;
}

}  // namespace

FlowRow flow_of(const Timeline& timeline, Micros from, Micros until) {
  FlowRow row;
  row.minute_start_us = from;
  const auto covered = spans::covered(timeline, from, until);
  const std::int64_t covered_ms = spans::length_ms(covered);
  if (covered_ms == 0 || timeline.quality == Quality::none) return row;

  row.coverage_permille = spans::coverage_permille(covered_ms, from, until);
  row.quality = timeline.quality;
  row.method = timeline.method;
  for (const Crossing& crossing : timeline.crossings) {
    if (spans::within(crossing.at, from, until)) ++(crossing.direction > 0 ? row.in : row.out);
  }
  const bool people = timeline.quality == Quality::people;
  if (people) {
    row.dwell_0_5 = row.dwell_5_15 = row.dwell_15_30 = row.dwell_30_60 = row.dwell_60 = 0;
  }
  for (const PresenceInterval& interval : timeline.presence) {
    row.person_ms += spans::overlap_ms(interval, covered);
    if (people && spans::within(interval.until, from, until)) {
      ++dwell_bucket(row, interval.until - interval.from);
    }
  }
  return row;
}

}  // namespace vitrine
