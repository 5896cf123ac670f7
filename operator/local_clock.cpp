#include "operator/local_clock.hpp"

#include <spdlog/fmt/fmt.h>

#include <cstdio>

#include "base/math.hpp"
#include "base/time.hpp"

namespace vitrine::op {
namespace {

constexpr std::int64_t kDay_s = 86'400;

Error no_moment(const std::string& text) {
  return fail(ErrorCode::invalid,
              "'" + text +
                  "' is no moment (\"2026-11-24 14:03\" by the screen's clocks, or "
                  "\"2026-11-24T13:03:00Z\")");
}

bool all_digits(std::string_view text) {
  return !text.empty() && text.find_first_not_of("0123456789") == std::string_view::npos;
}

// "14:03" or "14:03:10"; -1: neither.
int second_of_day(const std::string& text) {
  const bool seconds = text.size() == 8;
  if (!seconds && text.size() != 5) return -1;
  if (text[2] != ':' || (seconds && text[5] != ':')) return -1;
  int part[3] = {0, 0, 0};
  for (std::size_t i = 0; i < (seconds ? 3u : 2u); ++i) {
    const std::string digits = text.substr(3 * i, 2);
    if (!all_digits(digits)) return -1;
    part[i] = std::stoi(digits);
  }
  if (part[0] > 23 || part[1] > 59 || part[2] > 59) return -1;
  return part[0] * 3'600 + part[1] * 60 + part[2];
}

}  // namespace

Result<std::int64_t> parse_moment(const std::string& text, const ZoneTable& zone) {
  if (text.size() < 16 || (text[10] != ' ' && text[10] != 'T')) return no_moment(text);
  auto day = parse_date(text.substr(0, 10));
  if (!day) return std::move(day).error();
  const bool utc = text.back() == 'Z';
  const int second = second_of_day(text.substr(11, text.size() - 11 - (utc ? 1 : 0)));
  if (second < 0) return no_moment(text);
  const std::int64_t wanted = *day * kDay_s + second;
  if (utc) return wanted * 1'000;
  // The offset is that of the day before or of the day after, whichever fits: the first that does.
  for (const std::int64_t around : {wanted - kDay_s, wanted + kDay_s}) {
    const std::int64_t at = wanted - zone.offset_at(around);
    const LocalTime local = local_time(zone, at);
    if (local.day == *day && local.second == second) return at * 1'000;
  }
  return fail(ErrorCode::invalid, "'" + text + "': the clocks of " + zone.name + " skip that time");
}

std::int64_t begin_of_day(const ZoneTable& zone, std::int64_t day) {
  std::int64_t utc = day * kDay_s - zone.offset_at(day * kDay_s);
  while (local_time(zone, utc).day < day) utc += 900;
  while (local_time(zone, utc - 1).day >= day) utc -= 900;
  return utc;
}

std::string date_text(std::int64_t day) {
  const CivilDate date = civil_from_days(day);
  return fmt::format("{:04}-{:02}-{:02}", date.year, date.month, date.day);
}

std::string clock_text(const ZoneTable& zone, std::int64_t utc_ms) {
  const LocalTime local = local_time(zone, floor_div(utc_ms, 1'000));
  return fmt::format("{:02}:{:02}:{:02}", local.second / 3'600, local.second / 60 % 60,
                     local.second % 60);
}

std::string moment_text(const ZoneTable& zone, std::int64_t utc_ms) {
  const LocalTime local = local_time(zone, floor_div(utc_ms, 1'000));
  return date_text(local.day) + " " + clock_text(zone, utc_ms);
}

std::string minute_text(int minute) {
  return fmt::format("{:02}:{:02}", minute / 60, minute % 60);
}

}  // namespace vitrine::op
