#include "protocol/bill.hpp"

#include <algorithm>

#include "base/math.hpp"
#include "protocol/daypart.hpp"

namespace vitrine {
namespace {

// An error so large that the hour of the day is a guess. Looking at each minute of more would also
// take its time.
constexpr std::int64_t kMostError = 12 * kHour;

std::uint32_t verdict_bit(BillVerdict verdict) {
  switch (verdict) {
    case BillVerdict::full:
      return kVerdictFull;
    case BillVerdict::three_quarters:
      return kVerdictThreeQuarters;
    case BillVerdict::two_seconds:
      return kVerdictTwoSeconds;
  }
  return kVerdictFull;
}

// The very file was in the schedule, for that creative.
bool approved(const PlayRow& row, const BillTerms& terms) {
  if (terms.campaign == nullptr || terms.creative == nullptr) return false;
  const auto& variants = terms.creative->variants;
  return std::any_of(variants.begin(), variants.end(),
                     [&](const Variant& variant) { return variant.content == row.content; });
}

bool in_flight(const Campaign& campaign, CreativeId creative, std::int64_t day) {
  for (const Flight& flight : campaign.flights) {
    if (day < flight.first_day || flight.last_day < day) continue;
    for (const WeightedCreative& flown : flight.creatives) {
      if (flown.creative == creative) return true;
    }
  }
  return false;
}

class Contract {
 public:
  Contract(const PlayRow& row, const BillTerms& terms, const BillKnown& known)
      : creative_(row.creative), campaign_(*terms.campaign), zone_(known.zone) {}

  bool holds_at(std::int64_t utc_us) const {
    const LocalTime local = local_time(zone_, floor_div(utc_us, kSecond));
    const auto days = daypart_days(campaign_.dayparts, local);
    return std::any_of(days.begin(), days.end(),
                       [&](std::int64_t day) { return in_flight(campaign_, creative_, day); });
  }

  // Dayparts begin and end at full minutes, also where the zone's offset has seconds to it, so
  // whatever lies between the ends of the interval and differs from them holds a step.
  bool holds_over(std::int64_t from_us, std::int64_t until_us) const {
    if (!holds_at(from_us) || !holds_at(until_us)) return false;
    for (std::int64_t at = from_us + kMinute; at < until_us; at += kMinute) {
      if (!holds_at(at)) return false;
    }
    return true;
  }

 private:
  CreativeId creative_;
  const Campaign& campaign_;
  const ZoneTable& zone_;
};

Reason broken_term(const PlayRow& row, const WallTime& wall, const BillTerms& terms,
                   const BillKnown& known) {
  // A campaign that the schedule does not have approved nothing, whatever was seen of it.
  if (terms.campaign == nullptr) return Reason::bill_hash;
  if ((row.verdict_bits & verdict_bit(terms.campaign->bill_verdict)) == 0)
    return Reason::bill_verdict;
  if (!approved(row, terms)) return Reason::bill_hash;
  if (wall.quality == TimeQuality::none) return Reason::bill_clock;
  const Contract contract(row, terms, known);
  if (!contract.holds_at(wall.utc_us)) return Reason::bill_flight;
  if (wall.error_us > kMostError) return Reason::bill_clock;
  if (!contract.holds_over(wall.utc_us - wall.error_us, wall.utc_us + wall.error_us))
    return Reason::bill_clock;
  if (wall.quality < TimeQuality::within_minute) return Reason::bill_quality;
  return Reason::none;
}

}  // namespace

Reason bill(const PlayRow& row, const WallTime& wall, const BillTerms& terms,
            std::int64_t received_at_us, const BillKnown& known) {
  if (row.grade < Grade::presented) return Reason::bill_grade;
  if ((row.display_bits & kDisplayKnownDark) != 0) return Reason::bill_dark;
  if (row.kind != PlayKind::play && row.kind != PlayKind::lease) return Reason::bill_kind;
  const Reason broken = broken_term(row, wall, terms, known);
  if (broken != Reason::none) return broken;
  if (known.cutoff_us != kAbsent && received_at_us > known.cutoff_us) return Reason::bill_cutoff;
  if (known.duplicate) return Reason::bill_duplicate;
  return Reason::none;
}

}  // namespace vitrine
