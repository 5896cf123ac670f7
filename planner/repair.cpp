#include "repair.hpp"

#include <algorithm>
#include <tuple>

#include "parallel.hpp"

namespace vitrine::plan {
namespace {

// Values are sorted into this many steps to find from which on a missing play is filled in.
constexpr std::size_t kSteps = 512;
constexpr int kRounds = 8;
// Short by less than this part of the goal: met.
constexpr double kMet = 1e-7;

struct Share {
  std::uint32_t line = 0;
  float plays = 0;  // a screen and hour; a plan of millions of cells is kept whole
};

// The plays of one piece's cells, cell by cell.
struct PieceShares {
  std::vector<Share> shares;
  std::vector<std::size_t> cell_end;  // for each unit 24
};

// One unit's plays, spread out for work: plays[hour][line].
class UnitWork {
 public:
  UnitWork(const Problem& problem) : problem_(problem), lines_(problem.lines.size()) {
    plays_.assign(24 * lines_, 0);
    day_.assign(lines_, 0);
    used_.assign(24, 0);
  }

  void begin(std::size_t unit) {
    unit_ = unit;
    group_ = &problem_.group_of(unit);
    std::fill(plays_.begin(), plays_.end(), 0);
    std::fill(day_.begin(), day_.end(), 0);
    std::fill(used_.begin(), used_.end(), 0);
  }
  std::size_t unit() const { return unit_; }
  const Group& group() const { return *group_; }
  double plays(int hour, std::uint32_t line) const { return plays_[at(hour, line)]; }

  void add(int hour, std::uint32_t line, double plays) {
    plays_[at(hour, line)] += plays;
    day_[line] += plays;
    used_[static_cast<std::size_t>(hour)] += plays;
  }

  // How many more plays of the line the hour takes.
  double room(int hour, const Offer& offer) const {
    const double free = group_->slots - used_[static_cast<std::size_t>(hour)];
    const Line& line = problem_.lines[offer.line];
    double room = std::min(offer.cap - plays(hour, offer.line), free);
    if (line.day_cap != 0) room = std::min(room, line.day_cap - day_[offer.line]);
    if (!line.competitors.empty()) room = std::min(room, beside_competitors(hour, offer.line));
    return std::max(room, 0.0);
  }

 private:
  std::size_t at(int hour, std::uint32_t line) const {
    return static_cast<std::size_t>(hour) * lines_ + line;
  }

  double with_competitors(int hour, std::uint32_t line) const {
    double sum = plays(hour, line);
    for (const std::uint32_t other : problem_.lines[line].competitors) sum += plays(hour, other);
    return sum;
  }

  // If no play has more than half of the hour's plays against it, itself included, the hour can be
  // put in an order in which no two competitors are neighbours (Dirac 1952: a graph whose every
  // vertex is joined to half of them has a Hamiltonian cycle). Unsold slots have nobody against
  // them.
  double beside_competitors(int hour, std::uint32_t line) const {
    const double half = group_->slots / 2;
    double room = half - with_competitors(hour, line);
    bool alone = true;
    for (const std::uint32_t other : problem_.lines[line].competitors) {
      if (plays(hour, other) <= 0) continue;
      alone = false;
      room = std::min(room, half - with_competitors(hour, other));
    }
    return alone ? group_->slots : room;
  }

  const Problem& problem_;
  std::size_t lines_;
  std::size_t unit_ = 0;
  const Group* group_ = nullptr;
  std::vector<double> plays_;
  std::vector<double> day_;   // plays of the line on this day
  std::vector<double> used_;  // slots of the hour
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
    each_unit([&](UnitWork& work, std::vector<double>&) { by_prices(work); });
    for (int round = 0; round < kRounds; ++round) {
      if (!plan_round()) break;
      each_unit([&](UnitWork& work, std::vector<double>&) { fill(work, round + 1 == kRounds); });
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
    in_pieces(problem_.units(), threads_, [&](std::size_t piece, std::size_t from, std::size_t until) {
      delivered[piece].assign(problem_.lines.size(), 0);
      PieceShares before = std::move(pieces_[piece]);
      PieceShares after;
      UnitWork work(problem_);
      std::vector<double> values;
      std::size_t next = 0;
      for (std::size_t unit = from; unit < until; ++unit) {
        work.begin(unit);
        if (!before.cell_end.empty()) load(work, before, (unit - from) * 24, next);
        change(work, delivered[piece]);
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
        work.add(hour, share.line, static_cast<double>(share.plays) * scale_[share.line]);
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
          const auto plays = static_cast<float>(work.plays(hour, offer.line));
          if (plays <= 0) continue;
          to.shares.push_back({offer.line, plays});
          delivered[offer.line] += group.count() * static_cast<double>(plays) *
                                   weight(offer.line, values[offer.kind]);
        }
      }
      to.cell_end.push_back(to.shares.size());
    }
  }

  // What the soft prices give, dearest first where a rule cuts.
  void by_prices(UnitWork& work) {
    const Group& group = work.group();
    std::vector<double> values;
    std::vector<Bid> bids;
    std::vector<std::pair<int, Bid>> all;
    for (int hour = group.from_hour; hour < group.until_hour; ++hour) {
      values_of(problem_, group, problem_.day_of(work.unit()), hour, values);
      bids_of(problem_.offers_of(work.unit(), hour), prices_, values, group.slots, bids);
      double& slot = passes_.slot_price(work.unit(), hour);
      fill_softly(bids, group.slots, dual_.softness, slot);
      for (Bid& bid : bids) {
        if (bid.plays <= 0) continue;
        bid.gain -= slot;
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

  // Decides from which value on each line is filled in. False: nothing is missing, or nobody has
  // room.
  bool plan_round() {
    cut_scales();
    const std::size_t lines = problem_.lines.size();
    missing_.assign(lines, 0);
    bool any = false;
    for (std::size_t i = 0; i < lines; ++i) {
      const double missing = problem_.lines[i].goal - delivered_[i];
      if (missing <= problem_.lines[i].goal * kMet) continue;
      missing_[i] = missing;
      any = true;
    }
    if (!any) return false;
    auto steps = room_by_value();
    step_.assign(lines, kSteps);
    part_.assign(lines, 0);
    bool possible = false;
    for (std::size_t i = 0; i < lines; ++i) {
      if (missing_[i] <= 0) continue;
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
    in_pieces(problem_.units(), threads_, [&](std::size_t piece, std::size_t from, std::size_t until) {
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

  void fill(UnitWork& work, bool last) {
    const Group& group = work.group();
    std::vector<double> values;
    std::vector<Candidate> candidates;
    for (int hour = group.from_hour; hour < group.until_hour; ++hour) {
      values_of(problem_, group, problem_.day_of(work.unit()), hour, values);
      candidates.clear();
      for (const Offer& offer : problem_.offers_of(work.unit(), hour)) {
        const double value = values[offer.kind];
        if (missing_[offer.line] <= 0 || step_of(value) < step_[offer.line]) continue;
        candidates.push_back({offer, value,
                              value * prices_.per_value[offer.line] - prices_.per_play[offer.line]});
      }
      std::sort(candidates.begin(), candidates.end(), [](const Candidate& a, const Candidate& b) {
        return a.gain != b.gain ? a.gain > b.gain : a.offer.line < b.offer.line;
      });
      for (const Candidate& candidate : candidates) {
        const std::uint32_t line = candidate.offer.line;
        const double room = work.room(hour, candidate.offer);
        const bool edge = step_of(candidate.value) == step_[line] && !last;
        work.add(hour, line, edge ? room * part_[line] : room);
      }
    }
  }

  void cut_to_goals() {
    cut_scales();
    each_unit([](UnitWork&, std::vector<double>&) {});
  }

  Repaired finish() {
    Repaired result;
    result.units.resize(problem_.units());
    std::vector<double> objective(kPieces, 0);
    in_pieces(problem_.units(), threads_, [&](std::size_t piece, std::size_t from, std::size_t until) {
      std::vector<double> values;
      std::vector<DayShare> day(problem_.lines.size());
      std::size_t next = 0;
      const PieceShares& kept = pieces_[piece];
      for (std::size_t unit = from; unit < until; ++unit) {
        const Group& group = problem_.group_of(unit);
        std::vector<std::uint32_t> touched;
        for (int hour = 0; hour < 24; ++hour) {
          const std::size_t end = kept.cell_end[(unit - from) * 24 + static_cast<std::size_t>(hour)];
          if (next == end) continue;
          values_of(problem_, group, problem_.day_of(unit), hour, values);
          for (; next < end; ++next) {
            const Share& share = kept.shares[next];
            DayShare& sum = day[share.line];
            if (sum.plays == 0) touched.push_back(share.line);
            sum.plays += static_cast<double>(share.plays);
            sum.value +=
                static_cast<double>(share.plays) * values[problem_.lines[share.line].kind];
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
      if (line.loss <= 0 || line.goal <= 0 || missing <= line.goal * kMet) continue;
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
};

}  // namespace

Repaired repair(const Problem& problem, Passes& passes, const Dual& dual, unsigned threads) {
  return Repair(problem, passes, dual, threads).run();
}

}  // namespace vitrine::plan
