#include "quotas.hpp"

#include <algorithm>
#include <cmath>

namespace vitrine::plan {
namespace {

constexpr double kNanoPlay = 1e9;
constexpr std::int64_t kNanoInMilli = 1'000'000;

// Where a line stands while the screens are walked through.
struct Running {
  std::int64_t nano = 0;   // plays x 10^9 so far
  std::int64_t milli = 0;  // of which given out, plays x 1000
};

// One line on one day of the group being walked, the same for all its screens.
struct DayGoal {
  std::int64_t nano = 0;
  double value = 0;  // of a play
};

class Filler {
 public:
  Filler(const Problem& problem, const Repaired& repaired, Plan& plan)
      : problem_(problem),
        repaired_(repaired),
        plan_(plan),
        days_(static_cast<std::size_t>(problem.days)),
        running_(problem.lines.size()),
        imp_(problem.lines.size(), 0) {}

  void run() {
    std::size_t screens = 0;
    for (const Group& group : problem_.groups) screens += group.screens.size();
    plan_.screens.resize(screens);
    for (std::size_t at = 0; at < problem_.groups.size(); ++at) walk(at);
    settle();
    give_phases();
    for (std::size_t i = 0; i < problem_.lines.size(); ++i) {
      plan_.lines[i].planned_plays_milli = running_[i].milli;
      plan_.lines[i].planned_imp_milli = static_cast<std::int64_t>(imp_[i]);
    }
  }

 private:
  void walk(std::size_t at) {
    const Group& group = problem_.groups[at];
    std::vector<std::uint32_t> lines;
    for (std::size_t day = 0; day < days_; ++day) {
      for (const DayShare& share : repaired_.units[at * days_ + day]) lines.push_back(share.line);
    }
    std::sort(lines.begin(), lines.end());
    lines.erase(std::unique(lines.begin(), lines.end()), lines.end());
    std::vector<DayGoal> goals(lines.size() * days_);
    for (std::size_t day = 0; day < days_; ++day) {
      for (const DayShare& share : repaired_.units[at * days_ + day]) {
        const auto found = std::lower_bound(lines.begin(), lines.end(), share.line);
        const auto row = static_cast<std::size_t>(found - lines.begin());
        const double cap = problem_.lines[share.line].day_cap;
        // The hours' sum may be an ulp above it, which would become a thousandth.
        const double plays = cap != 0 ? std::min(share.plays, cap) : share.plays;
        goals[row * days_ + day] = {static_cast<std::int64_t>(plays * kNanoPlay),
                                    share.value / share.plays};
      }
    }
    for (const std::uint32_t screen : group.screens) give(screen, lines, goals);
  }

  void give(std::uint32_t screen, const std::vector<std::uint32_t>& lines,
            const std::vector<DayGoal>& goals) {
    auto& run = plan_.screens[screen];
    run.first = plan_.quotas.size();
    for (std::size_t row = 0; row < lines.size(); ++row) {
      Running& running = running_[lines[row]];
      const std::int64_t before = running.milli;
      const std::size_t at = plan_.goal_milli.size();
      for (std::size_t day = 0; day < days_; ++day) {
        const DayGoal& goal = goals[row * days_ + day];
        running.nano += goal.nano;
        const std::int64_t milli = running.nano / kNanoInMilli - running.milli;
        running.milli += milli;
        imp_[lines[row]] += static_cast<double>(milli) * goal.value / 1000;
        plan_.goal_milli.push_back(static_cast<std::uint32_t>(milli));
      }
      if (running.milli == before) {
        plan_.goal_milli.resize(at);  // nothing here
        continue;
      }
      plan_.quotas.push_back({lines[row], 0});
      ++run.count;
    }
  }

  // A goal in plays that the plan meets is met to the thousandth: what float numbers and divisions
  // left over or short, a few millionths, moves single thousandths of screens that have some.
  void settle() {
    std::vector<std::int64_t> off(problem_.lines.size(), 0);
    for (std::size_t i = 0; i < off.size(); ++i) {
      const LinePlan& line = plan_.lines[i];
      const std::int64_t missing = line.goal_milli - running_[i].milli;
      const bool met = missing <= line.goal_milli / 10'000'000 + 2;
      if (line.unit == GoalUnit::plays && met) off[i] = missing;
    }
    while (move_thousandths(off)) {
    }
  }

  // One walk over all quotas; false when it changed nothing.
  bool move_thousandths(std::vector<std::int64_t>& off) {
    bool moved = false;
    for (std::size_t q = 0; q < plan_.quotas.size(); ++q) {
      const std::size_t i = plan_.quotas[q].line;
      const double cap = problem_.lines[i].day_cap;
      for (std::size_t day = 0; day < days_ && off[i] != 0; ++day) {
        std::uint32_t& milli = plan_.goal_milli[q * days_ + day];
        if (milli == 0 || (off[i] > 0 && cap != 0 && milli >= cap * 1000)) continue;
        const int step = off[i] > 0 ? 1 : -1;
        milli = step > 0 ? milli + 1 : milli - 1;
        running_[i].milli += step;
        off[i] -= step;
        moved = true;
      }
    }
    return moved;
  }

  void give_phases() {
    // Each line starts elsewhere, or all their whole plays would meet on the same screens. A start
    // is below what keeps the sum from reaching the next play.
    std::vector<std::int64_t> sum(problem_.lines.size());
    for (std::size_t i = 0; i < sum.size(); ++i) {
      const std::int64_t free = 1000 - running_[i].milli % 1000;
      sum[i] = static_cast<std::int64_t>(i) * 618 % free;
    }
    for (std::size_t q = 0; q < plan_.quotas.size(); ++q) {
      Quota& quota = plan_.quotas[q];
      quota.phase = static_cast<std::uint16_t>(sum[quota.line] % 1000);
      for (std::size_t day = 0; day < days_; ++day) {
        sum[quota.line] += plan_.goal_milli[q * days_ + day];
      }
    }
  }

  const Problem& problem_;
  const Repaired& repaired_;
  Plan& plan_;
  std::size_t days_;
  std::vector<Running> running_;
  std::vector<double> imp_;
};

}  // namespace

void fill_quotas(const Problem& problem, const Repaired& repaired, Plan& plan) {
  Filler(problem, repaired, plan).run();
}

}  // namespace vitrine::plan
