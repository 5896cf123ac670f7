// Plans on the glass: simulated screens play them, slot by slot, and what was delivered is counted.
#include <algorithm>
#include <cmath>
#include <cstdio>
#include <cstdlib>

#include "nightly.hpp"
#include "rivals.hpp"
#include "sections.hpp"

namespace vitrine::bench {
namespace {

constexpr std::uint64_t kSeed = NetworkShape{}.seed;
constexpr std::int64_t kFlightDays = 7;
constexpr Outage kDark{kSeed + 3, 0, 0, 10};
constexpr Outage kDead{kSeed + 4, 0, 10, 0};

plan::Plan play(const plan::Network& network, PlayedNetwork& played, std::int64_t days,
                unsigned threads) {
  auto plan = play_flight(network, played, {days, true, 1e-4, threads});
  if (!plan) {
    std::fprintf(stderr, "bench-scheduler: %s\n", plan.error().message.c_str());
    std::exit(1);
  }
  return *std::move(plan);
}

double impressions(const std::vector<Played>& played) {
  double sum = 0;
  for (const Played& entry : played) sum += static_cast<double>(entry.imp_milli);
  return sum;
}

std::int64_t missing(const plan::Network& network, const std::vector<Played>& played) {
  std::int64_t sum = 0;
  for (std::size_t i = 0; i < played.size(); ++i) {
    sum += std::max<std::int64_t>(0, network.contracts[i].goal - played[i].plays);
  }
  return sum;
}

void row(const char* name, const plan::Network& network, const std::vector<Played>& played,
         double bound) {
  std::printf("    %-24s %8.4f %% of the bound, %8lld plays short of the goals\n", name,
              100 * impressions(played) / bound, static_cast<long long>(missing(network, played)));
}

void rivals(const plan::Network& network, double bound) {
  const auto played_by = [&](const char* name, auto make) {
    Field field(network, kDay);
    const std::unique_ptr<Rival> rival = make(field);
    play_day(field, *rival);
    row(name, network, field.played(), bound);
  };
  played_by("greedy", [](const Field& field) { return greedy(field); });
  played_by("hourly even pacing", [](const Field&) { return even_pacing(); });
  played_by("throttling 0.75/1.5", [](const Field& field) { return throttling(field, kSeed); });
  played_by("round robin", [](const Field& field) { return round_robin(field); });
}

void one_day(const BenchOptions& options, std::uint32_t load, bool rules) {
  NetworkShape shape;
  shape.screens = options.screens;
  shape.load_permille = load;
  shape.rules = rules;
  const plan::Network network = make_network(shape);
  PlayedNetwork played(network, network.profiles, {}, options.threads);
  const double began = seconds();
  const plan::Plan plan = play(network, played, 1, options.threads);
  std::printf("  load %.2f%s, %.1f s\n", load / 1000.0, rules ? " with rules" : "",
              seconds() - began);
  double planned_imp = 0;
  for (const auto& line : plan.lines) planned_imp += static_cast<double>(line.planned_imp_milli);
  std::printf("    %-24s %8.4f %% of the bound\n", "plan", 100 * planned_imp / plan.bound);
  row("played", network, played.by_contract(), plan.bound);
  const QuotaBooks books = played.books();
  std::printf("      quotas %lld, short %lld: by %lld plays of %lld due; %lld plays beyond\n",
              static_cast<long long>(books.quotas), static_cast<long long>(books.short_of),
              static_cast<long long>(books.plays_short), static_cast<long long>(books.plays_due),
              static_cast<long long>(books.plays_beyond));
  rivals(network, plan.bound);
}

plan::Network flight_network(const BenchOptions& options, std::uint32_t load) {
  NetworkShape shape;
  shape.screens = options.screens;
  shape.areas = options.screens;
  shape.load_permille = load;
  shape.days = kFlightDays;
  return make_network(shape);
}

void error_row(const BenchOptions& options, std::uint32_t load) {
  const plan::Network network = flight_network(options, load);
  const auto truth = other_footfall(network.profiles, 30, kSeed + 1);
  const Outage outage{kSeed + 2, 10, 0, 0};
  PlayedNetwork played(network, truth, outage, options.threads);
  const double began = seconds();
  play(network, played, kFlightDays, options.threads);
  plan::Network known = network;  // by who knows what comes
  known.profiles = truth;
  known.screens.clear();
  for (std::size_t i = 0; i < network.screens.size(); ++i) {
    if (!played.dead(i)) known.screens.push_back(network.screens[i]);
  }
  const double bound = planned(known, 1e-4, kFlightDays).bound;
  std::printf("  load %.2f, %zu of %zu screens dead, %.1f s\n", load / 1000.0,
              network.screens.size() - known.screens.size(), network.screens.size(),
              seconds() - began);
  row("played", network, played.by_contract(), bound);
}

// Of all campaigns, what part of the goal (plays, or impressions x 1000) came too little or too
// much.
void print_errors(const char* name, std::vector<double> errors) {
  std::sort(errors.begin(), errors.end());
  const auto p95 = static_cast<std::size_t>(std::ceil(0.95 * static_cast<double>(errors.size())));
  std::printf("    %-44s median %7.4f %%, p95 %7.4f %%, max %7.4f %%\n", name,
              100 * errors[errors.size() / 2], 100 * errors[p95 - 1], 100 * errors.back());
}

void delivery_row(const BenchOptions& options, const char* name, std::uint32_t load,
                  const Outage& outage, bool in_impressions, std::uint32_t error_percent) {
  plan::Network network = flight_network(options, load);
  if (in_impressions) sell_impressions(network, planned(network, 1e-4, kFlightDays));
  const auto truth = other_footfall(network.profiles, error_percent, kSeed + 1);
  PlayedNetwork played(network, truth, outage, options.threads);
  play(network, played, kFlightDays, options.threads);
  std::vector<double> errors;
  const auto sums = played.by_contract();
  for (std::size_t i = 0; i < sums.size(); ++i) {
    const auto goal = static_cast<double>(network.contracts[i].goal);
    const auto had = in_impressions ? static_cast<double>(sums[i].imp_milli) / 1000
                                    : static_cast<double>(sums[i].plays);
    errors.push_back(std::abs(had - goal) / goal);
  }
  print_errors(name, std::move(errors));
}

}  // namespace

void show_played(const BenchOptions& options) {
  std::printf("played: %u screens x 18 hours x 40 campaigns, one day\n", options.screens);
  for (const bool rules : {false, true}) {
    for (const std::uint32_t load : {500u, 800u, 950u}) one_day(options, load, rules);
  }
}

void show_error(const BenchOptions& options) {
  std::printf(
      "error: %u screens, 7 days, footfall +-30 %% of the forecast by area and hour, 1 %% of the "
      "screens dead, a new plan every night; against the bound of who knew it\n",
      options.screens);
  for (const std::uint32_t load : {500u, 800u, 950u}) error_row(options, load);
}

void show_delivery(const BenchOptions& options) {
  std::printf(
      "delivery: %u screens x 40 campaigns, 7 days, a new plan every night; what part of a "
      "campaign's goal came too little or too much\n",
      options.screens);
  for (const std::uint32_t load : {800u, 950u}) {
    std::printf("  load %.2f, sold in plays\n", load / 1000.0);
    delivery_row(options, "no outage", load, {}, false, 0);
    delivery_row(options, "each screen dark 1 % of the day", load, kDark, false, 0);
    delivery_row(options, "1 % of the screens dead, others each day", load, kDead, false, 0);
  }
}

void show_impressions(const BenchOptions& options) {
  std::printf("impressions: the same, sold in target impressions\n");
  for (const std::uint32_t load : {800u, 950u}) {
    std::printf("  load %.2f\n", load / 1000.0);
    delivery_row(options, "no outage", load, {}, true, 0);
    delivery_row(options, "each screen dark 1 % of the day", load, kDark, true, 0);
    delivery_row(options, "the same, footfall +-30 % of the forecast", load, kDark, true, 30);
  }
}

void show_exact(const BenchOptions& options) {
  NetworkShape shape;
  shape.screens = options.exact_screens;
  shape.areas = 1;
  shape.campaigns = 3;
  shape.from_hour = 12;
  shape.until_hour = 14;
  shape.slot_ms = 60'000;
  plan::Network network = make_network(shape);
  std::int64_t goal = options.exact_screens / 10;
  for (plan::Contract& contract : network.contracts) {
    contract.goal = goal;
    goal += goal * 7 / 10 + 1;
  }
  PlayedNetwork played(network, network.profiles, {}, options.threads);
  play(network, played, 1, options.threads);
  std::printf("exact: %u screens, %lld decisions\n", options.exact_screens,
              static_cast<long long>(played.decisions()));
  const auto sums = played.by_contract();
  for (std::size_t i = 0; i < sums.size(); ++i) {
    const auto sold = network.contracts[i].goal;
    std::printf("    %.5f of a play each: sold %lld, played %lld\n",
                static_cast<double>(sold) / options.exact_screens, static_cast<long long>(sold),
                static_cast<long long>(sums[i].plays));
  }
}

}  // namespace vitrine::bench
