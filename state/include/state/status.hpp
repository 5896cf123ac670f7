// run/telemetry/status: what telemetry knows of itself and of the machine, for `vitrine status` and
// for telemetry's own next start. On tmpfs, replaced whole every 10 s; `written_at` is
// CLOCK_BOOTTIME.
#pragma once

#include <optional>

#include "base/ids.hpp"
#include "base/time.hpp"
#include "state/health_figures.hpp"
#include "state/paths.hpp"

namespace vitrine {

struct StatusAlert {
  std::string code;  // "link", "outbox", "storage", "picture", "clock"; docs/runbook.md
  std::string text;  // what is wrong, in one line
  Micros since = 0;  // CLOCK_BOOTTIME
};

struct TelemetryStatus {
  Micros written_at = 0;
  BootId boot;
  std::string software;
  bool link_up = false;
  Micros link_since = 0;            // up, or down, since then; CLOCK_BOOTTIME
  std::string link_reason;          // why the last link ended or the last attempt failed
  std::string waiting_for;          // what the newest schedule still lacks, or why it was refused
  std::int64_t batch_period_s = 0;  // how long rows may wait for others before they are sent
  std::string notice;               // the last thing a person should have heard of
  Micros notice_at = 0;
  std::vector<StatusAlert> alerts;
  Figures figures;
};
Status write_telemetry_status(const StatePaths& paths, const TelemetryStatus& status);
// Of this boot or an earlier one: the caller compares `boot` and `written_at`.
std::optional<TelemetryStatus> read_telemetry_status(const StatePaths& paths);

// A figure by its name, part included; nullopt when it is absent.
std::optional<std::int64_t> figure(const Figures& figures, std::string_view name);
// The sum over all parts; nullopt when there is none.
std::optional<std::int64_t> figure_sum(const Figures& figures, std::string_view name);

}  // namespace vitrine
