// What plays next, and why: a pure function of documents and history. No I/O, no clock, no thread,
// no random number, no floating point: the same input gives the same decision on every CPU.
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <set>
#include <vector>

#include "base/time.hpp"
#include "base/zone_table.hpp"
#include "protocol/numbers.hpp"
#include "protocol/play.hpp"
#include "protocol/profile.hpp"
#include "protocol/reason.hpp"
#include "protocol/schedule.hpp"
#include "protocol/settings.hpp"

namespace vitrine {

// The documents in force. Pointers are borrowed for as long as they are in use; only `schedule` may
// not be null.
struct Documents {
  const Schedule* schedule = nullptr;
  const Numbers* numbers = nullptr;
  const Profile* profile = nullptr;
  const Settings* settings = nullptr;
  const Takeover* takeover = nullptr;
};

struct HistoryPlay {
  CampaignId campaign = 0;  // 0 = house
  CreativeId creative = 0;
  Micros started = 0;  // CLOCK_BOOTTIME of the first flip; plays of an earlier boot come as
                       // negative ages before now
  std::int64_t local_day = 0;
  std::int32_t local_hour = 0;  // 0..23 of its first flip
  bool ghost = false;           // counted for its control arm, never on the glass
};

// What was played: `recent` oldest first, all of the present local day, at least the last 25 hours,
// and the last play; `tally` per local day over the flights, the recent ones included; pending ones
// are in neither. Plays and ghosts count, misses do not. While no clock is trusted plays are
// tallied on day 0.
struct History {
  struct Tally {
    CampaignId campaign = 0;
    CreativeId creative = 0;
    std::int64_t local_day = 0;
    std::int64_t plays = 0;
  };
  std::vector<HistoryPlay> recent;
  std::vector<Tally> tally;
};

// By content hash. What is in none of the sets is absent.
struct ContentState {
  std::set<Hash256> eligible;                  // present and vetted
  std::set<Hash256> rejected;                  // by vet
  std::set<Hash256> quarantined;               // failed on the glass
  std::map<Hash256, std::uint32_t> length_ms;  // of videos, as vet measured them
  bool operator==(const ContentState&) const = default;
};

struct SeamTime {
  Micros boottime = 0;      // when the slot is expected to begin
  std::int64_t utc_ms = 0;  // meaningless while trust is none
  ClockTrust trust = ClockTrust::none;
};

// What is asked of one slot.
struct Question {
  std::uint64_t decision_seq = 0;
  SeamTime seam;
  std::vector<HistoryPlay> pending;  // decided, not yet flipped: the item on its way to the glass
  std::uint32_t live_q4 = 16;        // 8..32, 16 = unknown or as forecast
};

struct DecisionInput {
  Documents documents;
  ContentState content;
  History history;
  ZoneTable zone;
  Question question;
};

struct Ghost {
  CampaignId campaign = 0;
  CreativeId creative = 0;
};

struct Rejection {
  CampaignId campaign = 0;  // 0 = of the house loop, or a takeover
  CreativeId creative = 0;  // 0 = the campaign as a whole
  Reason reason = Reason::none;
};

struct Decision {
  std::uint64_t decision_seq = 0;
  bool playable = false;  // false: nothing at all may be shown
  PlayKind kind = PlayKind::play;
  CampaignId campaign = 0;
  FlightPhase flight_phase = FlightPhase::launch;
  CreativeId creative = 0;
  VariantId variant = 0;
  Hash256 content{};
  std::uint32_t length_ms = 0;  // 0 = the file's own
  // The glass is another's this long after the seam: the daypart or the takeover ends, or the sync
  // group's cycle goes on. A play that is not through by then is cut. 0 = no such end.
  std::uint32_t most_ms = 0;
  CutCause most_cause = CutCause::none;  // what a cut there is called
  Arm arm = Arm::none;
  Reason reason = Reason::none;
  CreativeId runner_up = 0;  // what would have come instead
  std::vector<Ghost> ghosts;
};

// The decision, and everything that was kept out of it, in schedule order.
struct Explained {
  Decision decision;
  std::vector<Rejection> rejections;
};

// The definition of every decision. Who decides again and again keeps a Scheduler
// (scheduler/scheduler.hpp), which answers the same without counting all of history each time.
Explained decide(const DecisionInput& input);

}  // namespace vitrine
