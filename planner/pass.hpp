// One look at every cell of the network at given prices: what it is worth, and what each line gets.
#pragma once

#include <array>

#include "cell.hpp"

namespace vitrine::plan {

struct Pass {
  double worth = 0;               // of all cells
  std::vector<double> delivered;  // per line, in its unit
  // How deliveries fall as prices rise: a symmetric matrix of lines x lines, row by row.
  std::vector<double> curvature;
  // Per line, in thousandths of a target impression: what its plays are worth, and what a usual one
  // of those is that come and go with its price; 0 where none does.
  std::vector<double> value;
  std::vector<double> edge_value;
};

// The hours of one unit, filled.
struct UnitBids {
  std::array<std::vector<Bid>, 24> hours;
  std::array<double, 24> slot_prices{};
  std::vector<double> day_prices;  // by line; 0 where no cap binds
  std::vector<double> values;
};

class Passes {
 public:
  // Borrows the problem. The result does not depend on `threads`.
  Passes(const Problem& problem, unsigned threads);

  Pass soft(const std::vector<double>& prices, double softness);
  // The worth of the best use of every cell; with the lines' goals it bounds every plan.
  double best(const std::vector<double>& prices) const;

  // The best soft use of a unit. A daily cap has a price of its own, found from the last pass's by
  // a few steps: it may end a little off, which costs the bound something but not its truth.
  void fill_unit(std::size_t unit, const Prices& prices, double softness, UnitBids& filled);

 private:
  bool move_day_prices(std::size_t unit, double softness, UnitBids& filled);
  void load_day_prices(std::size_t unit, std::vector<double>& day_prices) const;
  double cap_worth(std::size_t unit) const;

  const Problem& problem_;
  unsigned threads_;
  std::vector<Pass> parts_;  // kept for their memory
  // Where the last pass ended and the next begins: by unit and hour, by unit and capped line.
  std::vector<double> slot_prices_;
  std::vector<std::uint32_t> capped_;
  std::vector<double> day_prices_;
};

}  // namespace vitrine::plan
