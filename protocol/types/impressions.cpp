#include "protocol/impressions.hpp"

#include "base/math.hpp"

namespace vitrine {
namespace {

// Persons an hour and milliseconds give thousandths of a person: 3600 s x 1000 ms / 1000.
constexpr std::int64_t kSecondsAnHour = 3600;
constexpr std::int64_t kWholeShare = 10000;
// An opportunity needs a second of overlap at both ends of the stay.
constexpr std::int64_t kLeastMs = 1000;

}  // namespace

std::int64_t avg_milli(const ProfileHour& hour) {
  return mul_div(hour.footfall, hour.dwell_ms, kSecondsAnHour);
}

std::int64_t ots_milli(const ProfileHour& hour, std::int64_t play_ms) {
  if (play_ms < kLeastMs || hour.dwell_ms < kLeastMs) return 0;
  return mul_div(hour.footfall, play_ms + hour.dwell_ms - 2 * kLeastMs, kSecondsAnHour);
}

std::int64_t imp_milli(Currency currency, const ProfileHour& hour, std::int64_t play_ms) {
  return currency == Currency::ots ? ots_milli(hour, play_ms) : avg_milli(hour);
}

std::int64_t target_share(const ProfileHour& hour, const std::vector<std::uint8_t>& target_groups) {
  if (target_groups.empty()) return kWholeShare;
  std::int64_t share = 0;
  for (const std::uint8_t group : target_groups) share += hour.share[group];
  return share;
}

std::int64_t target_imp_milli(std::int64_t imp_milli, std::int64_t share) {
  return mul_div(imp_milli, share, kWholeShare);
}

std::int64_t target_imp_milli(const Campaign& campaign, const ProfileHour& hour,
                              std::int64_t play_ms) {
  return target_imp_milli(imp_milli(campaign.currency, hour, play_ms),
                          target_share(hour, campaign.target_groups));
}

}  // namespace vitrine
