#include "cell.hpp"

#include <algorithm>

namespace vitrine::plan {
namespace {

struct Taken {
  double plays = 0;
  double slope = 0;  // plays lost for one more of the slot's price
};

Taken taken(const std::vector<Bid>& bids, double softness, double slot_price) {
  Taken sum;
  for (const Bid& bid : bids) {
    const double part = (bid.gain - slot_price) / softness;
    if (part >= 1) {
      sum.plays += bid.cap;
    } else if (part > 0) {
      sum.plays += bid.cap * part;
      sum.slope += bid.cap / softness;
    }
  }
  return sum;
}

// The price at which exactly `slots` are taken: Newton's steps, exact within a linear piece, kept
// inside a bracket.
double find_slot_price(const std::vector<Bid>& bids, double slots, double softness, double guess) {
  if (taken(bids, softness, 0).plays <= slots) return 0;
  double low = 0;  // more than `slots` are taken here
  double high = 0;
  for (const Bid& bid : bids) high = std::max(high, bid.gain);
  double price = guess > low && guess < high ? guess : 0;
  for (int step = 0; step < 200; ++step) {
    const Taken now = taken(bids, softness, price);
    const double excess = now.plays - slots;
    if (excess <= slots * 1e-13 && excess >= -slots * 1e-13) break;
    (excess > 0 ? low : high) = price;
    const double next = now.slope > 0 ? price + excess / now.slope : low;
    const bool inside = next > low && next < high;
    const double moved = inside ? next : low + (high - low) / 2;
    if (moved == price || moved <= low || moved >= high) break;
    price = moved;
  }
  return price;
}

}  // namespace

Prices::Prices(const std::vector<Line>& lines, const std::vector<double>& prices) {
  per_value.resize(lines.size());
  per_play.resize(lines.size());
  for (std::size_t i = 0; i < lines.size(); ++i) {
    per_value[i] = lines[i].impressions ? 1 - prices[i] : 1;
    per_play[i] = lines[i].impressions ? 0 : prices[i];
  }
}

void bids_of(const std::vector<Offer>& offers, const Prices& prices,
             const std::vector<double>& values, const std::vector<double>& day_prices, double slots,
             double least, std::vector<Bid>& bids) {
  bids.clear();
  for (std::uint32_t i = 0; i < offers.size(); ++i) {
    const Offer& offer = offers[i];
    const double value = values[offer.kind];
    const double gain =
        value * prices.per_value[offer.line] - prices.per_play[offer.line] - day_prices[offer.line];
    if (gain > least) bids.push_back({offer.line, i, gain, value, std::min(offer.cap, slots), 0});
  }
}

void useful_bids(const std::vector<Offer>& offers, const Prices& prices,
                 const std::vector<double>& values, const std::vector<double>& day_prices,
                 double slots, double softness, double guess, std::vector<Bid>& bids) {
  if (guess > 0) {
    bids_of(offers, prices, values, day_prices, slots, guess, bids);
    if (taken(bids, softness, guess).plays >= slots) return;
  }
  bids_of(offers, prices, values, day_prices, slots, 0, bids);
}

double fill_best(std::vector<Bid>& bids, double slots) {
  std::sort(bids.begin(), bids.end(), [](const Bid& a, const Bid& b) {
    return a.gain != b.gain ? a.gain > b.gain : a.line < b.line;
  });
  double worth = 0;
  for (Bid& bid : bids) {
    bid.plays = std::min(bid.cap, slots);
    worth += bid.gain * bid.plays;
    slots -= bid.plays;
    if (slots <= 0) break;
  }
  return worth;
}

void fill_softly(std::vector<Bid>& bids, double slots, double softness, double& slot_price) {
  slot_price = find_slot_price(bids, slots, softness, slot_price);
  for (Bid& bid : bids) {
    bid.plays = bid.cap * std::clamp((bid.gain - slot_price) / softness, 0.0, 1.0);
  }
}

double soft_worth(const std::vector<Bid>& bids, double softness) {
  double worth = 0;
  for (const Bid& bid : bids) {
    worth += bid.plays * (bid.gain - softness / 2 * (bid.plays / bid.cap));
  }
  return worth;
}

}  // namespace vitrine::plan
