// What one play was worth in its campaign's currency: as the camera saw it, or as the area's
// profile has it (docs/currency.md). Never a mixture of the two, and nothing is scaled up for time
// in which the camera was blind.
#pragma once

#include "protocol/exposure.hpp"
#include "protocol/impressions.hpp"

namespace vitrine {

// Less than this of a play seen, and the profile speaks for the whole of it.
inline constexpr std::int64_t kObservedPermille = 900;

enum class ValueSource { modelled, observed };

struct PlayValue {
  std::int64_t imp_milli = 0;  // thousandths of an impression
  ValueSource source = ValueSource::modelled;
};

// `row` is the play's, nullptr when none came; `play_ms` its length on the glass, from which the
// average is taken; `hour` the profile's for the local hour of its first flip.
PlayValue value_of(const ExposureRow* row, std::int64_t play_ms, Currency currency,
                   const ProfileHour& hour);

}  // namespace vitrine
