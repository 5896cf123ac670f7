#include "pass.hpp"

#include "parallel.hpp"

namespace vitrine::plan {
namespace {

// Adds one cell's part: where a line is between nothing and its cap, its plays fall by cap/softness
// for each unit of gain that its price takes; where the slots bind, what one loses the others get.
class Curvature {
 public:
  Curvature(std::vector<double>& matrix, std::size_t lines) : matrix_(matrix), lines_(lines) {}

  void add(const std::vector<Bid>& bids, const std::vector<Line>& lines, double softness,
           bool full, double count) {
    moving_.clear();
    double slope = 0;
    for (const Bid& bid : bids) {
      if (bid.plays <= 0 || bid.plays >= bid.cap) continue;
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
    : problem_(problem), threads_(threads), slot_prices_(problem.units() * 24, 0) {}

Pass Passes::soft(const std::vector<double>& prices, double softness) {
  const std::size_t lines = problem_.lines.size();
  const Prices prepared(problem_.lines, prices);
  std::vector<Pass> parts(kPieces);
  in_pieces(problem_.units(), threads_, [&](std::size_t piece, std::size_t from, std::size_t until) {
    Pass& part = parts[piece];
    part.delivered.assign(lines, 0);
    part.curvature.assign(lines * lines, 0);
    Curvature curvature(part.curvature, lines);
    std::vector<double> values;
    std::vector<Bid> bids;
    for (std::size_t unit = from; unit < until; ++unit) {
      const Group& group = problem_.group_of(unit);
      const double count = group.count();
      for (int hour = group.from_hour; hour < group.until_hour; ++hour) {
        values_of(problem_, group, problem_.day_of(unit), hour, values);
        bids_of(problem_.offers_of(unit, hour), prepared, values, group.slots, bids);
        double& slot = slot_price(unit, hour);
        part.worth += count * fill_softly(bids, group.slots, softness, slot);
        for (const Bid& bid : bids) {
          part.delivered[bid.line] +=
              count * bid.plays * (problem_.lines[bid.line].impressions ? bid.value : 1);
        }
        curvature.add(bids, problem_.lines, softness, slot > 0, count);
      }
    }
  });
  Pass sum = std::move(parts[0]);
  for (std::size_t i = 1; i < kPieces; ++i) {
    sum.worth += parts[i].worth;
    add(sum.delivered, parts[i].delivered);
    add(sum.curvature, parts[i].curvature);
  }
  for (std::size_t i = 0; i < lines; ++i) {
    for (std::size_t k = 0; k < i; ++k) sum.curvature[i * lines + k] = sum.curvature[k * lines + i];
  }
  return sum;
}

double Passes::best(const std::vector<double>& prices) const {
  const Prices prepared(problem_.lines, prices);
  std::vector<double> parts(kPieces, 0);
  in_pieces(problem_.units(), threads_, [&](std::size_t piece, std::size_t from, std::size_t until) {
    std::vector<double> values;
    std::vector<Bid> bids;
    for (std::size_t unit = from; unit < until; ++unit) {
      const Group& group = problem_.group_of(unit);
      for (int hour = group.from_hour; hour < group.until_hour; ++hour) {
        values_of(problem_, group, problem_.day_of(unit), hour, values);
        bids_of(problem_.offers_of(unit, hour), prepared, values, group.slots, bids);
        parts[piece] += group.count() * fill_best(bids, group.slots);
      }
    }
  });
  double sum = 0;
  for (const double part : parts) sum += part;
  return sum;
}

}  // namespace vitrine::plan
