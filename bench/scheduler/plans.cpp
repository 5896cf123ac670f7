// Plans alone: against a bound that no plan exceeds, and how long the largest takes.
#include <sys/resource.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>

#include "planner/allocate.hpp"
#include "sections.hpp"

namespace vitrine::bench {
namespace {

double cpu_seconds() {
  rusage used{};
  ::getrusage(RUSAGE_SELF, &used);
  const auto in_seconds = [](const timeval& time) {
    return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) / 1e6;
  };
  return in_seconds(used.ru_utime) + in_seconds(used.ru_stime);
}

double short_plays(const plan::Plan& plan) {
  double sum = 0;
  for (const auto& line : plan.lines) sum += static_cast<double>(line.shortfall_milli()) / 1000;
  return sum;
}

double impressions(const plan::Plan& plan) {
  double sum = 0;
  for (const auto& line : plan.lines) sum += static_cast<double>(line.planned_imp_milli);
  return sum;
}

void row(const char* name, double impressions_milli, double bound, double plays_short) {
  std::printf("    %-24s %8.4f %% of the bound, %12.0f plays short\n", name,
              100 * impressions_milli / bound, plays_short);
}

// What the rules cost: the same plan against bounds that know less and less of them.
void against_freer_bounds(plan::Network network, const plan::Plan& plan) {
  for (Campaign& campaign : network.schedule.campaigns) campaign.max_plays_day = 0;
  row("  less daily caps", impressions(plan), planned(network, 1e-4).bound, short_plays(plan));
  for (Campaign& campaign : network.schedule.campaigns) campaign.rules = {};
  row("  less all rules", impressions(plan), planned(network, 1e-4).bound, short_plays(plan));
}

void ratios(const BenchOptions& options, std::uint32_t load, bool rules) {
  NetworkShape shape;
  shape.screens = options.screens;
  shape.load_permille = load;
  shape.rules = rules;
  const plan::Network network = make_network(shape);
  const double began = seconds();
  const plan::Plan plan = planned(network, 1e-4);
  std::printf("  load %.2f%s, planned in %.1f s\n", load / 1000.0, rules ? " with rules" : "",
              seconds() - began);
  row("plan", impressions(plan), plan.bound, short_plays(plan));
  if (rules) against_freer_bounds(network, plan);
}

// More sold than there is: what must be short, and whether the shortage is shared alike.
void oversold(const BenchOptions& options) {
  NetworkShape shape;
  shape.screens = options.screens;
  shape.load_permille = 1100;
  const plan::Plan plan = planned(make_network(shape), 1e-4);
  double least = 1;
  double most = 0;
  for (const auto& line : plan.lines) {
    const double part =
        static_cast<double>(line.planned_milli()) / static_cast<double>(line.goal_milli);
    least = std::min(least, part);
    most = std::max(most, part);
  }
  std::printf(
      "  load 1.10: %.0f plays short, %.0f of them whatever is planned; goals met to %.1f..%.1f "
      "%%\n",
      short_plays(plan), static_cast<double>(plan.oversold_plays_milli) / 1000, 100 * least,
      100 * most);
}

void scale(std::uint32_t screens, std::uint32_t areas, unsigned threads) {
  NetworkShape shape;
  shape.screens = screens;
  shape.areas = areas;
  shape.campaigns = 500;
  shape.load_permille = 950;
  const plan::Network network = make_network(shape);
  const double cpu_before = cpu_seconds();
  const double began = seconds();
  const plan::Plan plan = planned(network, 3e-3);
  const double took = seconds() - began;
  rusage used{};
  ::getrusage(RUSAGE_SELF, &used);
  std::printf(
      "  %u screens in %u areas, 500 campaigns, load 0.95, %u threads: %.1f s (CPU %.1f s), at "
      "most "
      "%ld MB, %zu quotas\n",
      screens, areas, threads, took, cpu_seconds() - cpu_before, used.ru_maxrss / 1024,
      plan.quotas.size());
  row("plan", impressions(plan), plan.bound, short_plays(plan));
}

}  // namespace

double seconds() {
  static const auto kBegan = std::chrono::steady_clock::now();
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - kBegan).count();
}

plan::Plan planned(const plan::Network& network, double precision, std::int64_t days) {
  auto plan = plan::allocate(network, {kDay, kDay + days - 1, 2, precision});
  if (!plan) {
    std::fprintf(stderr, "bench-scheduler: %s\n", plan.error().message.c_str());
    std::exit(1);
  }
  return *std::move(plan);
}

void show_plans(const BenchOptions& options) {
  std::printf("plans: %u screens x 18 hours x 40 campaigns\n", options.screens);
  for (const bool rules : {false, true}) {
    for (const std::uint32_t load : {500u, 800u, 950u}) ratios(options, load, rules);
  }
  oversold(options);
  if (options.large) scale(100'000, 5'000, options.threads);
}

}  // namespace vitrine::bench
