#include "repair.hpp"

#include <algorithm>
#include <numeric>
#include <tuple>

#include "parallel.hpp"
#include "unit_work.hpp"

namespace vitrine::plan {
namespace {

// Values are sorted into this many steps to find from which on a missing play is filled in.
constexpr std::size_t kSteps = 512;
constexpr int kRounds = 16;
constexpr int kLastRounds = 4;  // in these a missing play goes wherever there is room
// Short by less than this part of the goal: met.
constexpr double kMet = 1e-9;

struct Share {
  std::uint32_t line = 0;
  double plays = 0;  // a screen and hour
};

// The plays of one piece's cells, cell by cell.
struct PieceShares {
  std::vector<Share> shares;
  std::vector<std::size_t> cell_end;  // for each unit 24
};

class Repair {
 public:
  Repair(const Problem& problem, Passes& passes, const Dual& dual, unsigned threads)
      : problem_(problem),
        passes_(passes),
        dual_(dual),
        prices_(problem.lines, dual.prices),
        threads_(threads),
        pieces_(kPieces),
        scale_(problem.lines.size(), 1) {}

  Repaired run() {
    each_unit([&](UnitWork& work, UnitBids& filled) { by_prices(work, filled); });
    fill_rounds(kRounds);
    for (int round = 0; round < kLastRounds && plan_displacement(); ++round) {
      each_unit([&](UnitWork& work, UnitBids&) { displace(work); });
      fill_rounds(kLastRounds);
    }
    cut_to_goals();
    return finish();
  }

 private:
  struct Candidate {
    Offer offer;
    double value;
    double gain;
  };

  double weight(std::uint32_t line, double value) const {
    return problem_.lines[line].impressions ? value : 1;
  }

  // Loads each unit, cut by scale_, lets `change` work on it, and keeps what it left.
  template <class Change>
  void each_unit(const Change& change) {
    std::vector<std::vector<double>> delivered(kPieces);
    in_pieces(problem_.units(), threads_,
              [&](std::size_t piece, std::size_t from, std::size_t until) {
                delivered[piece].assign(problem_.lines.size(), 0);
                PieceShares before = std::move(pieces_[piece]);
                PieceShares after;
                UnitWork work(problem_);
                UnitBids filled;
                std::vector<double> values;
                std::size_t next = 0;
                for (std::size_t unit = from; unit < until; ++unit) {
                  work.begin(unit);
                  if (!before.cell_end.empty()) load(work, before, (unit - from) * 24, next);
                  change(work, filled);
                  keep(work, after, values, delivered[piece]);
                }
                pieces_[piece] = std::move(after);
              });
    delivered_.assign(problem_.lines.size(), 0);
    for (const auto& part : delivered) {
      for (std::size_t i = 0; i < part.size(); ++i) delivered_[i] += part[i];
    }
    scale_.assign(problem_.lines.size(), 1);
  }

  void load(UnitWork& work, const PieceShares& from, std::size_t cell, std::size_t& next) const {
    for (int hour = 0; hour < 24; ++hour, ++cell) {
      for (; next < from.cell_end[cell]; ++next) {
        const Share& share = from.shares[next];
        work.add(hour, share.line, share.plays * scale_[share.line]);
      }
    }
  }

  void keep(const UnitWork& work, PieceShares& to, std::vector<double>& values,
            std::vector<double>& delivered) const {
    const Group& group = work.group();
    for (int hour = 0; hour < 24; ++hour) {
      if (hour >= group.from_hour && hour < group.until_hour) {
        values_of(problem_, group, problem_.day_of(work.unit()), hour, values);
        for (const Offer& offer : problem_.offers_of(work.unit(), hour)) {
          const double plays = work.plays(hour, offer.line);
          if (plays <= 0) continue;
          to.shares.push_back({offer.line, plays});
          delivered[offer.line] += group.count() * plays * weight(offer.line, values[offer.kind]);
        }
      }
      to.cell_end.push_back(to.shares.size());
    }
  }

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
      each_unit([&](UnitWork& work, UnitBids&) { fill(work); });
    }
  }

  // Decides from which value on each line is filled in. False: nothing is missing, or nobody has
  // room.
  bool plan_round(bool anywhere) {
    if (!find_missing()) return false;
    const std::size_t lines = problem_.lines.size();
    auto steps = room_by_value();
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
    cut_scales();
    missing_.assign(problem_.lines.size(), 0);
    bool any = false;
    for (std::size_t i = 0; i < missing_.size(); ++i) {
      const double missing = problem_.lines[i].goal - delivered_[i];
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
    const double all = std::accumulate(missing_.begin(), missing_.end(), 0.0);
    const auto room = sum_by_line([&](UnitWork& work, int hour, const Offer& offer, double value) {
      return work.room(hour, offer) * weight(offer.line, value);
    });
    yields_.assign(missing_.size(), false);
    for (std::size_t i = 0; i < missing_.size(); ++i) {
      yields_[i] = missing_[i] <= 0 &&
                   room[i] > 4 * all * weight(static_cast<std::uint32_t>(i), problem_.usual);
    }
    const auto possible =
        sum_by_line([&](UnitWork& work, int hour, const Offer& offer, double value) {
          return missing_[offer.line] <= 0
                     ? 0
                     : std::min(work.room_by_rules(hour, offer), yielded(work, hour, offer.line)) *
                           weight(offer.line, value);
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

  // Sums what `measure` says of each offer over all screens.
  template <class Measure>
  std::vector<double> sum_by_line(const Measure& measure) {
    std::vector<std::vector<double>> parts(kPieces);
    in_pieces(problem_.units(), threads_,
              [&](std::size_t piece, std::size_t from, std::size_t until) {
                parts[piece].assign(problem_.lines.size(), 0);
                UnitWork work(problem_);
                std::vector<double> values;
                std::size_t next = 0;
                for (std::size_t unit = from; unit < until; ++unit) {
                  work.begin(unit);
                  load(work, pieces_[piece], (unit - from) * 24, next);
                  const Group& group = work.group();
                  for (int hour = group.from_hour; hour < group.until_hour; ++hour) {
                    values_of(problem_, group, problem_.day_of(unit), hour, values);
                    for (const Offer& offer : problem_.offers_of(unit, hour)) {
                      parts[piece][offer.line] +=
                          group.count() * measure(work, hour, offer, values[offer.kind]);
                    }
                  }
                }
              });
    std::vector<double> sum = std::move(parts[0]);
    for (std::size_t i = 1; i < kPieces; ++i) {
      for (std::size_t k = 0; k < sum.size(); ++k) sum[k] += parts[i][k];
    }
    return sum;
  }

  void cut_scales() {
    for (std::size_t i = 0; i < delivered_.size(); ++i) {
      const double goal = problem_.lines[i].goal;
      if (delivered_[i] <= goal) continue;
      scale_[i] = goal / delivered_[i];
      delivered_[i] = goal;
    }
  }

  std::size_t step_of(double value) const {
    const auto step = static_cast<std::size_t>(value / problem_.dearest * kSteps);
    return std::min(step, kSteps - 1);
  }

  std::vector<double> room_by_value() {
    const std::size_t lines = problem_.lines.size();
    std::vector<std::vector<double>> parts(kPieces);
    in_pieces(problem_.units(), threads_,
              [&](std::size_t piece, std::size_t from, std::size_t until) {
                auto& steps = parts[piece];
                steps.assign(lines * kSteps, 0);
                UnitWork work(problem_);
                std::vector<double> values;
                std::size_t next = 0;
                for (std::size_t unit = from; unit < until; ++unit) {
                  work.begin(unit);
                  load(work, pieces_[piece], (unit - from) * 24, next);
                  const Group& group = work.group();
                  for (int hour = group.from_hour; hour < group.until_hour; ++hour) {
                    values_of(problem_, group, problem_.day_of(unit), hour, values);
                    for (const Offer& offer : problem_.offers_of(unit, hour)) {
                      if (missing_[offer.line] <= 0) continue;
                      const double value = values[offer.kind];
                      const double room = work.room(hour, offer);
                      if (room <= 0) continue;
                      steps[offer.line * kSteps + step_of(value)] +=
                          group.count() * room * weight(offer.line, value);
                    }
                  }
                }
              });
    for (std::size_t i = 1; i < kPieces; ++i) {
      for (std::size_t k = 0; k < parts[0].size(); ++k) parts[0][k] += parts[i][k];
    }
    return std::move(parts[0]);
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

  void cut_to_goals() {
    cut_scales();
    each_unit([](UnitWork&, UnitBids&) {});
  }

  Repaired finish() {
    Repaired result;
    result.units.resize(problem_.units());
    std::vector<double> objective(kPieces, 0);
    in_pieces(problem_.units(), threads_,
              [&](std::size_t piece, std::size_t from, std::size_t until) {
                std::vector<double> values;
                std::vector<DayShare> day(problem_.lines.size());
                std::size_t next = 0;
                const PieceShares& kept = pieces_[piece];
                for (std::size_t unit = from; unit < until; ++unit) {
                  const Group& group = problem_.group_of(unit);
                  std::vector<std::uint32_t> touched;
                  for (int hour = 0; hour < 24; ++hour) {
                    const std::size_t end =
                        kept.cell_end[(unit - from) * 24 + static_cast<std::size_t>(hour)];
                    if (next == end) continue;
                    values_of(problem_, group, problem_.day_of(unit), hour, values);
                    for (; next < end; ++next) {
                      const Share& share = kept.shares[next];
                      DayShare& sum = day[share.line];
                      if (sum.plays == 0) touched.push_back(share.line);
                      sum.plays += share.plays;
                      sum.value += share.plays * values[problem_.lines[share.line].kind];
                    }
                  }
                  std::sort(touched.begin(), touched.end());
                  auto& out = result.units[unit];
                  out.reserve(touched.size());
                  for (const std::uint32_t line : touched) {
                    day[line].line = line;
                    objective[piece] += group.count() * day[line].value;
                    out.push_back(day[line]);
                    day[line] = {};
                  }
                }
              });
    for (const double part : objective) result.objective += part;
    result.delivered = delivered_;
    for (std::size_t i = 0; i < delivered_.size(); ++i) {
      const Line& line = problem_.lines[i];
      const double missing = std::max(0.0, line.goal - delivered_[i]);
      if (line.loss <= 0 || line.goal <= 0) continue;
      result.objective -= line.loss * missing + line.loss * missing * missing / (2 * line.goal);
    }
    return result;
  }

  const Problem& problem_;
  Passes& passes_;
  const Dual& dual_;
  Prices prices_;
  unsigned threads_;
  std::vector<PieceShares> pieces_;
  std::vector<double> delivered_;
  std::vector<double> scale_;
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
