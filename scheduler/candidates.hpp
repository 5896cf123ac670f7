// The hard rules: which campaigns and creatives may take a slot at all, and why the others may not.
#pragma once

#include <optional>
#include <vector>

#include "calendar.hpp"
#include "scheduler/decide.hpp"

namespace vitrine {

// What a file of unknown length counts as.
inline constexpr std::int64_t kNominalLengthMs = 10'000;

// A creative that may be shown: which variant, which file.
struct Candidate {
  const Creative* creative = nullptr;
  const Variant* variant = nullptr;
  std::int64_t weight = 1;
  std::int64_t length_ms = 0;  // 0 = unknown
  bool just_shown = false;     // it is what the glass shows now
};

struct CampaignCandidate {
  const Campaign* campaign = nullptr;
  const CampaignNumbers* numbers = nullptr;  // nullptr: shares by weight
  const Flight* flight = nullptr;
  std::vector<Candidate> creatives;  // at least one
  Reason barred =
      Reason::none;  // a rule of the moment (separation, competitor) keeps it out of this slot only
};

// One slot's question with the answers every rule needs.
class SlotView {
 public:
  explicit SlotView(const DecisionInput& input);

  const Moment& moment() const { return moment_; }
  // 0 while the clock is unknown; plays of such times are tallied on day 0.
  std::int64_t day() const { return moment_.known ? moment_.local.day : 0; }
  // The play before this slot; nullptr at the very beginning.
  const HistoryPlay* previous() const { return previous_; }

  std::int64_t plays_since(CampaignId campaign, std::int64_t first_day) const;  // pending included
  std::int64_t plays_of(CampaignId campaign, CreativeId creative) const;
  std::int64_t plays_this_hour(CampaignId campaign) const;
  std::int64_t length_ms(const Creative& creative, const Variant& variant) const;  // 0 = unknown

  // The variant to show here and now, or why there is none.
  const Variant* variant_of(const Creative& creative, Reason& why_not) const;

  const DecisionInput& input() const { return input_; }

 private:
  Reason content_problem(const Hash256& content) const;

  const DecisionInput& input_;
  Moment moment_;
  const HistoryPlay* previous_ = nullptr;
};

// Everything the lasting rules let through, in schedule order. What they do not let through is
// added to `rejections`.
std::vector<CampaignCandidate> campaign_candidates(const SlotView& slot,
                                                   std::vector<Decision::Rejection>& rejections);

// One creative outside any campaign (house loop), or nullopt with the reason added to `rejections`.
std::optional<Candidate> house_candidate(const SlotView& slot, CreativeId creative,
                                         std::vector<Decision::Rejection>& rejections);

// Neither may stand next to the other.
bool are_competitors(const Campaign& a, const Campaign& b);

}  // namespace vitrine
