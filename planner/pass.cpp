#include "pass.hpp"

#include <algorithm>
#include <cmath>

#include "parallel.hpp"

namespace vitrine::plan {
namespace {

// How often a unit's hours are filled anew in one pass, for its daily caps.
constexpr int kDayRounds = 4;

// Adds one cell's part: where a line is between nothing and its cap, its plays fall by cap/softness
// for each unit of gain that its price takes; where the slots bind, what one loses the others get.
class Curvature {
 public:
  Curvature(std::vector<double>& matrix, std::size_t lines) : matrix_(matrix), lines_(lines) {}

  void add(const std::vector<Bid>& bids, const std::vector<Line>& lines, double softness,
           const std::vector<double>& day_prices, bool full, double count) {
    moving_.clear();
    double slope = 0;
    for (const Bid& bid : bids) {
      if (bid.plays <= 0 || bid.plays >= bid.cap) continue;
      if (day_prices[bid.line] > 0) continue;  // its cap gives way to its price: the plays stay
      const double weight = lines[bid.line].impressions ? bid.value : 1;
      moving_.push_back({bid.line, weight, bid.cap / softness});
      slope += moving_.back().slope;
    }
    for (std::size_t i = 0; i < moving_.size(); ++i) {
      const Moving& a = moving_[i];
      double* row = &matrix_[a.line * lines_];
      row[a.line] += count * a.slope * a.weight * a.weight;
      if (!full) continue;
      const double part = count * a.slope * a.weight / slope;
      // The offers are in the order of the lines, so this is the upper triangle.
      for (std::size_t k = i; k < moving_.size(); ++k) {
        row[moving_[k].line] -= part * moving_[k].slope * moving_[k].weight;
      }
    }
  }

 private:
  struct Moving {
    std::uint32_t line;
    double weight;
    double slope;
  };
  std::vector<double>& matrix_;
  std::size_t lines_;
  std::vector<Moving> moving_;
};

void add(std::vector<double>& to, const std::vector<double>& more) {
  for (std::size_t i = 0; i < to.size(); ++i) to[i] += more[i];
}

}  // namespace

Passes::Passes(const Problem& problem, unsigned threads)
    : problem_(problem), threads_(threads), parts_(kPieces), slot_prices_(problem.units() * 24, 0) {
  for (std::uint32_t i = 0; i < problem.lines.size(); ++i) {
    if (problem.lines[i].day_cap != 0) capped_.push_back(i);
  }
  day_prices_.assign(problem.units() * capped_.size(), 0);
}

void Passes::load_day_prices(std::size_t unit, std::vector<double>& day_prices) const {
  day_prices.resize(problem_.lines.size(), 0);
  for (std::size_t k = 0; k < capped_.size(); ++k) {
    day_prices[capped_[k]] = day_prices_[unit * capped_.size() + k];
  }
}

double Passes::cap_worth(std::size_t unit) const {
  double worth = 0;
  for (std::size_t k = 0; k < capped_.size(); ++k) {
    worth += day_prices_[unit * capped_.size() + k] * problem_.lines[capped_[k]].day_cap;
  }
  return worth;
}

void Passes::fill_unit(std::size_t unit, const Prices& prices, double softness, UnitBids& filled) {
  const Group& group = problem_.group_of(unit);
  for (int round = 0; round < kDayRounds; ++round) {
    load_day_prices(unit, filled.day_prices);
    for (int hour = group.from_hour; hour < group.until_hour; ++hour) {
      const auto h = static_cast<std::size_t>(hour);
      double& slot = slot_prices_[unit * 24 + h];
      values_of(problem_, group, problem_.day_of(unit), hour, filled.values);
      useful_bids(problem_.offers_of(unit, hour), prices, filled.values, filled.day_prices,
                  group.slots, softness, slot - 4 * softness, filled.hours[h]);
      fill_softly(filled.hours[h], group.slots, softness, slot);
      filled.slot_prices[h] = slot;
    }
    if (round + 1 == kDayRounds || !move_day_prices(unit, softness, filled)) break;
  }
}

// Newton's step for each cap of its own; false when all hold, or nearly.
bool Passes::move_day_prices(std::size_t unit, double softness, UnitBids& filled) {
  if (capped_.empty()) return false;
  const Group& group = problem_.group_of(unit);
  std::vector<double> plays(problem_.lines.size(), 0);
  std::vector<double> slope(problem_.lines.size(), 0);
  for (int hour = group.from_hour; hour < group.until_hour; ++hour) {
    for (const Bid& bid : filled.hours[static_cast<std::size_t>(hour)]) {
      plays[bid.line] += bid.plays;
      if (bid.plays > 0 && bid.plays < bid.cap) slope[bid.line] += bid.cap / softness;
    }
  }
  bool moved = false;
  for (std::size_t k = 0; k < capped_.size(); ++k) {
    const std::uint32_t line = capped_[k];
    double& price = day_prices_[unit * capped_.size() + k];
    const double excess = plays[line] - problem_.lines[line].day_cap;
    if (excess <= 0 && price <= 0) continue;
    if (std::abs(excess) <= 1e-4 * problem_.lines[line].day_cap) continue;
    // Between hours that are all full or all empty there is no slope, only a direction.
    const double most = 8 * softness;
    const double step = slope[line] > 0 ? std::clamp(excess / slope[line], -most, most)
                                        : (excess > 0 ? most : -most);
    price = std::max(0.0, price + step);
    moved = true;
  }
  return moved;
}

Pass Passes::soft(const std::vector<double>& prices, double softness) {
  const std::size_t lines = problem_.lines.size();
  const Prices prepared(problem_.lines, prices);
  std::vector<std::vector<double>> edges(kPieces);  // plays, at one softness as much as slopes
  in_pieces(problem_.units(), threads_,
            [&](std::size_t piece, std::size_t from, std::size_t until) {
              Pass& part = parts_[piece];
              part.worth = 0;
              part.delivered.assign(lines, 0);
              part.curvature.assign(lines * lines, 0);
              part.value.assign(lines, 0);
              part.edge_value.assign(lines, 0);
              edges[piece].assign(lines, 0);
              Curvature curvature(part.curvature, lines);
              UnitBids filled;
              for (std::size_t unit = from; unit < until; ++unit) {
                const Group& group = problem_.group_of(unit);
                const double count = group.count();
                fill_unit(unit, prepared, softness, filled);
                // The prices with which the hours were filled, whatever the next pass begins with.
                for (const std::uint32_t line : capped_) {
                  part.worth += count * filled.day_prices[line] * problem_.lines[line].day_cap;
                }
                for (int hour = group.from_hour; hour < group.until_hour; ++hour) {
                  const auto h = static_cast<std::size_t>(hour);
                  part.worth += count * soft_worth(filled.hours[h], softness);
                  for (const Bid& bid : filled.hours[h]) {
                    part.delivered[bid.line] +=
                        count * bid.plays * (problem_.lines[bid.line].impressions ? bid.value : 1);
                    part.value[bid.line] += count * bid.plays * bid.value;
                    if (bid.plays <= 0 || bid.plays >= bid.cap) continue;
                    part.edge_value[bid.line] += count * bid.cap * bid.value;
                    edges[piece][bid.line] += count * bid.cap;
                  }
                  curvature.add(filled.hours[h], problem_.lines, softness, filled.day_prices,
                                filled.slot_prices[h] > 0, count);
                }
              }
            });
  Pass sum = parts_[0];
  for (std::size_t i = 1; i < kPieces; ++i) {
    sum.worth += parts_[i].worth;
    add(sum.delivered, parts_[i].delivered);
    add(sum.curvature, parts_[i].curvature);
    add(sum.value, parts_[i].value);
    add(sum.edge_value, parts_[i].edge_value);
    add(edges[0], edges[i]);
  }
  for (std::size_t i = 0; i < lines; ++i) {
    if (edges[0][i] > 0) sum.edge_value[i] /= edges[0][i];
  }
  for (std::size_t i = 0; i < lines; ++i) {
    for (std::size_t k = 0; k < i; ++k) sum.curvature[i * lines + k] = sum.curvature[k * lines + i];
  }
  return sum;
}

double Passes::best(const std::vector<double>& prices) const {
  const Prices prepared(problem_.lines, prices);
  std::vector<double> parts(kPieces, 0);
  in_pieces(problem_.units(), threads_,
            [&](std::size_t piece, std::size_t from, std::size_t until) {
              std::vector<double> values;
              std::vector<double> day_prices;
              std::vector<Bid> bids;
              for (std::size_t unit = from; unit < until; ++unit) {
                const Group& group = problem_.group_of(unit);
                load_day_prices(unit, day_prices);
                double worth = cap_worth(unit);
                for (int hour = group.from_hour; hour < group.until_hour; ++hour) {
                  values_of(problem_, group, problem_.day_of(unit), hour, values);
                  // Any softness does: what comes to no slot at all is left out.
                  const double slot = slot_prices_[unit * 24 + static_cast<std::size_t>(hour)];
                  useful_bids(problem_.offers_of(unit, hour), prepared, values, day_prices,
                              group.slots, problem_.usual * 1e-9, slot * 0.99, bids);
                  worth += fill_best(bids, group.slots);
                }
                parts[piece] += group.count() * worth;
              }
            });
  double sum = 0;
  for (const double part : parts) sum += part;
  return sum;
}

}  // namespace vitrine::plan
