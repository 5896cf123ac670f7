#include "as_played.hpp"

#include <algorithm>
#include <cmath>

namespace vitrine::plan {
namespace {

// Somewhat more is aimed at than is wanted, then cut: short by a little would be short.
constexpr double kBeyond = 1 + 1e-3;
// How much of what a line of plays was promised may be missing more than in the optimum.
constexpr double kSame = 1e-7;
// Of the prices. The certificate is the optimum's: these need not be finer than goals are met.
constexpr double kPrecision = 4e-3;

struct Sums {
  std::vector<double> plays;
  std::vector<double> value;

  Sums(const Problem& problem, const Repaired& repaired)
      : plays(problem.lines.size(), 0), value(problem.lines.size(), 0) {
    for (std::size_t unit = 0; unit < repaired.units.size(); ++unit) {
      const double count = problem.group_of(unit).count();
      for (const DayShare& share : repaired.units[unit]) {
        plays[share.line] += count * share.plays;
        value[share.line] += count * share.value;
      }
    }
  }
};

// The same network sold in plays, as many as the optimum has.
Problem in_plays(const Problem& problem, const Sums& optimum) {
  Problem made = problem;
  for (std::size_t i = 0; i < made.lines.size(); ++i) {
    Line& line = made.lines[i];
    if (!line.impressions) continue;
    line.impressions = false;
    line.goal = optimum.plays[i];
    line.loss *= problem.usual;
  }
  return made;
}

// Moves the goals of `tried` to where the plays bring `wanted`. Returns how far the line that is
// furthest off is.
double move_goals(const Problem& problem, const std::vector<double>& wanted, const Pass& pass,
                  Problem& tried) {
  double worst = 0;
  for (std::size_t i = 0; i < wanted.size(); ++i) {
    const double plays = pass.delivered[i];
    if (!problem.lines[i].impressions || wanted[i] <= 0 || plays <= 0) continue;
    const double missing = wanted[i] * kBeyond - pass.value[i];
    worst = std::max(worst, std::abs(missing) / wanted[i]);
    const double usual = pass.value[i] / plays;
    const double edge = std::max(pass.edge_value[i] > 0 ? pass.edge_value[i] : usual, usual / 8);
    tried.lines[i].goal = std::clamp(plays + missing / edge, plays / 2, plays * 2);
  }
  return worst;
}

// Takes from each line sold in impressions what it has beyond `wanted`.
void cut(const Problem& problem, const Sums& sums, const std::vector<double>& wanted,
         Repaired& repaired) {
  for (auto& unit : repaired.units) {
    for (DayShare& share : unit) {
      const std::size_t i = share.line;
      if (!problem.lines[i].impressions || sums.value[i] <= wanted[i]) continue;
      share.plays *= wanted[i] / sums.value[i];
      share.value *= wanted[i] / sums.value[i];
    }
  }
}

}  // namespace

std::optional<AsPlayed> as_played(const Problem& problem, const Repaired& optimum,
                                  const AllocateOptions& options) {
  const bool any = std::any_of(problem.lines.begin(), problem.lines.end(),
                               [](const Line& line) { return line.impressions; });
  if (!any) return std::nullopt;
  const std::vector<double>& wanted = optimum.delivered;
  Problem tried = in_plays(problem, Sums(problem, optimum));
  Passes passes(tried, options.threads);
  AllocateOptions coarse = options;
  coarse.precision = std::max(coarse.precision, kPrecision);
  Dual dual = solve_dual(tried, passes, coarse, [&](const Pass& pass) {
    return move_goals(problem, wanted, pass, tried);
  });
  Repaired repaired = repair(tried, passes, dual, options.threads);
  const Sums sums(problem, repaired);
  for (std::size_t i = 0; i < wanted.size(); ++i) {
    if (problem.lines[i].impressions) continue;
    if (repaired.delivered[i] < wanted[i] * (1 - kSame)) return std::nullopt;
  }
  cut(problem, sums, wanted, repaired);
  return AsPlayed{std::move(repaired), std::move(dual.prices)};
}

}  // namespace vitrine::plan
