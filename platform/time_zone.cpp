#include "platform/time_zone.hpp"

#include <date/tz.h>

#include <exception>

#include "platform/file.hpp"

namespace vitrine {
namespace {

// Debian's date library does not know the version of the system's database; its first line does: "#
// version 2025b".
std::string database_version() {
  constexpr std::string_view kPrefix = "# version ";
  auto text = read_text("/usr/share/zoneinfo/tzdata.zi");
  if (!text || text->compare(0, kPrefix.size(), kPrefix) != 0) return "unknown";
  return text->substr(kPrefix.size(), text->find('\n') - kPrefix.size());
}

}  // namespace

Result<ZoneTable> load_zone(const std::string& name) {
  constexpr std::int64_t kFrom = 1'577'836'800;   // 2020-01-01
  constexpr std::int64_t kUntil = 2'524'608'000;  // 2050-01-01
  return load_zone(name, kFrom, kUntil);
}

std::int64_t tzdata_number(const std::string& version) {
  std::int64_t number = 0;
  for (const char c : version) {
    if (c >= '0' && c <= '9') number = number * 10 + (c - '0');
    if (number != 0 && c >= 'a' && c <= 'z') return number * 100 + (c - 'a' + 1);
  }
  return number;
}

Result<ZoneTable> load_zone(const std::string& name, std::int64_t from_utc_s,
                            std::int64_t until_utc_s) {
  try {
    const date::time_zone* zone = date::locate_zone(name);
    ZoneTable table;
    table.name = name;
    table.tzdata = database_version();
    std::int64_t at = from_utc_s;
    while (at < until_utc_s) {
      const auto info = zone->get_info(date::sys_seconds(std::chrono::seconds(at)));
      table.transitions.push_back({at, static_cast<std::int32_t>(info.offset.count())});
      const std::int64_t end = info.end.time_since_epoch().count();
      if (end <= at) break;
      at = end;
    }
    return table;
  } catch (const std::exception& error) {  // the library's only way to say that a zone is unknown
    return fail(ErrorCode::not_found, "time zone '" + name + "': " + error.what());
  }
}

}  // namespace vitrine
