// Loads an IANA zone from the system's tz database (Howard Hinnant's date library over
// /usr/share/zoneinfo).
#pragma once

#include <string>

#include "base/result.hpp"
#include "base/zone_table.hpp"

namespace vitrine {

// All transitions of `name` between the two UTC instants, in seconds; `not_found` for a zone the
// database lacks.
Result<ZoneTable> load_zone(const std::string& name, std::int64_t from_utc_s,
                            std::int64_t until_utc_s);
// All that a device needs in its life: 2020 to 2050. Whoever wants to decide as a screen did takes
// this one.
Result<ZoneTable> load_zone(const std::string& name);
// The number by which input rows name a version of the database: "2025b" is 202502, 0 = it says
// none.
std::int64_t tzdata_number(const std::string& version);

}  // namespace vitrine
