#include "repair.hpp"

#include <algorithm>
#include <numeric>
#include <tuple>

#include "shares.hpp"

namespace vitrine::plan {
namespace {

// Values are sorted into this many steps to find from which on a missing play is filled in.
constexpr std::size_t kSteps = 512;
constexpr int kRounds = 16;
constexpr int kLastRounds = 4;  // in these a missing play goes wherever there is room
// Short by less than this part of the goal: met.
constexpr double kMet = 1e-9;

class Repair {
 public:
  Repair(const Problem& problem, Passes& passes, const Dual& dual, unsigned threads)
      : problem_(problem),
        passes_(passes),
        dual_(dual),
        prices_(problem.lines, dual.prices),
        shares_(problem, threads) {}

  Repaired run() {
    shares_.change([&](UnitWork& work, UnitBids& filled) { by_prices(work, filled); });
    fill_rounds(kRounds);
    for (int round = 0; round < kLastRounds && plan_displacement(); ++round) {
      shares_.change([&](UnitWork& work, UnitBids&) { displace(work); });
      fill_rounds(kLastRounds);
    }
    shares_.cut_to_goals();
    return finish();
  }

 private:
  struct Candidate {
    Offer offer;
    double value;
    double gain;
  };

  // What the soft prices give, dearest first where a rule cuts.
  void by_prices(UnitWork& work, UnitBids& filled) {
    const Group& group = work.group();
    passes_.fill_unit(work.unit(), prices_, dual_.softness, filled);
    std::vector<std::pair<int, Bid>> all;
    for (int hour = group.from_hour; hour < group.until_hour; ++hour) {
      const auto h = static_cast<std::size_t>(hour);
      for (Bid& bid : filled.hours[h]) {
        if (bid.plays <= 0) continue;
        bid.gain -= filled.slot_prices[h];
        all.emplace_back(hour, bid);
      }
    }
    std::sort(all.begin(), all.end(), [](const auto& a, const auto& b) {
      return std::tuple(-a.second.gain, a.second.line, a.first) <
             std::tuple(-b.second.gain, b.second.line, b.first);
    });
    for (const auto& [hour, bid] : all) {
      const double room = work.room(hour, {bid.line, 0, bid.cap});
      work.add(hour, bid.line, std::min(bid.plays, room));
    }
  }

  void fill_rounds(int rounds) {
    for (int round = 0; round < rounds; ++round) {
      if (!plan_round(round + kLastRounds >= rounds)) break;
      shares_.change([&](UnitWork& work, UnitBids&) { fill(work); });
    }
  }

  // Decides from which value on each line is filled in. False: nothing is missing, or nobody has
  // room.
  bool plan_round(bool anywhere) {
    if (!find_missing()) return false;
    const std::size_t lines = problem_.lines.size();
    const auto steps =
        shares_.sum(lines * kSteps, [&](const UnitWork& work, int hour, const Offer& offer,
                                        double value, double count, std::vector<double>& sums) {
          if (missing_[offer.line] <= 0) return;
          sums[offer.line * kSteps + step_of(value)] +=
              count * work.room(hour, offer) * weight(offer.line, value);
        });
    step_.assign(lines, kSteps);
    part_.assign(lines, 0);
    above_.assign(lines, 1);
    bool possible = false;
    for (std::size_t i = 0; i < lines; ++i) {
      if (missing_[i] <= 0) continue;
      if (anywhere) {
        const double all = std::accumulate(&steps[i * kSteps], &steps[i * kSteps] + kSteps, 0.0);
        possible = possible || all > 0;
        step_[i] = 0;
        above_[i] = part_[i] = all > 0 ? std::min(1.0, missing_[i] / all) : 0;
        continue;
      }
      above_[i] = 1;
      double found = 0;
      for (std::size_t step = kSteps; step-- > 0;) {
        const double here = steps[i * kSteps + step];
        if (here <= 0) continue;
        possible = true;
        step_[i] = step;
        part_[i] = std::min(1.0, (missing_[i] - found) / here);
        found += here;
        if (found >= missing_[i]) break;
      }
    }
    return possible;
  }

  bool find_missing() {
    shares_.cut_to_goals();
    missing_.assign(problem_.lines.size(), 0);
    bool any = false;
    for (std::size_t i = 0; i < missing_.size(); ++i) {
      const double missing = problem_.lines[i].goal - shares_.delivered()[i];
      if (missing <= problem_.lines[i].goal * kMet) continue;
      missing_[i] = missing;
      any = true;
    }
    return any;
  }

  // What is still missing has no free slot left. It may have those of lines that find room
  // elsewhere, or that are not promised as much; these then go where there is room. False when
  // nothing is missing or nobody can give way.
  bool plan_displacement() {
    if (!find_missing()) return false;
    double all = 0;  // in plays
    for (std::size_t i = 0; i < missing_.size(); ++i) {
      all += missing_[i] / weight(static_cast<std::uint32_t>(i), problem_.usual);
    }
    const auto room =
        shares_.sum(missing_.size(), [&](const UnitWork& work, int hour, const Offer& offer,
                                         double value, double count, std::vector<double>& sums) {
          sums[offer.line] += count * work.room(hour, offer) * weight(offer.line, value);
        });
    yields_.assign(missing_.size(), false);
    for (std::size_t i = 0; i < missing_.size(); ++i) {
      const double one = weight(static_cast<std::uint32_t>(i), problem_.usual);
      yields_[i] = missing_[i] <= 0 && room[i] >= all * one * (1 - kMet);
    }
    const auto possible =
        shares_.sum(missing_.size(), [&](const UnitWork& work, int hour, const Offer& offer,
                                         double value, double count, std::vector<double>& sums) {
          if (missing_[offer.line] <= 0) return;
          sums[offer.line] +=
              count * weight(offer.line, value) *
              std::min(work.room_by_rules(hour, offer), yielded(work, hour, offer.line));
        });
    part_.assign(missing_.size(), 0);
    bool any = false;
    for (std::size_t i = 0; i < missing_.size(); ++i) {
      if (possible[i] <= 0) continue;
      part_[i] = std::min(1.0, missing_[i] / possible[i]);
      any = true;
    }
    return any;
  }

  bool gives_way(std::uint32_t line, std::uint32_t to) const {
    return line != to && missing_[line] <= 0 &&
           (yields_[line] || problem_.lines[line].loss < problem_.lines[to].loss);
  }

  double yielded(const UnitWork& work, int hour, std::uint32_t to) const {
    double sum = std::max(work.free(hour), 0.0);
    for (const Offer& offer : problem_.offers_of(work.unit(), hour)) {
      if (gives_way(offer.line, to)) sum += work.plays(hour, offer.line);
    }
    return sum;
  }

  void displace(UnitWork& work) {
    const Group& group = work.group();
    for (int hour = group.from_hour; hour < group.until_hour; ++hour) {
      const auto& offers = problem_.offers_of(work.unit(), hour);
      for (const Offer& offer : offers) {
        if (missing_[offer.line] <= 0 || part_[offer.line] <= 0) continue;
        const double most = yielded(work, hour, offer.line);
        const double plays = part_[offer.line] * std::min(work.room_by_rules(hour, offer), most);
        double taken = plays - std::max(work.free(hour), 0.0);
        for (const Offer& other : offers) {
          if (taken <= 0) break;
          if (!gives_way(other.line, offer.line)) continue;
          const double here = std::min(taken, work.plays(hour, other.line));
          work.add(hour, other.line, -here);
          taken -= here;
        }
        work.add(hour, offer.line, plays);
      }
    }
  }

  std::size_t step_of(double value) const {
    const auto step = static_cast<std::size_t>(value / problem_.dearest * kSteps);
    return std::min(step, kSteps - 1);
  }

  void fill(UnitWork& work) {
    const Group& group = work.group();
    std::vector<double> values;
    std::vector<Candidate> candidates;
    for (int hour = group.from_hour; hour < group.until_hour; ++hour) {
      values_of(problem_, group, problem_.day_of(work.unit()), hour, values);
      candidates.clear();
      for (const Offer& offer : problem_.offers_of(work.unit(), hour)) {
        const double value = values[offer.kind];
        if (missing_[offer.line] <= 0 || step_of(value) < step_[offer.line]) continue;
        candidates.push_back(
            {offer, value, value * prices_.per_value[offer.line] - prices_.per_play[offer.line]});
      }
      std::sort(candidates.begin(), candidates.end(), [](const Candidate& a, const Candidate& b) {
        return a.gain != b.gain ? a.gain > b.gain : a.offer.line < b.offer.line;
      });
      for (const Candidate& candidate : candidates) {
        const std::uint32_t line = candidate.offer.line;
        const double room = work.room(hour, candidate.offer);
        const bool edge = step_of(candidate.value) == step_[line];
        work.add(hour, line, room * (edge ? part_[line] : above_[line]));
      }
    }
  }

  Repaired finish() {
    Repaired result;
    result.units = shares_.days(result.objective);
    result.delivered = shares_.delivered();
    for (std::size_t i = 0; i < result.delivered.size(); ++i) {
      const Line& line = problem_.lines[i];
      const double missing = std::max(0.0, line.goal - result.delivered[i]);
      if (line.loss <= 0 || line.goal <= 0) continue;
      result.objective -= line.loss * missing + line.loss * missing * missing / (2 * line.goal);
    }
    return result;
  }

  double weight(std::uint32_t line, double value) const {
    return problem_.lines[line].impressions ? value : 1;
  }

  const Problem& problem_;
  Passes& passes_;
  const Dual& dual_;
  Prices prices_;
  Shares shares_;
  std::vector<double> missing_;
  std::vector<std::size_t> step_;  // from which step of values on a line is filled in
  std::vector<double> part_;       // how much of the room in that step
  std::vector<double> above_;      // and above it
  std::vector<bool> yields_;       // lines that find room elsewhere
};

}  // namespace

Repaired repair(const Problem& problem, Passes& passes, const Dual& dual, unsigned threads) {
  return Repair(problem, passes, dual, threads).run();
}

}  // namespace vitrine::plan
