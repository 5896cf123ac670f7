#include "exposure/value.hpp"

namespace vitrine {

PlayValue value_of(const ExposureRow* row, std::int64_t play_ms, Currency currency,
                   const ProfileHour& hour) {
  const bool seen = row && row->quality == Quality::people && play_ms > 0 &&
                    row->coverage_permille >= kObservedPermille;
  if (!seen || (currency == Currency::ots && row->ots == kAbsent))
    return {imp_milli(currency, hour, play_ms), ValueSource::modelled};
  return {currency == Currency::avg ? 1000 * row->person_ms / play_ms : 1000 * row->ots,
          ValueSource::observed};
}

}  // namespace vitrine
