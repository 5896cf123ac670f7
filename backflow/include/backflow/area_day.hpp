// area_day: what an analyst needs of each area, day and campaign to ask what the screens caused.
// Contacts beside online events; no lift, no credit is worked out here.
//
// The rows of campaign 0 hold all online events of the area on that day, whoever caused them: the
// outcome that treated and control areas are compared by. The rows of a campaign hold its plays
// and those events that one of its scans led to, in the area and on the day of the event.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "backflow/chain.hpp"

namespace vitrine {

struct AreaDayKey {
  std::int64_t campaign = 0;  // 0: all events of the area
  std::int64_t area = 0;      // 0: not known
  std::int64_t day = 0;       // since 1970, local; 0: not known
  std::int64_t arm = 0;       // as `Arm`
  auto operator<=>(const AreaDayKey&) const = default;
};

// Plays that are paid, of one key. Observed and modelled contacts stay apart; a play that has
// neither is counted in `plays` alone.
struct AreaDayPlays {
  AreaDayKey key;
  std::int64_t plays = 0;
  std::int64_t observed_plays = 0;
  std::int64_t observed_imp_milli = 0;
  std::int64_t modelled_plays = 0;
  std::int64_t modelled_imp_milli = 0;
  bool restated = false;  // something of it arrived after the day was closed
};

// Online events of one key, type and currency ("": none was said, so no value either).
struct AreaDayEvents {
  AreaDayKey key;  // of campaign 0 the arm is none
  std::string type;
  std::string currency;
  std::int64_t events = 0;
  std::int64_t persons = 0;  // distinct hashed ids; what comes without one counts as one person
  std::int64_t qty = 0;
  std::int64_t gross_micro = 0;
  std::int64_t net_micro = 0;
};

// The events that scans led to, put into cells; the arm is the scan's.
std::vector<AreaDayEvents> linked_cells(const std::vector<LinkedEvent>& linked);

struct ToldEvents {
  std::string type;
  std::string currency;
  bool hidden = false;  // fewer than k persons, or told it would give such a cell away: no figures
  std::int64_t events = 0;
  std::int64_t qty = 0;
  std::int64_t gross_micro = 0;
  std::int64_t net_micro = 0;
};
struct AreaDayRow {
  AreaDayPlays plays;              // its key is the row's
  std::vector<ToldEvents> events;  // by type, then currency; a type without events is not there
};

// Sums over areas, over days and over both of one campaign, type and currency may be told beside
// the cells: what that would give away is hidden. Rows by key; the input in any order, each key at
// most once.
std::vector<AreaDayRow> area_day(const std::vector<AreaDayPlays>& plays,
                                 const std::vector<AreaDayEvents>& events,
                                 std::int64_t k = kPrivacyK);

}  // namespace vitrine
