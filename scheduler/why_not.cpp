#include "why_not.hpp"

#include <algorithm>

namespace vitrine {
namespace {

// Why its quota keeps it back; none: its turn has come, or no quota speaks for it.
Reason quota_bar(const Slot& slot, std::size_t place) {
  const CompiledCampaign& campaign = slot.schedule.campaigns()[place];
  if (!slot.moment.known || slot.schedule.documents().numbers == nullptr) return Reason::none;
  if (campaign.numbers == nullptr) {
    const bool planned = campaign.campaign->klass == CampaignClass::guaranteed;
    return planned ? Reason::quota_met : Reason::none;
  }
  if (slot.state.owed(place).value_or(0) <= 0) return Reason::quota_met;
  return slot.state.turns(slot.live_q4)[place].due(slot.moment.utc_ms) ? Reason::none
                                                                       : Reason::paced;
}

}  // namespace

void add_rejections(const Slot& slot, const Decision& decision,
                    std::vector<Rejection>& rejections) {
  const int group = largest_group(slot.schedule.documents().profile, slot.moment);
  const auto add = [&](CampaignId campaign, CreativeId creative, Reason reason) {
    const bool chosen = decision.playable && decision.campaign == campaign &&
                        (creative == 0 || creative == decision.creative);
    if (reason != Reason::none && !chosen) rejections.push_back({campaign, creative, reason});
  };
  for (std::size_t place = 0; place < slot.schedule.campaigns().size(); ++place) {
    const CompiledCampaign& compiled = slot.schedule.campaigns()[place];
    const CampaignId id = compiled.campaign->id;
    Reason why_not = Reason::none;
    const CompiledFlight* flight = flight_of(compiled, slot.moment, why_not);
    if (flight == nullptr) {
      add(id, 0, why_not);
      continue;
    }
    for (const FlightCreative& entry : flight->creatives) {
      if (entry.creative->variant_for(group, why_not) == nullptr)
        add(id, entry.creative->creative->id, why_not);
    }
    if (const OpenCampaign* open = slot.segment.open_campaign(place, slot.moment)) {
      add(id, 0, slot.bar(*open));
      for (const Offer& offer : open->offers) {
        const bool again = slot.just_shown(*offer.creative) && decision.playable &&
                           decision.creative != offer.creative->id;
        if (again) add(id, offer.creative->id, Reason::just_shown);
      }
    }
    add(id, 0, quota_bar(slot, place));
  }
  for (const CreativeId id : slot.schedule.schedule().house) {
    const CompiledCreative* creative = slot.schedule.creative(id);
    Reason why_not = Reason::content_absent;
    if (creative != nullptr) creative->variant_for(group, why_not);
    add(0, id, why_not);
  }
}

}  // namespace vitrine
