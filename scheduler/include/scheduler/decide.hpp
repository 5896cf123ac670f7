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

// The documents in force. Pointers are borrowed for the call; only `schedule` may not be null.
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

// What was played: `recent` oldest first, at least the last two hours (so long is an hour that the
// clocks repeat) and the last play; `tally` per local day over the flights, the recent ones
// included; pending ones are in neither. Plays and ghosts count, misses do not. While no clock is
// trusted plays are tallied on day 0.
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
};

struct SeamTime {
  Micros boottime = 0;     // when the slot is expected to begin
  std::int64_t utc_s = 0;  // meaningless while trust is none
  ClockTrust trust = ClockTrust::none;
};

struct DecisionInput {
  Documents documents;
  History history;
  std::vector<HistoryPlay> pending;  // decided, not yet flipped: the item on its way to the glass
  std::uint32_t live_q4 = 16;        // 8..32, 16 = unknown or as forecast
  ContentState content;
  SeamTime seam;
  ZoneTable zone;
  std::uint64_t decision_seq = 0;
};

struct Ghost {
  CampaignId campaign = 0;
  CreativeId creative = 0;
};

struct Decision {
  std::uint64_t decision_seq = 0;
  bool playable = false;  // false: nothing at all may be shown; `rejections` says why
  PlayKind kind = PlayKind::play;
  CampaignId campaign = 0;
  FlightPhase flight_phase = FlightPhase::launch;
  CreativeId creative = 0;
  VariantId variant = 0;
  Hash256 content{};
  std::uint32_t length_ms = 0;  // 0 = the file's own
  Arm arm = Arm::none;
  Reason reason = Reason::none;
  CreativeId runner_up = 0;
  std::vector<Ghost> ghosts;
  struct Rejection {
    CampaignId campaign = 0;
    CreativeId creative = 0;
    Reason reason = Reason::none;
  };
  std::vector<Rejection> rejections;  // everything that was filtered, in schedule order
};

Decision decide(const DecisionInput& input);

}  // namespace vitrine
