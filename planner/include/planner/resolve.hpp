// Planning again with what was really played.
//
// A day of a screen is known when a delivery row tells of it; a campaign without a row then had no
// play. A day without any row is unknown, never zero: yesterday's is taken as played as planned,
// for the report may still come. When 24 hours have passed since the day's end its share is
// released: taken as not played, and planned again. A screen that told of neither of the last two
// days is silent: nothing is assumed of it, it gets no new share until it is heard of, and keeps
// the numbers it has.
//
// A line sold in impressions has had those that the deliveries tell of; a play of which they do
// not, or that is assumed, counts as one of the first plan.
//
// Each arm of a campaign keeps the goal that its first plan gave it, so nothing moves between arms.
#pragma once

#include "planner/issued.hpp"
#include "planner/network_files.hpp"

namespace vitrine::plan {

// One line up to the day that is planned anew.
struct LineHistory {
  CampaignId campaign = 0;
  Arm arm = Arm::none;
  GoalUnit unit = GoalUnit::plays;
  std::int64_t goal_milli = 0;  // of the whole contract, as first planned
  std::int64_t delivered = 0;   // plays told of
  std::int64_t told_milli = 0;  // target impressions x 1000 told of, ...
  std::int64_t untold = 0;      // ... and the delivered plays of which none were told
  std::int64_t assumed = 0;     // plays taken as played
  std::int64_t missed = 0;      // plays that were due and are not taken as played: to be made good
  std::int64_t remaining_milli = 0;  // of the goal
};

struct Resolution {
  Network network;  // to allocate: without silent screens, goals are what remains
  std::vector<LineHistory> lines;
  std::size_t silent = 0;   // screens
  std::size_t unknown = 0;  // screens whose yesterday is assumed

  // What each screen of `network` would still play by the numbers it has, x 1000, by campaign.
  std::vector<std::map<CampaignId, std::int64_t>> left_milli;
};

// `today` is the first day to plan; deliveries are of days before it. `not_found` when a delivery
// names a campaign without goals, `invalid` for a day that is not over.
Result<Resolution> resolve(const Network& network, const IssuedState& issued,
                           const std::vector<Delivery>& deliveries, std::int64_t today);

// Whether a screen needs new numbers: some campaign's quota moved by more than a twentieth.
bool has_moved(const std::map<CampaignId, std::int64_t>& left_milli, const Plan& plan,
               std::size_t screen);

}  // namespace vitrine::plan
