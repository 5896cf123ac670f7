// Contacts by area x hour x campaign x creative x target group, at the grain of an hour of the
// day, of a day, or of a minute.
//
// A play's contacts were observed by a camera, or modelled from the area's profile, or neither is
// known. The two are different measurements and are never added up: each stands in columns of its
// own, with the plays that it speaks of.
//
// What share of them belongs to a target group is always the profile's word, for no camera asks:
// the share of that group in that hour of that weekday, of observed contacts as of modelled ones.
// Pure; integers; divisions cut off, so groups never add up to more than there was.
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <optional>
#include <vector>

#include "backflow/privacy.hpp"
#include "base/math.hpp"
#include "protocol/profile.hpp"

namespace vitrine {

enum class ExposureGrain { hour, day, minute };

struct ExposureKey {
  std::int64_t campaign = 0;
  std::int64_t area = 0;
  // Of grain day: since 1970, local. Of grain hour: 0, all days together. Of grain minute: 0.
  std::int64_t day = 0;
  std::int64_t hour = 0;    // 0..23 local; of grain day and minute 0
  std::int64_t minute = 0;  // since 1970, UTC; of the other grains 0
  std::int64_t creative = 0;
  bool paid = false;  // plays that are billable, and those that were shown and are not
  auto operator<=>(const ExposureKey&) const = default;
};

// Contacts by one method. In thousandths.
struct Contacts {
  std::int64_t plays = 0;
  std::int64_t play_ms = 0;
  std::int64_t imp_milli = 0;
  std::int64_t target_milli = 0;  // of the campaign's target groups
  bool operator==(const Contacts&) const = default;
};
void operator+=(Contacts& sum, const Contacts& more);

// One sum out of the store: plays of one key that fell on one local day and hour.
struct ExposureSum {
  ExposureKey key;
  std::int64_t day = 0;
  std::int64_t hour = 0;
  std::int64_t observed = kAbsent;  // 1 observed, 0 modelled, absent: neither
  Contacts contacts;
  bool restated = false;  // one of them arrived after its day was closed
};

// Thousandths of contacts by group.
using GroupSplit = std::array<std::int64_t, kGroups>;

struct ExposureLine {
  ExposureKey key;
  Contacts observed, modelled;
  std::int64_t unknown_plays = 0;  // with neither
  bool restated = false;
  // Of paid plays. A row is split whole or not at all: only where there is a profile of at least k
  // people and each group has no contact or at least k.
  std::optional<GroupSplit> observed_groups, modelled_groups;
};

struct ExposureTable {
  std::vector<ExposureLine> rows;  // by key
  // All rows with a profile together, those that are not split included. What these have between
  // them is of at least k in each group, or more rows are not split; absent: even all together
  // have fewer.
  std::optional<GroupSplit> observed_groups, modelled_groups;
};

// Takes sums one after the other, so that a long table need not be held twice.
class ExposureTableMaker {
 public:
  // Profiles by area, of people's numbers behind them (`n_sample`); must outlive this.
  explicit ExposureTableMaker(const std::map<AreaId, Profile>& profiles, std::int64_t k = kPrivacyK)
      : profiles_(profiles), k_(k) {}
  void add(const ExposureSum& sum);
  ExposureTable finish();

 private:
  struct Split {
    GroupSplit milli{};
    bool whole = true;  // every contact of the row could be split
  };
  struct Cell {
    ExposureLine row;
    Split observed, modelled;
  };
  void split(Split& split, const ExposureSum& sum) const;
  std::optional<GroupSplit> tell(Split Cell::*method,
                                 std::optional<GroupSplit> ExposureLine::*told);

  const std::map<AreaId, Profile>& profiles_;
  std::int64_t k_;
  std::map<ExposureKey, Cell> cells_;
};

}  // namespace vitrine
