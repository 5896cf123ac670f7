#include "base/time.hpp"

#include <array>
#include <cstdio>

#include "base/math.hpp"

namespace vitrine {

std::int64_t days_from_civil(CivilDate date) {
  const std::int64_t year = date.year - (date.month <= 2 ? 1 : 0);
  const std::int64_t era = floor_div(year, 400);
  const std::int64_t year_of_era = year - era * 400;
  const std::int64_t shifted_month =
      (date.month + 9) % 12;  // March = 0, so the leap day ends the year
  const std::int64_t day_of_year = (153 * shifted_month + 2) / 5 + date.day - 1;
  const std::int64_t day_of_era =
      year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
  return era * 146097 + day_of_era - 719468;
}

CivilDate civil_from_days(std::int64_t days) {
  days += 719468;
  const std::int64_t era = floor_div(days, 146097);
  const std::int64_t day_of_era = days - era * 146097;
  const std::int64_t year_of_era =
      (day_of_era - day_of_era / 1460 + day_of_era / 36524 - day_of_era / 146096) / 365;
  const std::int64_t day_of_year =
      day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
  const std::int64_t shifted_month = (5 * day_of_year + 2) / 153;
  CivilDate date;
  date.day = static_cast<int>(day_of_year - (153 * shifted_month + 2) / 5 + 1);
  date.month = static_cast<int>(shifted_month < 10 ? shifted_month + 3 : shifted_month - 9);
  date.year = static_cast<int>(year_of_era + era * 400 + (date.month <= 2 ? 1 : 0));
  return date;
}

Result<std::int64_t> parse_date(const std::string& text) {
  CivilDate date;
  char tail = 0;
  const bool shaped = text.size() == 10 && std::sscanf(text.c_str(), "%4d-%2d-%2d%c", &date.year,
                                                       &date.month, &date.day, &tail) == 3;
  if (!shaped || date.month < 1 || date.month > 12 || date.day < 1 ||
      !(civil_from_days(days_from_civil(date)) == date)) {
    return fail(ErrorCode::invalid, "'" + text + "' is not a date of the form 2026-11-21");
  }
  return days_from_civil(date);
}

std::string format_utc(std::int64_t unix_seconds) {
  const std::int64_t days = floor_div(unix_seconds, 86400);
  const auto second = static_cast<int>(unix_seconds - days * 86400);
  const CivilDate date = civil_from_days(days);
  std::array<char, 64> text{};
  std::snprintf(text.data(), text.size(), "%04d-%02d-%02dT%02d:%02d:%02dZ", date.year, date.month,
                date.day, second / 3600, second / 60 % 60, second % 60);
  return text.data();
}

}  // namespace vitrine
