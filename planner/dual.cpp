#include "dual.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

#include "linear.hpp"

namespace vitrine::plan {
namespace {

// Softness, as a part of a usual play's value, below which only prices that meet the goals make the
// plan.
constexpr double kFine = 1e-4;
// How often goals are moved at the last softness (at the others once), and how near is near enough.
constexpr int kLastAimRounds = 6;
constexpr double kAimed = 1e-3;

struct Goals {
  double value = 0;              // the goals' part of the dual
  std::vector<double> gradient;  // and its derivative by price
  std::vector<double> curvature;
};

double lowest(const Line& line) {
  return -2 * line.loss;
}

// goal x price, and what may be short: nothing as long as the price is above -loss, then in
// proportion up to the whole goal at -2 loss.
Goals goals_of(const std::vector<Line>& lines, const std::vector<double>& prices) {
  Goals sum;
  sum.gradient.resize(lines.size());
  sum.curvature.assign(lines.size(), 0);
  for (std::size_t i = 0; i < lines.size(); ++i) {
    const Line& line = lines[i];
    sum.value += line.goal * prices[i];
    sum.gradient[i] = line.goal;
    const double below = -line.loss - prices[i];
    if (line.loss <= 0 || below <= 0) continue;
    sum.value += line.goal * below * below / (2 * line.loss);
    sum.gradient[i] -= line.goal * below / line.loss;
    sum.curvature[i] = line.goal / line.loss;
  }
  return sum;
}

class Descent {
 public:
  Descent(const Problem& problem, Passes& passes)
      : problem_(problem), passes_(passes), prices_(problem.lines.size(), 0) {}

  const std::vector<double>& prices() const { return prices_; }
  // The pass at these prices.
  Pass pass(double softness) const { return passes_.soft(prices_, softness); }

  // Newton's steps at one softness, until the goals are met to within `tolerance` of them;
  // false when they are not.
  bool run(double softness, double tolerance, int most_steps) {
    double reach = 4 * softness;
    Point now = look(prices_, softness);
    for (int step = 0; step < most_steps && !done(now, tolerance); ++step) {
      const auto direction = newton(now, softness, reach);
      bool moved = false;
      // The dual is convex: as long as it slopes down along the step, the step has gained. One that
      // went too far is cut where the slope, drawn as a line, is level.
      double part = 1;
      for (int attempt = 0; attempt < 8 && !moved; ++attempt) {
        std::vector<double> there = prices_;
        double promised = 0;
        for (std::size_t i = 0; i < there.size(); ++i) {
          there[i] = std::max(there[i] + part * direction[i], lowest(problem_.lines[i]));
          promised += now.gradient[i] * (there[i] - prices_[i]);
        }
        Point next = look(there, softness);
        double slope = 0;
        for (std::size_t i = 0; i < there.size(); ++i) {
          slope += next.gradient[i] * (there[i] - prices_[i]);
        }
        moved = slope <= 0 || next.value < now.value + 1e-4 * promised;
        if (!moved) {
          part *= std::clamp(0.95 * promised / (promised - slope), 0.05, 0.7);
          continue;
        }
        reach =
            attempt == 0 ? reach * 2 : std::max(part, 0.25) * std::min(reach, length(direction));
        prices_ = std::move(there);
        now = std::move(next);
      }
      if (!moved) break;  // as far as double numbers go
    }
    return done(now, tolerance);
  }

  // The prices run along a line from softness to softness, nearly: the next ones are guessed there.
  void foresee(const std::vector<double>& before, double ratio) {
    for (std::size_t i = 0; i < prices_.size(); ++i) {
      prices_[i] =
          std::max(prices_[i] + ratio * (prices_[i] - before[i]), lowest(problem_.lines[i]));
    }
  }

 private:
  struct Point {
    double value = 0;
    std::vector<double> gradient;
    std::vector<double> curvature;
  };

  Point look(const std::vector<double>& prices, double softness) {
    Pass pass = passes_.soft(prices, softness);
    Goals goals = goals_of(problem_.lines, prices);
    Point point{pass.worth + goals.value, std::move(goals.gradient), std::move(pass.curvature)};
    const std::size_t size = prices.size();
    for (std::size_t i = 0; i < size; ++i) {
      point.gradient[i] -= pass.delivered[i];
      point.curvature[i * size + i] += goals.curvature[i];
    }
    return point;
  }

  // At its lowest price and pushed further down: the rest of its goal is given up.
  bool held(const Point& point, std::size_t i) const {
    return prices_[i] <= lowest(problem_.lines[i]) && point.gradient[i] >= 0;
  }

  bool done(const Point& point, double tolerance) const {
    double off = 0;
    double all = 0;
    for (std::size_t i = 0; i < prices_.size(); ++i) {
      const double unit = problem_.lines[i].impressions ? 1 / problem_.usual : 1;
      all += problem_.lines[i].goal * unit;
      if (!held(point, i)) off += std::abs(point.gradient[i]) * unit;
    }
    return off <= tolerance * all;
  }

  double unit_of(std::size_t i) const {
    return problem_.lines[i].impressions ? 1 / problem_.usual : 1;
  }

  std::vector<double> newton(const Point& point, double softness, double reach) const {
    std::vector<std::size_t> free;
    for (std::size_t i = 0; i < prices_.size(); ++i) {
      if (!held(point, i)) free.push_back(i);
    }
    const std::size_t size = free.size();
    std::vector<double> matrix(size * size);
    std::vector<double> right(size);
    double largest = 0;
    for (std::size_t a = 0; a < size; ++a) {
      for (std::size_t b = 0; b < size; ++b) {
        // In the scale of plays, so that lines sold in impressions weigh alike.
        matrix[a * size + b] = point.curvature[free[a] * prices_.size() + free[b]] *
                               unit_of(free[a]) * unit_of(free[b]);
      }
      largest = std::max(largest, matrix[a * size + a]);
      right[a] = -point.gradient[free[a]] * unit_of(free[a]);
    }
    if (largest <= 0) largest = 1 / softness;
    // A line that no cell holds half-way has no curvature, only a direction: it goes as far as the
    // reach. Where the goals are nearly met this adds nothing.
    for (std::size_t a = 0; a < size; ++a) {
      matrix[a * size + a] += std::max(largest * 1e-12, std::abs(right[a]) / reach);
    }
    const auto solved = solve(std::move(matrix), std::move(right), largest * 1e-14);
    std::vector<double> direction(prices_.size(), 0);
    for (std::size_t a = 0; a < size; ++a) direction[free[a]] = solved[a] * unit_of(free[a]);
    return direction;
  }

  double length(const std::vector<double>& direction) const {
    double longest = 0;
    for (std::size_t i = 0; i < direction.size(); ++i) {
      longest = std::max(longest, std::abs(direction[i]) / unit_of(i));
    }
    return longest;
  }

  const Problem& problem_;
  Passes& passes_;
  std::vector<double> prices_;
};

}  // namespace

Dual solve_dual(const Problem& problem, Passes& passes, const AllocateOptions& options,
                const Aim& aim) {
  Dual dual;
  dual.bound = std::numeric_limits<double>::infinity();
  Descent descent(problem, passes);
  const double last = problem.usual * options.precision;
  // Where a pass costs little, more of them are spent on the last digits.
  const double work = static_cast<double>(problem.units() * 24 * (problem.lines.size() + 1));
  const int most_steps = static_cast<int>(std::clamp(3e7 / work, 20.0, 400.0));
  std::vector<double> before = descent.prices();
  bool first = true;
  for (double softness = problem.dearest;; softness /= 2) {
    const bool end = softness <= last;
    const std::vector<double> here = descent.prices();
    if (!first) descent.foresee(before, 0.5);
    first = false;
    before = here;
    const double coarse = aim ? 4 * kAimed : (most_steps > 100 ? 1e-4 : 1e-2);
    const double tolerance = end ? options.precision / 20 : coarse;
    const int steps = end ? most_steps : most_steps / 2;
    bool met = descent.run(softness, tolerance, steps);
    for (int round = 0; aim && round < (end ? kLastAimRounds : 1); ++round) {
      if (aim(descent.pass(softness)) <= kAimed) break;
      met = descent.run(softness, tolerance, steps);
    }
    if (end || softness <= 8 * last) {
      const double bound =
          passes.best(descent.prices()) + goals_of(problem.lines, descent.prices()).value;
      dual.bound = std::min(dual.bound, bound);
    }
    // Prices so fine that double numbers no longer tell them apart are good for the bound only.
    if (met || softness > kFine * problem.usual || dual.prices.empty()) {
      dual.prices = descent.prices();
      dual.softness = softness;
    }
    if (end) break;
  }
  return dual;
}

}  // namespace vitrine::plan
