// The plan as an optimiser sees it. Screens that nothing distinguishes (area, hours, slot) are one
// group with a count: the best plan treats them alike, and a network of 100,000 screens has only
// some thousand groups.
#pragma once

#include <cstdint>
#include <vector>

#include "planner/allocate.hpp"

namespace vitrine::plan {

// What gives two campaigns the same value in every hour.
struct ValueKind {
  Currency currency = Currency::avg;
  std::int64_t play_ms = 0;  // 0 = the slot's length
  std::vector<std::uint8_t> groups;
  bool operator==(const ValueKind&) const = default;
};

struct Line {
  CampaignId campaign = 0;
  Arm arm = Arm::none;
  bool impressions = false;
  double goal = 0;  // plays, or target impressions x 1000
  // The loss of a unit that is short: `loss` for the first, rising to twice that for the last.
  double loss = 0;
  double day_cap = 0;  // plays a screen and day; 0 = none
  std::size_t kind = 0;
  std::vector<std::uint32_t> competitors;  // lines that may not stand next to it
};

// A line in one hour: at most `cap` plays on a screen.
struct Offer {
  std::uint32_t line = 0;
  std::uint32_t kind = 0;
  double cap = 0;
};

struct Group {
  const Profile* profile = nullptr;
  std::size_t pattern = 0;  // which lines it has: those of its area's arms
  int from_hour = 0;
  int until_hour = 24;
  std::int64_t slot_ms = 0;
  double slots = 0;                    // plays an hour
  std::vector<std::uint32_t> screens;  // indices into Network::screens, ascending
  double count() const { return static_cast<double>(screens.size()); }
};

struct Problem {
  std::int64_t first_day = 0;
  std::int64_t days = 0;
  std::vector<ValueKind> kinds;
  std::vector<Line> lines;
  std::vector<Group> groups;
  // offers[pattern][day * 24 + hour]
  std::vector<std::vector<std::vector<Offer>>> offers;
  double dearest = 0;        // the most valuable play in the network
  double usual = 0;          // the mean over all slots and lines
  std::vector<double> most;  // per line: what it could have alone, in its unit

  // A unit is one day of one group: what daily caps tie together.
  std::size_t units() const { return groups.size() * static_cast<std::size_t>(days); }
  const Group& group_of(std::size_t unit) const {
    return groups[unit / static_cast<std::size_t>(days)];
  }
  std::int64_t day_of(std::size_t unit) const {
    return first_day + static_cast<std::int64_t>(unit % static_cast<std::size_t>(days));
  }
  const std::vector<Offer>& offers_of(std::size_t unit, int hour) const {
    const auto day = unit % static_cast<std::size_t>(days);
    return offers[group_of(unit).pattern][day * 24 + static_cast<std::size_t>(hour)];
  }
};

// The network must have passed check().
Problem make_problem(const Network& network, const AllocateOptions& options);

// The value of a play of each kind, in thousandths of a target impression. `out` is resized.
void values_of(const Problem& problem, const Group& group, std::int64_t day, int hour,
               std::vector<double>& out);

}  // namespace vitrine::plan
