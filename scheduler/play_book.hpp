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
  // Calls f(HistoryPlay), oldest first: all of the newest play's local day, at least 25 hours.
  template <class F>
  void for_each_recent(F&& f) const {
    for (std::size_t i = stale_; i < recent_.size(); ++i) f(unpacked(recent_[i]));
  }

 private:
  // A day of plays is what takes most of a scheduler's memory.
  struct Packed {
    Micros started = 0;
    CampaignId campaign = 0;
    CreativeId creative = 0;
    std::int32_t local_day = 0;
    std::int16_t local_hour = 0;
    bool ghost = false;
  };
  static Packed packed(const HistoryPlay& play) {
    return {play.started,
            play.campaign,
            play.creative,
            static_cast<std::int32_t>(play.local_day),
            static_cast<std::int16_t>(play.local_hour),
            play.ghost};
  }
  static HistoryPlay unpacked(const Packed& play) {
    return {play.campaign,  play.creative,   play.started,
            play.local_day, play.local_hour, play.ghost};
  }
  void forget();

  std::unordered_map<CampaignId, std::vector<DaySum>> days_;
  std::vector<Packed> recent_;
  std::size_t stale_ = 0;  // so many at the front are too old to matter
};

}  // namespace vitrine
