// Contracts, screens and profiles -> how often each screen shows each campaign.
//
// A cell is one local hour of one day on one screen. With a = target impressions of a play in a
// cell and x = plays there, the plan maximises
//
//     sum of a x  -  sum over campaigns of loss(goal - delivered)
//
// where x is at most what separation, hourly cap and daypart leave in that hour, the x of an hour
// are at most its slots, and delivered is at most the goal. The loss of a guaranteed campaign is so
// steep that no gain in impressions is worth one undelivered play (more than the dearest play in
// the network for every campaign, so no chain of exchanges pays either); that of a share campaign
// is one dearest play; remnant has none. So goals come first, and nothing is short
// that can be delivered (but for competitors, whom only the repair knows). Beyond feasibility the
// loss grows with what is missing, so that the short ones are short alike.
//
// The dual of this has one price a campaign, and one for each daily cap that binds. Its value at
// any prices bounds every plan, so a plan certifies itself. Competitors are respected in the plan
// and left out of the bound.
#pragma once

#include <cstdint>

#include "planner/plan.hpp"

namespace vitrine::plan {

struct AllocateOptions {
  std::int64_t first_day = 0;  // local days since 1970 to plan, both inclusive
  std::int64_t last_day = 0;
  unsigned threads = 1;  // the result does not depend on it
  // How far the bound may stay above the optimum, as a part of it. Time grows with its logarithm.
  double precision = 2e-5;
};

// The same input gives the same plan, bit for bit, on every CPU and with any number of threads.
// `invalid` when the network is (check), or the days are none or more than 366.
Result<Plan> allocate(const Network& network, const AllocateOptions& options);

}  // namespace vitrine::plan
