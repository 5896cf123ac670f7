#include "play_book.hpp"

#include <algorithm>

namespace vitrine {
namespace {

constexpr Micros kRemembered = 25 * kHour;

}  // namespace

PlayBook::PlayBook(const History& history) {
  recent_.reserve(history.recent.size());
  for (const HistoryPlay& play : history.recent) recent_.push_back(packed(play));
  for (const History::Tally& entry : history.tally) {
    days_[entry.campaign].push_back({entry.local_day, entry.creative, entry.plays});
  }
  forget();
}

void PlayBook::add(const HistoryPlay& play) {
  std::vector<DaySum>& days = days_[play.campaign];
  // The newest stand last.
  const auto found = std::find_if(days.rbegin(), days.rend(), [&](const DaySum& sum) {
    return sum.day == play.local_day && sum.creative == play.creative;
  });
  if (found != days.rend()) {
    ++found->plays;
  } else {
    days.push_back({play.local_day, play.creative, 1});
  }
  recent_.push_back(packed(play));
  forget();
}

void PlayBook::forget() {
  if (recent_.empty()) return;
  const Packed& newest = recent_.back();
  while (recent_[stale_].started < newest.started - kRemembered &&
         recent_[stale_].local_day != newest.local_day) {
    ++stale_;
  }
  // Moved now and then instead of at every play.
  if (stale_ * 5 < recent_.size()) return;
  recent_.erase(recent_.begin(), recent_.begin() + static_cast<std::ptrdiff_t>(stale_));
  stale_ = 0;
}

const std::vector<PlayBook::DaySum>& PlayBook::days_of(CampaignId campaign) const {
  static const std::vector<DaySum> kNone;
  const auto found = days_.find(campaign);
  return found == days_.end() ? kNone : found->second;
}

std::int64_t PlayBook::plays_since(CampaignId campaign, std::int64_t first_day) const {
  std::int64_t plays = 0;
  for (const DaySum& sum : days_of(campaign)) {
    if (sum.day >= first_day) plays += sum.plays;
  }
  return plays;
}

}  // namespace vitrine
