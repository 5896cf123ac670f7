#include "log_history.hpp"

#include <algorithm>

#include "scheduler/input_record.hpp"

namespace vitrine {
namespace {

// When a play of unknown time started: long ago, yet so that differences fit.
constexpr Micros kLongAgo = -1'000'000 * kDay;

}  // namespace

HistoryPlay history_play(CampaignId campaign, CreativeId creative, Micros started,
                         const KnownClock& clock, const ZoneTable& zone) {
  HistoryPlay play;
  play.campaign = campaign;
  play.creative = creative;
  play.started = started;
  if (clock.trust != ClockTrust::none) {
    const LocalTime local = local_time(zone, floor_div(clock.utc_ms(started), 1'000));
    play.local_day = local.day;
    play.local_hour = local.second / 3'600;
  }
  return play;
}

LogHistory::LogHistory(const ScreenLog& log, const ZoneTable& zone) : log_(log), zone_(zone) {
  RecordedInputs inputs;
  for (const InputRow& row : log.inputs) {
    if (row.kind != InputKind::restated && row.kind != InputKind::clock_trust &&
        row.kind != InputKind::clock_offset) {
      continue;
    }
    inputs.take(row);
    if (!clocks_.empty() && clocks_.back().first == row.decision_seq) {
      clocks_.back().second = inputs.clock;
    } else if (clocks_.empty() || !(clocks_.back().second == inputs.clock)) {
      clocks_.emplace_back(row.decision_seq, inputs.clock);
    }
  }
  for (const PlayRow& row : log.plays) {
    if (row.kind == PlayKind::ghost) ghost_flips_.try_emplace(row.decision_seq, kAbsent);
  }
  for (const PlayRow& row : log.plays) {
    if (row.first_flip_us == kAbsent) continue;
    const auto ghost = ghost_flips_.find(row.decision_seq);
    if (ghost != ghost_flips_.end()) ghost->second = row.first_flip_us;
  }
}

KnownClock LogHistory::clock_at(std::uint64_t decision_seq) const {
  const auto later =
      std::upper_bound(clocks_.begin(), clocks_.end(), decision_seq,
                       [](std::uint64_t seq, const auto& change) { return seq < change.first; });
  return later == clocks_.begin() ? KnownClock{} : std::prev(later)->second;
}

Micros LogHistory::started(const PlayRow& row) const {
  Micros flip = row.first_flip_us;
  if (row.kind == PlayKind::ghost) flip = ghost_flips_.at(row.decision_seq);
  return flip != kAbsent ? flip : row.planned_start_us;
}

HistoryPlay LogHistory::play_of(const PlayRow& row) const {
  HistoryPlay play =
      history_play(row.campaign, row.creative, started(row), clock_at(row.decision_seq), zone_);
  play.ghost = row.kind == PlayKind::ghost;
  return play;
}

std::vector<HistoryPlay> LogHistory::recent(std::size_t first, std::size_t last, BootId boot,
                                            const KnownClock& clock) const {
  std::vector<HistoryPlay> plays;
  for (std::size_t i = first; i < last; ++i) {
    const PlayRow& row = log_.plays[i];
    if (!counts(row)) continue;
    HistoryPlay play = play_of(row);
    if (row.boot != boot) {
      const KnownClock then = clock_at(row.decision_seq);
      const bool known = then.trust != ClockTrust::none && clock.trust != ClockTrust::none;
      play.started =
          known ? play.started + then.utc_minus_boottime - clock.utc_minus_boottime : kLongAgo;
    }
    plays.push_back(play);
  }
  return plays;
}

History history_of(const ScreenLog& log, BootId boot, const KnownClock& clock,
                   const ZoneTable& zone) {
  return {LogHistory(log, zone).recent(0, log.plays.size(), boot, clock), log.tally};
}

}  // namespace vitrine
