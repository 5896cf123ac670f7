#include "planner/allocate.hpp"

#include <algorithm>
#include <cmath>

#include "as_played.hpp"
#include "quotas.hpp"

namespace vitrine::plan {
namespace {

constexpr std::int64_t kMostDays = 366;

// Lines that starve together: their goals less all the room the network has for them (a cut in the
// sense of Hall). The prices show who they are: only what is short is dearer than its first loss.
void find_oversold(const Problem& problem, const Dual& dual, Plan& plan) {
  std::vector<bool> starving(problem.lines.size(), false);
  double goals = 0;
  for (std::size_t i = 0; i < problem.lines.size(); ++i) {
    const Line& line = problem.lines[i];
    if (line.impressions || line.loss <= 0 || dual.prices[i] > -line.loss) continue;
    starving[i] = true;
    goals += line.goal;
  }
  double room = 0;
  for (std::size_t unit = 0; unit < problem.units(); ++unit) {
    const Group& group = problem.group_of(unit);
    for (int hour = group.from_hour; hour < group.until_hour; ++hour) {
      double asked = 0;
      for (const Offer& offer : problem.offers_of(unit, hour)) {
        if (starving[offer.line]) asked += std::min(offer.cap, group.slots);
      }
      room += group.count() * std::min(asked, group.slots);
    }
  }
  if (goals - room < 1e-3) return;
  plan.oversold_plays_milli = static_cast<std::int64_t>((goals - room) * 1000);
  for (std::size_t i = 0; i < starving.size(); ++i) {
    if (starving[i]) plan.oversold_lines.push_back(static_cast<std::uint32_t>(i));
  }
}

LinePlan line_plan(const Problem& problem, std::size_t i, double price) {
  const Line& line = problem.lines[i];
  LinePlan result;
  result.campaign = line.campaign;
  result.arm = line.arm;
  result.unit = line.impressions ? GoalUnit::impressions : GoalUnit::plays;
  const double milli = line.impressions ? 1 : 1000;
  result.goal_milli = std::llround(line.goal * milli);
  result.most_milli = static_cast<std::int64_t>(problem.most[i] * milli);
  result.price = std::llround(price);
  return result;
}

}  // namespace

Result<Plan> allocate(const Network& network, const AllocateOptions& options) {
  if (auto fine = check(network); !fine) return std::move(fine).error();
  const std::int64_t days = options.last_day - options.first_day + 1;
  if (days < 1 || days > kMostDays) {
    return fail(ErrorCode::invalid, "a plan of " + std::to_string(days) + " days: 1 to " +
                                        std::to_string(kMostDays) + " are possible");
  }
  const Problem problem = make_problem(network, options);
  Passes passes(problem, options.threads);
  const Dual dual = solve_dual(problem, passes, options);
  const Repaired repaired = repair(problem, passes, dual, options.threads);

  Plan plan;
  plan.first_day = problem.first_day;
  plan.days = problem.days;
  plan.objective = repaired.objective;
  plan.bound = dual.bound;
  const auto played = as_played(problem, repaired, options);
  for (std::size_t i = 0; i < problem.lines.size(); ++i) {
    // The device subtracts a price from a play's value. Where nothing better is known, what an
    // impression costs is told as what a usual play costs.
    const double unit = problem.lines[i].impressions ? problem.usual : 1;
    plan.lines.push_back(line_plan(problem, i, played ? played->prices[i] : dual.prices[i] * unit));
  }
  find_oversold(problem, dual, plan);
  fill_quotas(problem, played ? played->repaired : repaired, plan);
  return plan;
}

}  // namespace vitrine::plan
