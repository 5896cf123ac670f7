// Who takes a slot, of those that the rules let through.
#pragma once

#include <optional>

#include "hour_state.hpp"
#include "segment.hpp"

namespace vitrine {

// One slot, with everything that speaks for or against anybody.
struct Slot {
  const CompiledSchedule& schedule;
  const Segment& segment;
  HourState& state;
  Moment moment;
  Micros boottime = 0;
  std::uint32_t live_q4 = 16;
  // By place: it may not stand next to what the glass shows now.
  const std::vector<bool>& beside_competitor;
  bool after_paid = false;  // what the glass shows now is somebody's play
  bool after_last = false;  // and wants no other after it

  const CompiledCampaign& campaign(const OpenCampaign& open) const {
    return schedule.campaigns()[open.place];
  }
  bool just_shown(const Creative& creative) const {
    return state.previous() && state.previous()->creative == creative.id;
  }
  // The rule of the moment that keeps it out; none: it may have this slot.
  Reason bar(const OpenCampaign& open) const;
};

struct Choice {
  const OpenCampaign* campaign = nullptr;  // nullptr: the house loop
  const Offer* offer = nullptr;
  Reason reason = Reason::none;
};

// What is still allowed when there is nothing better.
struct Leeway {
  bool repeat = false;  // what the glass shows now may follow itself
  bool ahead = false;   // a play may come before its turn
};

// Who is not wanted.
struct Unwanted {
  const OpenCampaign* campaign = nullptr;
  const Offer* offer = nullptr;          // of the house loop
  bool control = false;                  // campaigns that may not be shown here
  const OpenCampaign* kin_of = nullptr;  // its competitors and its category
};

class Chooser {
 public:
  Chooser(const Slot& slot, Leeway leeway) : slot_(slot), leeway_(leeway) {}

  // Quotas whose turn has come first, then shares by class, then the house loop, then quotas ahead
  // of their turn.
  std::optional<Choice> best(const Unwanted& unwanted);
  // What would have come had `chosen` not been there.
  std::optional<Choice> after(const Choice& chosen);

 private:
  // Those of a class that can take the slot, and their places in its race.
  struct Sharers {
    bool asked = false;
    std::vector<const OpenCampaign*> campaigns;
    std::vector<std::size_t> runners;
  };

  bool may_show(const Creative& creative) const {
    return leeway_.repeat || !slot_.just_shown(creative);
  }
  bool wanted(const OpenCampaign& open, const Unwanted& unwanted) const;
  bool can_take(const OpenCampaign& open) const;
  const Offer* offer_of(const OpenCampaign& open) const;
  std::optional<Choice> by_quota(const Unwanted& unwanted) const;
  std::optional<Choice> by_weight(const std::vector<OpenCampaign>& members, Sharers& sharers,
                                  const Unwanted& unwanted) const;
  std::optional<Choice> from_loop(const Offer* unwanted) const;
  std::optional<Choice> ahead_of_turn(const Unwanted& unwanted) const;

  const Slot& slot_;
  Leeway leeway_;
  Sharers shared_;
  Sharers remnant_;
  Sharers house_;
};

}  // namespace vitrine
