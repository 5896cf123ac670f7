// One hour on one screen at given prices: who gets its slots.
#pragma once

#include <vector>

#include "problem.hpp"

namespace vitrine::plan {

// What a unit of a line's goal costs, prepared for the inner loop: a play of value a brings
// a * per_value - per_play beyond its price.
struct Prices {
  std::vector<double> per_value;
  std::vector<double> per_play;

  Prices(const std::vector<Line>& lines, const std::vector<double>& prices);
};

struct Bid {
  std::uint32_t line = 0;
  std::uint32_t offer = 0;  // its index in the hour's offers
  double gain = 0;          // of a play, beyond its price
  double value = 0;         // of a play
  double cap = 0;
  double plays = 0;
};

// All offers with a gain above `least` (>= 0), in the order of the offers, `plays` still 0.
// `day_prices`, by line, is taken off each play beside its price: what a day's cap makes it cost.
void bids_of(const std::vector<Offer>& offers, const Prices& prices,
             const std::vector<double>& values, const std::vector<double>& day_prices, double slots,
             double least, std::vector<Bid>& bids);

// The same, without those that cannot come to a slot: where the slots go away at a price above
// `guess`, nobody below it matters. With a good guess few bids are left of some hundred offers.
void useful_bids(const std::vector<Offer>& offers, const Prices& prices,
                 const std::vector<double>& values, const std::vector<double>& day_prices,
                 double slots, double softness, double guess, std::vector<Bid>& bids);

// The best use of the hour: descending gain, each up to its cap, while there are slots. Returns its
// worth, the sum of gain x plays. Reorders the bids; equal gains keep the order of the lines.
double fill_best(std::vector<Bid>& bids, double slots);

// The same with a softness in place of the jump from nothing to the cap: plays = cap x
// clip((gain - slot_price) / softness, 0, 1), where `slot_price` >= 0 is what a slot of this hour
// is worth to who comes first without one. It goes in as a guess.
void fill_softly(std::vector<Bid>& bids, double slots, double softness, double& slot_price);
// Of an hour so filled: the sum of gain x plays less softness/2 x plays^2/cap, which no other use
// of the hour exceeds.
double soft_worth(const std::vector<Bid>& bids, double softness);

}  // namespace vitrine::plan
