// What a plan means for one screen, as the document that the backend signs.
#pragma once

#include <map>
#include <utility>

#include "planner/plan.hpp"

namespace vitrine::plan {

class NumbersMaker {
 public:
  // Borrows both.
  NumbersMaker(const Network& network, const Plan& plan);

  // A guaranteed campaign is named where it gets something: those that numbers do not name have no
  // plays. Other classes under contract are always named, with no goals where they get nothing, for
  // unnamed ones play by weight. Creatives get the weights of the one flight that the planned days
  // fall into; where they fall into several, the schedule's own weights hold. May be called from
  // several threads.
  Numbers of(std::size_t screen) const;

 private:
  const Network& network_;
  const Plan& plan_;
  std::map<std::pair<CampaignId, AreaId>, Arm> arms_;
  std::map<CampaignId, std::vector<CreativeShare>> creatives_;
  std::map<CampaignId, std::size_t> contracts_;  // places in the network
  std::vector<std::size_t> always_named_;
};

// Weights that sum to 10000 with at least 500 each, in proportion as far as that allows. Empty for
// none and for more than 20 creatives.
std::vector<CreativeShare> creative_shares(const std::vector<WeightedCreative>& creatives);

}  // namespace vitrine::plan
