#include "standing.hpp"

namespace vitrine {
namespace {

std::int64_t or_absent(std::int64_t cap) {
  return cap == kNoCap ? kAbsent : cap;
}

Standing standing_of(const Slot& slot, std::size_t place) {
  const CompiledCampaign& campaign = slot.schedule.campaigns()[place];
  Standing standing;
  standing.campaign = campaign.campaign->id;
  standing.open = slot.segment.open_campaign(place, slot.moment) != nullptr;
  standing.today = slot.state.today(place);
  standing.this_hour = slot.state.this_hour(place);
  standing.daily_cap = or_absent(campaign.daily_cap);
  standing.hourly_cap = or_absent(campaign.hourly_cap);
  const Micros rested = slot.state.rested_at(place);
  if (rested != std::numeric_limits<Micros>::min())
    standing.since_last = slot.boottime - (rested - campaign.separation);
  const auto owed = slot.state.owed(place);
  if (!owed) return standing;
  standing.by_quota = true;
  standing.due_today = *owed + standing.today;
  const auto& turns = slot.state.turns(slot.live_q4);
  if (turns.empty()) return standing;
  const HourTurns& hour = turns[place];
  standing.hour_plays = hour.plays;
  standing.hour_had = hour.had;
  if (hour.had < hour.plays && !hour.open.empty()) {
    standing.opens_utc_ms = hour.opens_utc_ms;
    standing.closes_utc_ms = hour.closes_utc_ms;
  }
  return standing;
}

}  // namespace

Standings standings_of(const Slot& slot) {
  Standings standings;
  standings.previous = slot.state.previous();
  for (std::size_t place = 0; place < slot.schedule.campaigns().size(); ++place)
    standings.campaigns.push_back(standing_of(slot, place));
  return standings;
}

}  // namespace vitrine
