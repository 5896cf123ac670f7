// The networks that the figures in docs/planner.md are about: drawn from a published seed, the same
// on every CPU (splitmix64, integers only).
#pragma once

#include <cstdint>

#include "planner/plan.hpp"

namespace vitrine::bench {

// Monday 2026-11-23.
inline constexpr std::int64_t kDay = 20'780;

struct NetworkShape {
  std::uint64_t seed = 20261123;
  std::uint32_t screens = 500;
  std::uint32_t areas = 500;  // screens are dealt out to them in turn
  std::uint32_t campaigns = 40;
  std::uint32_t load_permille = 800;  // sold plays of all slots
  std::uint32_t days = 1;             // the load is that of each of them
  std::uint16_t from_hour = 6;        // lit hours, half-open: 18 of them ...
  std::uint16_t until_hour = 24;
  std::uint32_t slot_ms = 15'000;  // ... of 240 plays each
  bool rules = false;              // separation, hourly and daily caps, competitors
};

// Each area has two groups that are at home in it and two hours that are its own; the hours of the
// day differ by a factor of up to twenty in footfall. Each campaign wants one to three groups, in
// one of the two currencies, and its goal is its part of the load, of which the largest has about
// ten times the smallest. It has two creatives as long as a slot, so that it may follow itself; so
// has the house loop.
plan::Network make_network(const NetworkShape& shape);

// What may come true of a forecast: the footfall of each area and hour of the week times a factor
// drawn evenly from 1 - most_percent / 100 to 1 + most_percent / 100.
std::map<AreaId, Profile> other_footfall(const std::map<AreaId, Profile>& profiles,
                                         std::uint32_t most_percent, std::uint64_t seed);

// The same network sold in target impressions: each contract's goal becomes what a plan gave it.
void sell_impressions(plan::Network& network, const plan::Plan& plan);

}  // namespace vitrine::bench
