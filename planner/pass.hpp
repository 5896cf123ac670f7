// One look at every cell of the network at given prices: what it is worth, and what each line gets.
#pragma once

#include "cell.hpp"

namespace vitrine::plan {

struct Pass {
  double worth = 0;               // of all cells
  std::vector<double> delivered;  // per line, in its unit
  // How deliveries fall as prices rise: a symmetric matrix of lines x lines, row by row. Empty
  // unless it was asked for.
  std::vector<double> curvature;
};

class Passes {
 public:
  // Borrows the problem. The result does not depend on `threads`.
  Passes(const Problem& problem, unsigned threads);

  Pass soft(const std::vector<double>& prices, double softness);
  // The worth of the best use of every cell; with the lines' goals it bounds every plan.
  double best(const std::vector<double>& prices) const;

  double& slot_price(std::size_t unit, int hour) {
    return slot_prices_[unit * 24 + static_cast<std::size_t>(hour)];
  }

 private:
  const Problem& problem_;
  unsigned threads_;
  std::vector<double> slot_prices_;  // where the last pass ended and the next begins
};

}  // namespace vitrine::plan
