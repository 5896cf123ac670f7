// The networks that the figures in docs/planner.md are about: drawn from a published seed, the same
// on every CPU (splitmix64, integers only).
#pragma once

#include <cstdint>

#include "planner/network.hpp"

namespace vitrine::bench {

// Monday 2026-11-23.
inline constexpr std::int64_t kDay = 20'780;

struct NetworkShape {
  std::uint64_t seed = 20261123;
  std::uint32_t screens = 500;
  std::uint32_t areas = 500;  // screens are dealt out to them in turn
  std::uint32_t campaigns = 40;
  std::uint32_t load_permille = 800;  // sold plays of all slots
  std::uint32_t slot_ms = 15'000;     // 240 plays an hour, from 06:00 to 24:00: 18 hours
  bool rules = false;                 // separation, hourly and daily caps, competitors
};

// Each area has two groups that are at home in it and two hours that are its own; the hours of the
// day differ by a factor of up to twenty in footfall. Each campaign wants one to three groups, in
// one of the two currencies, and its goal is its part of the load, of which the largest has about
// ten times the smallest.
plan::Network make_network(const NetworkShape& shape);

}  // namespace vitrine::bench
