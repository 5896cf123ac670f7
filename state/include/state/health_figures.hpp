// The figures of a screen's health: every name that may stand in a health row, in
// run/telemetry/status and, with "vitrine_" before it, on the metrics socket. A figure that this
// machine cannot tell is left out, never zero. docs/health.md says what each is good for.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace vitrine {

// In table order. A name may carry a part: "outbox_rows.play" is outbox_rows of the stream play.
using Figures = std::vector<std::pair<std::string, std::int64_t>>;

struct FigureKind {
  std::string_view name;   // ends in its unit where it has one
  std::string_view part;   // what stands behind the dot: "stream", "process"; empty = nothing
  bool counts_up = false;  // since telemetry started, or since boot where the text says so
  std::string_view help;
};

inline constexpr std::array kFigureKinds = {
    FigureKind{"uptime_s", "", false, "Seconds since the machine was switched on"},
    FigureKind{"telemetry_uptime_s", "", false, "Seconds since telemetry was started"},
    FigureKind{"generation", "", false, "Generation of documents that is confirmed"},
    FigureKind{"schedule_version", "", false, "Version of the schedule last verified"},
    FigureKind{"clock_trust", "", false, "0 none, 1 held, 2 trusted"},
    FigureKind{"clock_error_us", "", false, "How wrong the told time may be"},
    FigureKind{"system_clock_off_ms", "", false, "The system clock less the told time"},
    FigureKind{"link_up", "", false, "1 while the broker is connected"},
    FigureKind{"link_s", "", false, "Seconds since the link came up, or since it is down"},
    FigureKind{"link_connections", "", true, "Links made"},
    FigureKind{"link_failures", "", true, "Attempts that failed and links that were lost"},
    FigureKind{"link_failures_hour", "", false, "The same, in the last hour"},
    FigureKind{"ack_round_trip_ms", "", false,
               "From a batch's first sending to its ack, the newest"},
    FigureKind{"acked_batches", "", true, "Batches the backend signed for"},
    FigureKind{"outbox_batches", "stream", false, "Batches not acknowledged"},
    FigureKind{"outbox_rows", "stream", false, "Rows in batches not acknowledged"},
    FigureKind{"outbox_bytes", "stream", false, "Bytes of batches not acknowledged"},
    FigureKind{"outbox_oldest_s", "stream", false, "Age of the oldest of them, at least"},
    FigureKind{"dropped_rows", "stream", true, "Rows given up for want of room"},
    FigureKind{"content_bytes", "", false, "Creatives on this device"},
    FigureKind{"disk_free_bytes", "", false, "Free where /var/lib/vitrine lies"},
    FigureKind{"disk_written_bytes", "", true, "Written to that disk since boot, by everybody"},
    FigureKind{"disk_written_day_bytes", "", false,
               "The same in a day, from up to the last 24 hours"},
    FigureKind{"written_bytes", "process", true,
               "Sent to the disk by a process, where it may be read"},
    FigureKind{"emmc_life_percent", "", false, "Life used, upper end of the step the card tells"},
    FigureKind{"emmc_pre_eol", "", false, "Spare blocks: 1 normal, 2 80 % used, 3 90 % used"},
    FigureKind{"memory_free_bytes", "", false, "MemAvailable of the machine"},
    FigureKind{"memory_bytes", "process", false, "PSS of telemetry, RSS of the others"},
    FigureKind{"cpu_permille", "process", false, "Of one core, since the sample before"},
    FigureKind{"temperature_mc", "", false,
               "Hottest thermal zone, thousandths of a degree Celsius"},
    FigureKind{"under_voltage", "", false, "1 while the board sees too low a voltage"},
    FigureKind{"under_voltage_seen", "", false, "1 when it has since boot"},
    FigureKind{"signal_dbm", "", false, "Wireless link, the strongest interface"},
    FigureKind{"player_alive", "", false, "1 while the player writes what it shows"},
    FigureKind{"plays", "", true, "Rows in the play log"},
    FigureKind{"frames_due", "", true, "Frames due in the plays read"},
    FigureKind{"frames_dropped", "", true, "Of these never shown"},
    FigureKind{"frames_dropped_ppm", "", false, "Of a million frames due in the last hour"},
    FigureKind{"lateness_p50_ms", "", false, "First flip less planned start, last hour"},
    FigureKind{"lateness_p99_ms", "", false, "First flip less planned start, last hour"},
    FigureKind{"audience_alive", "", false, "1 while the audience daemon writes what it sees"},
    FigureKind{"camera_ok", "", false,
               "1 while the camera gives pictures in which people can be counted"},
    FigureKind{"camera_fps_milli", "", false, "Pictures a second, in thousandths"},
    FigureKind{"camera_blind_s", "", true,
               "Seconds since the audience daemon started in which pictures came and nobody could "
               "be counted in them"},
    FigureKind{"fetch_errors", "", true, "Downloads that failed"},
    FigureKind{"certificate_left_s", "", false, "Until the device certificate expires"},
    FigureKind{"alerts", "", false, "Alerts in force"},
};

}  // namespace vitrine
