// Other ways to fill a network, re-implemented from their described rules, for comparison. All keep
// slots, hourly limits and goals; none looks ahead.
#pragma once

#include <vector>

#include "planner/network.hpp"

namespace vitrine::bench {

struct Filled {
  double impressions_milli = 0;  // target impressions x 1000
  double short_plays = 0;        // of all goals
};

// One local day. Contracts in plays; rules other than separation and hourly caps are not kept.
// Greedy: all (screen, hour, campaign) in descending value, each as full as it goes.
Filled greedy(const plan::Network& network, std::int64_t day);
// Uniform hourly pacing: each campaign's goal spread evenly over the hours, and in each hour evenly
// over all screens; where an hour is full what is left is cut off alike for all.
Filled uniform(const plan::Network& network, std::int64_t day);
// Round robin: every screen plays the campaigns in turn, each until its goal is met.
Filled round_robin(const plan::Network& network, std::int64_t day);

}  // namespace vitrine::bench
