#include "operator/camera_audit.hpp"

#include <spdlog/fmt/fmt.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <sstream>

#include "operator/local_clock.hpp"
#include "platform/time_zone.hpp"
#include "state/field_notes.hpp"
#include "state/live.hpp"

namespace vitrine::op {
namespace {

constexpr std::int64_t kMs = kMillisecond;
constexpr std::int64_t kMinuteMs = kMinute / kMs;
// A count by totals must begin and end where the screen's minutes do; a person's watch is no
// better.
constexpr std::int64_t kEdgeMs = 2'000;
constexpr std::int64_t kSeenPermille = 900;
constexpr std::array<const char*, 3> kQualities{"none", "flow", "people"};
constexpr std::array<const char*, 4> kMethods{"none", "mog2", "dnn", "face"};
constexpr const char* kHow =
    "exact conditional interval of two Poisson counts (Przyborowski and Wilenski 1940; Clopper and "
    "Pearson 1934), for counts that are independent: those of the same people are not, so it is "
    "rather too wide";

std::int64_t up_to_minute(std::int64_t boottime_us) {
  return -floor_div(-boottime_us, kMinute) * kMinute;
}

Result<std::vector<FlowRow>> all_flows(const StatePaths& paths) {
  auto reader = ExposureLogReader::open(paths.exposure_log());
  if (!reader) return std::move(reader).error().context("the screen's own counts");
  std::vector<FlowRow> rows;
  for (std::uint64_t after = 0;;) {
    auto more = reader->flows_after(after);
    if (!more) return std::move(more).error();
    if (more->empty()) return rows;
    after = more->back().seq;
    rows.insert(rows.end(), more->begin(), more->end());
  }
}

std::string ratio_text(double value) {
  return std::isinf(value) ? "unbounded" : fmt::format("{:.3f}", value);
}

std::string line_of(const char* name, std::int64_t hand, std::int64_t screen) {
  const auto found = count_ratio(hand, screen);
  return fmt::format("{:<6}{:>8}{:>15}   {}\n", name, hand, screen,
                     !found ? std::string("nobody was counted")
                            : fmt::format("{:>9}   {} to {}", ratio_text(found->ratio),
                                          ratio_text(found->low), ratio_text(found->high)));
}

// Where a count by totals could begin next.
std::string next_beginning(const ZoneTable& zone, std::int64_t offset_us, Micros now, int minutes) {
  const Micros at = up_to_minute(now + 30 * kSecond);
  const auto text = [&](Micros boottime) {
    return moment_text(zone, (boottime + offset_us) / kMs);
  };
  return fmt::format(
      "the screen's minutes begin at second {} of its clock. Count everybody who crosses the line, "
      "in and out, from {} to {}, then:\n  vitrine camera audit --from \"{}\" --minutes {} --in N "
      "--out N\n",
      text(at).substr(17), text(at), text(at + minutes * kMinute), text(at), minutes);
}

}  // namespace

Result<std::vector<HandCrossing>> parse_hand_count(const std::string& text,
                                                   std::int64_t from_utc_ms,
                                                   const ZoneTable& zone) {
  const std::string day = moment_text(zone, from_utc_ms).substr(0, 10);
  std::vector<HandCrossing> crossings;
  std::istringstream lines(text);
  int number = 0;
  for (std::string line; std::getline(lines, line);) {
    ++number;
    std::istringstream words(line.substr(0, line.find('#')));
    std::string time, direction, more;
    if (!(words >> time)) continue;
    words >> direction;
    if ((direction != "in" && direction != "out") || words >> more) {
      return fail(ErrorCode::invalid, "line " + std::to_string(number) + ": \"" + line +
                                          "\" is neither \"HH:MM:SS in\" nor \"HH:MM:SS out\"");
    }
    auto at = parse_moment(day + " " + time, zone);
    if (!at) return std::move(at).error().context("line " + std::to_string(number));
    if (*at < from_utc_ms - kEdgeMs) *at += kDay / kMs;
    crossings.push_back({*at, direction == "in" ? 1 : -1});
  }
  return crossings;
}

Result<CameraAudit> screen_counts(const std::vector<FlowRow>& rows, BootId boot,
                                  std::int64_t utc_minus_boottime_us, std::int64_t from_utc_ms,
                                  std::int64_t until_utc_ms) {
  const Micros from = up_to_minute(from_utc_ms * kMs - utc_minus_boottime_us - kEdgeMs * kMs);
  const Micros until =
      floor_div(until_utc_ms * kMs - utc_minus_boottime_us + kEdgeMs * kMs, kMinute) * kMinute;
  CameraAudit audit;
  audit.from_utc_ms = (from + utc_minus_boottime_us) / kMs;
  audit.minutes = (until - from) / kMinute;
  std::vector<std::int64_t> covered(
      static_cast<std::size_t>(std::max<std::int64_t>(0, audit.minutes)), kAbsent);
  for (const FlowRow& row : rows) {
    if (row.boot != boot || row.minute_start_us < from || row.minute_start_us >= until) continue;
    // A minute in which the daemon was restarted has two rows that add up.
    auto& minute = covered[static_cast<std::size_t>((row.minute_start_us - from) / kMinute)];
    minute = std::max<std::int64_t>(minute, 0) + row.coverage_permille;
    audit.screen_in += row.in;
    audit.screen_out += row.out;
    if (row.quality == Quality::none) continue;
    if (audit.quality != Quality::none &&
        (audit.quality != row.quality || audit.method != row.method))
      return fail(ErrorCode::conflict, "the method changed in the midst of the count");
    audit.quality = row.quality;
    audit.method = row.method;
  }
  const auto missing = std::count(covered.begin(), covered.end(), kAbsent);
  if (covered.empty() || missing > 0) {
    return fail(
        ErrorCode::not_found,
        fmt::format("of the {} minutes from {} on {} are not in the screen's log: rows are "
                    "written up to three minutes late, and only those of this boot can be "
                    "dated",
                    audit.minutes, format_utc(floor_div(audit.from_utc_ms, 1'000)), missing));
  }
  std::int64_t sum = 0;
  for (const std::int64_t minute : covered) sum += std::min<std::int64_t>(minute, 1000);
  audit.coverage_permille = sum / audit.minutes;
  if (audit.coverage_permille < kSeenPermille) {
    return fail(ErrorCode::unavailable,
                fmt::format("the camera saw {} % of these minutes; what it was blind for is no "
                            "mistake in counting, so there is nothing to compare",
                            audit.coverage_permille / 10));
  }
  return audit;
}

Result<std::string> camera_audit(const CameraAuditOptions& options, const Clock& clock) {
  auto identity = read_device_identity(options.paths);
  if (!identity) return std::move(identity).error();
  auto zone = load_zone(identity->zone);
  if (!zone) return std::move(zone).error();
  const auto told = read_clock_state(options.paths);
  const std::int64_t offset = told && told->trust != ClockTrust::none
                                  ? told->utc_minus_boottime_us
                                  : clock.realtime() - clock.boottime();
  if (options.from.empty()) return next_beginning(*zone, offset, clock.boottime(), options.minutes);
  if (options.by.empty())
    return fail(ErrorCode::invalid, "a count is somebody's: --by NAME, who counted");
  const bool totals = options.in >= 0 && options.out >= 0;
  if (totals == !options.times.empty())
    return fail(ErrorCode::invalid, "what was counted? --in N and --out N, or --times FILE");
  auto from = parse_moment(options.from, *zone);
  if (!from) return std::move(from).error().context("--from");
  const std::int64_t until = *from + options.minutes * kMinuteMs;

  auto rows = all_flows(options.paths);
  if (!rows) return std::move(rows).error();
  auto audit = screen_counts(*rows, clock.boot_id(), offset, *from, until);
  if (!audit) return std::move(audit).error();
  if (totals &&
      (std::abs(audit->from_utc_ms - *from) > kEdgeMs || audit->minutes != options.minutes)) {
    return fail(
        ErrorCode::invalid,
        "the count does not begin where a minute of the screen does, and totals cannot be cut "
        "to that. Either note times (--times FILE), or begin at its minute: " +
            next_beginning(*zone, offset, clock.boottime(), options.minutes));
  }
  if (totals) {
    audit->hand_in = options.in;
    audit->hand_out = options.out;
  } else {
    auto text = read_text(options.times, 1 << 20);
    if (!text) return std::move(text).error();
    auto counted = parse_hand_count(*text, *from, *zone);
    if (!counted) return std::move(counted).error().context(options.times.string());
    for (const HandCrossing& one : *counted) {
      const std::int64_t after = one.utc_ms - audit->from_utc_ms;
      if (after < 0 || after >= audit->minutes * kMinuteMs) continue;
      ++(one.direction > 0 ? audit->hand_in : audit->hand_out);
    }
  }

  std::string report = fmt::format(
      "screen {}, {}, {} whole minutes from {} on, counted by {}\n"
      "      by hand  by the screen      factor   95 %\n",
      identity->screen, identity->zone, audit->minutes, moment_text(*zone, audit->from_utc_ms),
      options.by);
  report += line_of("in", audit->hand_in, audit->screen_in);
  report += line_of("out", audit->hand_out, audit->screen_out);
  report += line_of("both", audit->hand_in + audit->hand_out, audit->screen_in + audit->screen_out);
  report += fmt::format("coverage {} %, method {}, quality {}\n{}\n", audit->coverage_permille / 10,
                        kMethods[static_cast<std::size_t>(audit->method)],
                        kQualities[static_cast<std::size_t>(audit->quality)], kHow);
  report += "It is a report: no count of this screen is multiplied by it.\n";

  if (auto made = make_directories(options.paths.camera_audits()); !made)
    return std::move(made).error();
  if (auto made = make_directories(options.paths.field_notes()); !made)
    return std::move(made).error();
  const fs::path file =
      options.paths.camera_audits() / format_utc(floor_div(audit->from_utc_ms, 1'000));
  if (auto kept = write_atomic(file, report, 0644); !kept) return std::move(kept).error();
  const auto both =
      count_ratio(audit->hand_in + audit->hand_out, audit->screen_in + audit->screen_out);
  const std::string factor = both ? fmt::format("factor {}, 95 % {} to {}", ratio_text(both->ratio),
                                                ratio_text(both->low), ratio_text(both->high))
                                  : std::string("nobody was counted");
  const auto noted = add_field_note(
      options.paths, clock, "camera-audit",
      fmt::format("{} counted {} in and {} out in {} minutes from {} on, the screen {} and {}: {}",
                  options.by, audit->hand_in, audit->hand_out, audit->minutes,
                  format_utc(floor_div(audit->from_utc_ms, 1'000)), audit->screen_in,
                  audit->screen_out, factor));
  if (!noted) return Error(noted.error());
  return report + "kept as " + file.string() + "\n";
}

}  // namespace vitrine::op
