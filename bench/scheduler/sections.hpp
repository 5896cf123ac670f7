// What ./run bench scheduler prints, section by section.
#pragma once

#include <cstdint>

#include "network_generator.hpp"

namespace vitrine::bench {

struct BenchOptions {
  std::uint32_t screens = 500;
  std::uint32_t exact_screens = 100'000;
  std::int64_t decision_days = 3;  // that are timed, after one that is not
  unsigned threads = 2;
  bool large = true;  // the plan of 100,000 screens
};

// Plans against bounds that know less and less; what must be short; how long the largest takes.
void show_plans(const BenchOptions& options);
// The plans played for a day by simulated screens, and the rivals beside them.
void show_played(const BenchOptions& options);
// Seven days in which the audience is not as forecast and screens are dead.
void show_error(const BenchOptions& options);
// Seven days with power cuts: how much of what was sold is delivered.
void show_delivery(const BenchOptions& options);
// The same sold in impressions.
void show_impressions(const BenchOptions& options);
// A tenth of a play for each of very many screens.
void show_exact(const BenchOptions& options);
// How long one decision and one document take, and how much memory.
void show_decision(const BenchOptions& options);

// The plan of the first `days` days; ends the program when there is none.
plan::Plan planned(const plan::Network& network, double precision, std::int64_t days = 1);

// Seconds since the first call.
double seconds();

}  // namespace vitrine::bench
