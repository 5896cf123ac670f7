// Watches a screen slot after slot and counts what breaks the rules of docs/contracts.md,
// section 4. It is told what is in force and what was shown, and reckons everything else itself: no
// line of it comes from scheduler/, so a mistake there cannot hide here.
//
// What it cannot say: whether a play with a quota came in the right hour and at the right turn of
// it. That takes the day's plan, which only the scheduler knows; its own tests hold it to that.
#pragma once

#include <array>
#include <string>
#include <vector>

#include "scheduler/simulate.hpp"
#include "screen_state.hpp"

namespace vitrine::testing {

enum class Rule {
  calendar,            // slots follow one another and know their local day and hour
  display_hours,       // nothing at all outside the display hours
  lit,                 // and within them the display is on
  creative,            // it is one of those that may take this slot: flight, house loop, takeover
  content,             // present and vetted, neither rejected nor quarantined
  variant,             // the one for the hour's largest group, or the default where it is missing
  flight,              // within the days of a flight
  daypart,             // within a daypart
  separation,          // from the last play or ghost, start to start
  hourly_cap,          // plays and ghosts in the local hour of their first flip
  daily_cap,           // and in the local day
  max_plays_day,       // likewise
  competitor,          // never next to an excluded category, whichever of the two excludes it
  position,            // first and last among paid plays in a row
  daypart_end,         // a play is cut where its campaign says so, and nowhere else
  control_shown,       // a control arm is never on the glass
  ghost,               // only a control arm has ghosts, and only where somebody took the slot
  ghost_slot,          // not to the ghost's own category, not to a competitor
  takeover_missed,     // whenever one holds that can be shown, nothing else is shown
  takeover_unfounded,  // and only then
  takeover_end,        // it has its length, or what is left until the takeover ends
  quota_exceeded,      // never more than the numbers owe by the end of the day
  quota_missed,        // nor less, on a day when nothing stood in the way
  idle,                // only when nothing at all may be shown
  class_order,         // guaranteed and share, then remnant, then house campaigns, then the loop
  repeat,              // the same creative again only when there is no other
  record,              // kind, arm and phase are what the documents say
};
inline constexpr std::size_t kRules = static_cast<std::size_t>(Rule::record) + 1;
const char* name_of(Rule rule);

class RuleChecker {
 public:
  explicit RuleChecker(const ZoneTable& zone) : zone_(zone), state_(zone) {}

  // From the next slot on. Both are borrowed until the next call.
  void use(const Documents& documents, const ContentState& content);
  void power_was_off(std::int64_t length_ms);
  void check(const SimulatedSlot& slot);

  std::int64_t violations(Rule rule) const { return counts_[static_cast<std::size_t>(rule)]; }
  std::int64_t violations() const;
  // "slot 17, 2024-03-31T00:59:50Z, separation: campaign 3"; empty when there is none.
  const std::string& first() const { return first_; }

  // How much there was to check.
  struct Seen {
    std::int64_t slots = 0;
    std::int64_t plays = 0;  // of campaigns
    std::int64_t ghosts = 0;
    std::int64_t takeovers = 0;
    std::int64_t house = 0;
    std::int64_t idle = 0;
    std::int64_t dark = 0;
    std::int64_t quota_days = 0;  // on which a quota had to be met
    void add(const Seen& other);
  };
  const Seen& seen() const { return seen_; }

 private:
  void count(Rule rule, const std::string& what);

  void check_calendar(const SimulatedSlot& slot);
  void check_ghost(const Ghost& ghost, const Decision& decision);
  void check_shown(const Decision& decision);
  void check_campaign(const Campaign& campaign, const Decision& decision);
  // What plays and ghosts have in common.
  void check_turn(const Campaign& campaign, CreativeId creative);
  void check_file(const std::vector<Creative>& creatives, const Decision& decision);
  void check_order(const Campaign* shown, const Decision& decision);
  void check_end(const SimulatedSlot& slot);
  void check_idle();
  void close_day();

  const ZoneTable& zone_;
  ScreenState state_;
  std::int64_t expected_ms_ = -1;  // when the next slot begins; -1: nobody knows
  bool without_gap_ = false;       // since the last slot the power was on
  bool whole_day_ = false;         // nothing was dark, off, taken over or changed today

  std::array<std::int64_t, kRules> counts_{};
  std::string first_;
  Seen seen_;
};

}  // namespace vitrine::testing
