// Everything that was played, for counting: sums per campaign and day, and the plays of the last 25
// hours one by one.
#pragma once

#include <unordered_map>
#include <vector>

#include "scheduler/decide.hpp"

namespace vitrine {

class PlayBook {
 public:
  struct DaySum {
    std::int64_t day = 0;
    CreativeId creative = 0;
    std::int64_t plays = 0;
  };

  PlayBook() = default;
  explicit PlayBook(const History& history);
  void add(const HistoryPlay& play);

  // In no order.
  const std::vector<DaySum>& days_of(CampaignId campaign) const;
  std::int64_t plays_since(CampaignId campaign, std::int64_t first_day) const;
  // Oldest first: all of the newest play's local day, at least 25 hours.
  const HistoryPlay* begin() const { return recent_.data() + stale_; }
  const HistoryPlay* end() const { return recent_.data() + recent_.size(); }

 private:
  void forget();

  std::unordered_map<CampaignId, std::vector<DaySum>> days_;
  std::vector<HistoryPlay> recent_;
  std::size_t stale_ = 0;  // so many at the front are too old to matter
};

}  // namespace vitrine
