#include "day_plan.hpp"

#include <algorithm>
#include <queue>

#include "base/math.hpp"

namespace vitrine {
namespace {

// The next play of a wish, where it is worth most.
struct Bid {
  std::int64_t value = 0;
  std::int64_t taken = 0;  // plays of the wish in that hour so far, of ...
  std::int64_t most = 1;   // ... so many
  int hour = -1;           // none left
  std::size_t wish = 0;
  CampaignId campaign = 0;
  bool alone = true;  // no other hour is worth as much to it
};

// Where few plays have many equal hours: an order that jumps about the day (bits reversed, van der
// Corput), begun elsewhere by each campaign, so that plays neither follow one another nor all meet.
int turn_of_hour(const Bid& bid) {
  const auto hour = static_cast<std::uint32_t>(bid.hour);
  const std::uint32_t from = (hour + 7 * (bid.campaign % kHoursOfDay)) % kHoursOfDay;
  int reversed = 0;
  for (int bit = 0; bit < 5; ++bit) reversed |= static_cast<int>(from >> bit & 1) << (4 - bit);
  return reversed;
}

// Whether `a` goes before `b`: worth more; then the emptier hour, as a share of what it may hold;
// then the lower id, the hour whose turn it is.
bool before(const Bid& a, const Bid& b) {
  if (a.value != b.value) return a.value > b.value;
  const Product left = multiply(a.taken, b.most);
  const Product right = multiply(b.taken, a.most);
  if (left != right) return left < right;
  if (a.campaign != b.campaign) return a.campaign < b.campaign;
  return turn_of_hour(a) < turn_of_hour(b);
}

Bid best_bid(const std::vector<PlanWish>& wishes, const std::vector<HourPlays>& plan,
             const std::array<std::int64_t, kHoursOfDay>& room_ms, std::size_t index) {
  const PlanWish& wish = wishes[index];
  Bid best;
  for (int hour = 0; hour < kHoursOfDay; ++hour) {
    const auto at = static_cast<std::size_t>(hour);
    const std::int64_t taken = plan[index][at];
    if (taken >= wish.most[at] || room_ms[at] < wish.length_ms) continue;
    Bid bid{wish.value[at], taken, wish.most[at], hour, index, wish.campaign};
    const bool tie = best.hour >= 0 && bid.value == best.value;
    if (best.hour < 0 || before(bid, best)) {
      bid.alone = !tie;
      best = bid;
    } else if (tie) {
      best.alone = false;
    }
  }
  return best;
}

}  // namespace

std::vector<HourPlays> plan_day(const std::vector<PlanWish>& wishes,
                                std::array<std::int64_t, kHoursOfDay> room_ms) {
  std::vector<HourPlays> plan(wishes.size(), HourPlays{});
  std::vector<std::int64_t> owed;
  const auto later = [](const Bid& a, const Bid& b) { return before(b, a); };
  std::priority_queue<Bid, std::vector<Bid>, decltype(later)> bids(later);
  for (std::size_t i = 0; i < wishes.size(); ++i) {
    owed.push_back(wishes[i].owed);
    if (owed[i] <= 0) continue;
    if (const Bid bid = best_bid(wishes, plan, room_ms, i); bid.hour >= 0) bids.push(bid);
  }
  while (!bids.empty()) {
    const Bid bid = bids.top();
    bids.pop();
    const PlanWish& wish = wishes[bid.wish];
    const auto hour = static_cast<std::size_t>(bid.hour);
    // Somebody before it may have taken the room: then it bids anew elsewhere.
    if (const std::int64_t fitting = room_ms[hour] / wish.length_ms; fitting > 0) {
      // As long as nobody else bids as much, the next plays would go the same way.
      std::int64_t plays = 1;
      if (bid.alone && (bids.empty() || bids.top().value < bid.value)) {
        plays = std::min({owed[bid.wish], bid.most - bid.taken, fitting});
      }
      room_ms[hour] -= plays * wish.length_ms;
      plan[bid.wish][hour] += static_cast<std::int32_t>(plays);
      if ((owed[bid.wish] -= plays) == 0) continue;
    }
    if (const Bid next = best_bid(wishes, plan, room_ms, bid.wish); next.hour >= 0) bids.push(next);
  }
  return plan;
}

}  // namespace vitrine
