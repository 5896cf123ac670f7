#include "player/play_history.hpp"

#include <set>

namespace vitrine {

HistoryPlay history_play(CampaignId campaign, CreativeId creative, Micros started,
                         const ClockReading& clock, const ZoneTable& zone) {
  HistoryPlay play;
  play.campaign = campaign;
  play.creative = creative;
  play.started = started;
  if (clock.trust != ClockTrust::none) {
    const LocalTime local = local_time(zone, clock.utc_s(started));
    play.local_day = local.day;
    play.local_hour = local.second / 3'600;
  }
  return play;
}

void PlayHistory::load(const std::vector<PlayRow>& newest,
                       const std::vector<PlayLog::TallyEntry>& tally, BootId boot, Micros now,
                       const ClockReading& clock, const ZoneTable& zone) {
  for (const PlayRow& row : newest) {
    if (row.kind == PlayKind::miss) continue;
    const bool ghost = row.kind == PlayKind::ghost;
    const Micros seen =
        ghost || row.first_flip_us == kAbsent ? row.planned_start_us : row.first_flip_us;
    HistoryPlay play = row.boot == boot
                           ? history_play(row.campaign, row.creative, seen, clock, zone)
                           : HistoryPlay{row.campaign, row.creative, now - kDay, 0, 0, false};
    play.ghost = ghost;
    recent_.push_back(play);
  }
  for (const PlayLog::TallyEntry& entry : tally) {
    tally_[{entry.campaign, entry.creative, entry.local_day}] += entry.plays;
  }
}

void PlayHistory::add(const HistoryPlay& play) {
  // Halved now and then instead of shifted at every play.
  if (recent_.size() >= 2 * kMostRecent)
    recent_.erase(recent_.begin(), recent_.end() - kMostRecent);
  recent_.push_back(play);
  ++tally_[{play.campaign, play.creative, play.local_day}];
}

History PlayHistory::for_schedule(const Schedule& schedule) const {
  History history;
  history.recent = recent_;
  std::set<CampaignId> wanted;
  for (const Campaign& campaign : schedule.campaigns) wanted.insert(campaign.id);
  for (const auto& [key, plays] : tally_) {
    const auto& [campaign, creative, day] = key;
    if (wanted.contains(campaign)) history.tally.push_back({campaign, creative, day, plays});
  }
  return history;
}

}  // namespace vitrine
