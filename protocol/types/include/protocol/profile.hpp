// The audience profile of an area: who is there in each hour of the week (docs/contracts.md,
// "Profile").
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <string>

#include "base/ids.hpp"

namespace vitrine {

inline constexpr int kGroups = 10;
inline constexpr int kHoursOfWeek =
    168;  // hour 0 = Monday 00:00 local; a repeated DST hour has the same index

struct ProfileHour {
  std::array<std::uint16_t, kGroups> share{};  // sums to 10000
  std::uint32_t footfall = 0;                  // persons an hour in the zone
  std::uint32_t dwell_ms = 0;                  // mean time in the zone
};

struct Profile {
  AreaId area = 0;
  std::string scene;         // community, office, transit, retail, services
  std::string venue;         // OpenOOH venue id
  std::string zone;          // IANA
  std::string group_system;  // e.g. "jd-ten"
  std::uint32_t group_version = 1;
  std::uint32_t n_sample =
      0;  // people behind the figures; below k the profile may not be published
  std::map<std::string, std::string> features;
  std::array<ProfileHour, kHoursOfWeek> hours{};
};

}  // namespace vitrine
