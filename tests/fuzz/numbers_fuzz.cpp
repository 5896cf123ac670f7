// Numbers as anybody may send them; what is accepted steers a schedule of two campaigns for a day.
#include "one_day.hpp"
#include "protocol/documents.hpp"

using namespace vitrine;

namespace {

// Campaigns 1 and 2 of two creatives each, 11, 12, 21 and 22, and 90 for the house.
Schedule two_campaigns() {
  Schedule schedule;
  for (const CampaignId id : {1u, 2u}) {
    Campaign campaign;
    campaign.id = id;
    campaign.klass = CampaignClass::guaranteed;
    campaign.category = id == 1 ? "drinks" : "travel";
    Flight flight{.first_day = 20'780, .last_day = 20'790, .creatives = {}};
    for (const CreativeId creative : {10 * id + 1, 10 * id + 2}) {
      flight.creatives.push_back({creative, 1});
    }
    campaign.flights.push_back(flight);
    schedule.campaigns.push_back(campaign);
  }
  for (const CreativeId creative : {11u, 12u, 21u, 22u, 90u}) {
    schedule.creatives.push_back(
        {creative, "", 10'000, false, {{creative, {}, {static_cast<std::uint8_t>(creative)}}}});
  }
  schedule.house = {90};
  return schedule;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto numbers = fuzz::read_twice(fuzz::text_of(data, size), read_numbers, write_numbers);
  if (!numbers) return 0;
  static const Schedule schedule = two_campaigns();
  fuzz::play_a_day({.schedule = &schedule, .numbers = &*numbers});
  return 0;
}
