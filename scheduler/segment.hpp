// What holds for a local hour, or until the clocks change in it: which campaigns are open when, and
// what they offer.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "calendar.hpp"
#include "compiled_schedule.hpp"

namespace vitrine {

// Something that may be shown.
struct Offer {
  const Creative* creative = nullptr;
  const Variant* variant = nullptr;
  std::int64_t length_ms = 0;  // nominal where nobody knows
};

// A campaign that is open for a time.
struct OpenCampaign {
  std::size_t place = 0;  // in the schedule
  CampaignId id = 0;
  bool paid = true;
  bool control = false;
  SlotPosition position = SlotPosition::any;
  const CompiledFlight* flight = nullptr;
  std::span<const Offer> offers;  // at least one; the heaviest first
  std::span<const std::int64_t> weights;
  std::uint32_t first = 0;  // where they stand in the segment, and how many
  std::uint32_t count = 0;
  std::int64_t closes_utc_ms = kAbsent;  // when its plays are cut, where its rules say so
  // Half-open, within the segment; without a clock: always.
  std::int64_t from_utc_ms = std::numeric_limits<std::int64_t>::min();
  std::int64_t until_utc_ms = std::numeric_limits<std::int64_t>::max();
  bool at(const Moment& moment) const {
    return from_utc_ms <= moment.utc_ms && moment.utc_ms < until_utc_ms;
  }
};

class Segment {
 public:
  Segment(const CompiledSchedule& schedule, const ZoneTable& zone, const Moment& moment);
  Segment(const Segment&) = delete;
  Segment& operator=(const Segment&) = delete;

  bool holds(const Moment& moment) const {
    return moment.known == known_ &&
           (!known_ || (from_utc_ms_ <= moment.utc_ms && moment.utc_ms < until_utc_ms_));
  }

  // Open at some time, with something to show; by how their turn is found, each in schedule order.
  // One that is open twice, or changes its flight, stands there twice, at no time both.
  std::vector<OpenCampaign> quota;   // the numbers speak for them
  std::vector<OpenCampaign> shared;  // by weight: guaranteed and share
  std::vector<OpenCampaign> remnant;
  std::vector<OpenCampaign> house;
  std::vector<Offer> loop;  // by place in the house loop; nothing to show: no creative
  // The first that is open then and offers it; nullptr: nobody.
  const OpenCampaign* campaign_of(CreativeId creative, const Moment& moment) const;
  // Whether a slot can be filled that nobody pays for.
  bool house_follows(const Moment& moment) const;
  // nullptr: it is not open then.
  const OpenCampaign* open_campaign(std::size_t place, const Moment& moment) const;

 private:
  void add_loop(const CompiledSchedule& schedule, int group);
  void add(const CompiledSchedule& schedule, const ZoneTable& zone, std::size_t place, int group);
  void add(const CompiledSchedule& schedule, OpenCampaign open, int group);
  void set_limits(const ZoneTable& zone, const Moment& moment);

  bool known_;
  std::int64_t from_utc_ms_ = 0;
  std::int64_t until_utc_ms_ = 0;
  LocalTime hour_;  // its beginning, as the clocks count
  std::vector<Offer> offers_;
  std::vector<std::int64_t> weights_;
};

// The profile's largest group at that moment; -1: not known. The first of equals, so that the
// choice repeats everywhere.
int largest_group(const Profile* profile, const Moment& moment);

// The flight in force; nullptr: none, and `why_not` says so.
const CompiledFlight* flight_of(const CompiledCampaign& campaign, const Moment& moment,
                                Reason& why_not);

}  // namespace vitrine
