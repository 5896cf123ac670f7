#include <map>

#include "exposure/exposure.hpp"
#include "spans.hpp"

namespace vitrine {
namespace {

// Geopath's opportunity to see: the message was up for at least a second of the person's stay.
constexpr std::int64_t kOpportunityMs = 1000;

}  // namespace

ExposureRow expose(const Timeline& timeline, LogId play_log, std::uint64_t play_seq, Micros from,
                   Micros until) {
  ExposureRow row;
  row.play_log_id = play_log;
  row.play_seq = play_seq;
  const auto covered = spans::covered(timeline, from, until);
  const std::int64_t covered_ms = spans::length_ms(covered);
  if (covered_ms == 0 || timeline.quality == Quality::none) return row;

  row.coverage_permille = spans::coverage_permille(covered_ms, from, until);
  row.quality = timeline.quality;
  row.method = timeline.method;
  row.model = timeline.model;
  row.crossings = 0;
  for (const Crossing& crossing : timeline.crossings) {
    if (spans::within(crossing.at, from, until)) ++row.crossings;
  }

  const bool people = timeline.quality == Quality::people;
  std::map<std::uint64_t, std::int64_t> ms_of_track;
  std::map<std::uint64_t, Micros> first_seen;
  for (const PresenceInterval& interval : timeline.presence) {
    const std::int64_t overlap = spans::overlap_ms(interval, covered);
    row.person_ms += overlap;
    if (!people) continue;
    ms_of_track[interval.track] += overlap;
    const auto [seen, fresh] = first_seen.try_emplace(interval.track, interval.from);
    if (!fresh && interval.from < seen->second) seen->second = interval.from;
  }
  if (people) {
    row.ots = 0;
    row.first_exposed = 0;
    for (const auto& [track, ms] : ms_of_track) {
      if (ms >= kOpportunityMs) ++row.ots;
    }
    for (const auto& [track, at] : first_seen) {
      if (spans::within(at, from, until)) ++row.first_exposed;
    }
  }
  // viewers and attention stay absent: a timeline of bodies cannot know where they look.
  return row;
}

}  // namespace vitrine
