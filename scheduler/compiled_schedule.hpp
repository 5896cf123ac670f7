// The documents as a decision needs them: ids resolved to places, files looked up, competitors
// found. Made anew whenever documents or files change.
#pragma once

#include <limits>
#include <unordered_map>
#include <vector>

#include "scheduler/decide.hpp"

namespace vitrine {

// What a file of unknown length counts as.
inline constexpr std::int64_t kNominalLengthMs = 10'000;
// Far from the end of the numbers: plays are taken from it.
inline constexpr std::int64_t kNoCap = std::numeric_limits<std::int64_t>::max() / 2;

struct CompiledVariant {
  const Variant* variant = nullptr;
  Reason problem = Reason::none;  // why its file may not be shown
  std::int64_t length_ms = kNominalLengthMs;
};

struct CompiledCreative {
  const Creative* creative = nullptr;
  std::vector<CompiledVariant> variants;
  // What a play of it weighs where voice is shared by time.
  std::int64_t length_ms() const {
    return variants.empty() ? kNominalLengthMs : variants.front().length_ms;
  }
  // The variant to show to an audience whose largest group this is (-1: not known); nullptr: none,
  // and `why_not` says so.
  const CompiledVariant* variant_for(int group, Reason& why_not) const;
};

struct FlightCreative {
  const CompiledCreative* creative = nullptr;
  std::int64_t weight = 1;
};

struct CompiledFlight {
  const Flight* flight = nullptr;
  std::vector<FlightCreative> creatives;  // the heaviest first, then by id
};

struct CompiledCampaign {
  const Campaign* campaign = nullptr;
  const CampaignNumbers* numbers = nullptr;  // nullptr: it plays by its weight
  int category = -1;                         // -1: it has none
  std::vector<int> excluded;                 // categories
  std::vector<CompiledFlight> flights;
  Micros separation = 0;
  std::int64_t daily_cap = kNoCap;  // of its rules and its contract the lower
  std::int64_t hourly_cap = kNoCap;
  bool control() const { return numbers != nullptr && numbers->arm == Arm::control; }
  bool paid() const { return campaign->klass != CampaignClass::house; }
};

class CompiledSchedule {
 public:
  CompiledSchedule(const Documents& documents, const ContentState& content);
  CompiledSchedule(const CompiledSchedule&) = delete;
  CompiledSchedule& operator=(const CompiledSchedule&) = delete;

  const Documents& documents() const { return documents_; }
  const Schedule& schedule() const { return *documents_.schedule; }
  const std::vector<CompiledCampaign>& campaigns() const { return campaigns_; }
  int place_of(CampaignId id) const;  // -1: not in this schedule
  const CompiledCreative* creative(CreativeId id) const;
  CompiledCreative compile(const Creative& creative) const;

  // Neither may stand next to the other.
  bool competitors(std::size_t a, std::size_t b) const;
  // All that may not stand next to `place`; some perhaps twice.
  template <class F>
  void for_each_competitor(std::size_t place, F&& f) const {
    for (const int category : campaigns_[place].excluded) {
      for (const std::size_t other : of_category_[static_cast<std::size_t>(category)]) f(other);
    }
    if (campaigns_[place].category < 0) return;
    for (const std::size_t other : excluders_[static_cast<std::size_t>(campaigns_[place].category)])
      f(other);
  }

 private:
  Reason problem_of(const Hash256& content) const;
  void compile(const Campaign& campaign, std::unordered_map<std::string, int>& categories);

  Documents documents_;
  const ContentState& content_;
  std::vector<CompiledCreative> creatives_;
  std::unordered_map<CreativeId, std::size_t> creative_place_;
  std::vector<CompiledCampaign> campaigns_;
  std::unordered_map<CampaignId, int> campaign_place_;
  std::vector<std::vector<std::size_t>> of_category_;  // campaigns, by category
  std::vector<std::vector<std::size_t>> excluders_;    // campaigns that exclude the category
};

}  // namespace vitrine
