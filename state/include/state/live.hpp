// Files in /run/vitrine, on tmpfs: figures of the moment, never flash. All are replaced whole; a
// figure older than 3 s counts as unknown.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "protocol/exposure.hpp"
#include "protocol/play.hpp"
#include "state/paths.hpp"

namespace vitrine {

inline constexpr Micros kLiveMaxAge = 3 * kSecond;

// run/telemetry/clock
struct ClockState {
  ClockTrust trust = ClockTrust::none;
  std::int64_t utc_minus_boottime_us = 0;
  std::int64_t error_us = 0;
  std::string source;
  Micros written_at = 0;  // CLOCK_BOOTTIME
};
std::string_view name_of(ClockTrust trust);  // "none", "held", "trusted"
Status write_clock_state(const StatePaths& paths, const ClockState& state);
std::optional<ClockState> read_clock_state(const StatePaths& paths);

// The reason in run/player/live while the panel is off: display hours, or an operator's power-off.
inline constexpr std::string_view kPanelOff = "panel-off";

// Something that is wrong with the player and lasts. Telemetry says its beginning and its end as
// events player-<code> and player-<code>-over.
struct PlayerTrouble {
  std::string code;  // a-z and -; "disk", "picture", "safe-loop", "reboot"
  std::string text;  // one line for people
  bool operator==(const PlayerTrouble&) const = default;
};

// run/player/live, once a second
struct PlayerLive {
  Micros written_at = 0;
  std::uint64_t generation = 0;
  CampaignId campaign = 0;
  CreativeId creative = 0;
  std::string label;
  std::string reason;
  std::int64_t position_ms = 0;
  std::int64_t length_ms = 0;
  std::int64_t plays = 0;         // rows in the log
  std::string error;              // last one, for the status line
  std::int64_t rows_waiting = 0;  // for a disk that does not take them
  std::int64_t rows_lost = 0;     // since start: they found no room in memory, either
  std::vector<PlayerTrouble> troubles;
};
Status write_player_live(const StatePaths& paths, const PlayerLive& live);
std::optional<PlayerLive> read_player_live(const StatePaths& paths, Micros now);

// run/audience/live, once a second
struct AudienceLive {
  Micros written_at = 0;
  std::int64_t present = 0;          // confirmed tracks now
  std::int64_t crossings = 0;        // since start
  std::int64_t person_ms_15min = 0;  // observed in the last 15 minutes
  std::int64_t covered_ms_15min = 0;
  Quality quality = Quality::none;
  Method method = Method::none;
  std::int64_t fps_milli = 0;
  // "ok"; "none" (there shall be none), "absent", "silent" (open, but no frame comes); "dark",
  // "covered", "frozen", "moved", "blurred": frames come, and nobody can be counted in them;
  // "off": nobody recorded a basis; "set-up": a technician has it.
  std::string camera;
  // Seconds since start of each of "dark" to "blurred" that was. Blind time, not empty time.
  struct Blind {
    std::string cause;
    std::int64_t seconds = 0;
  };
  std::vector<Blind> blind;
};
Status write_audience_live(const StatePaths& paths, const AudienceLive& live);
std::optional<AudienceLive> read_audience_live(const StatePaths& paths, Micros now);

// run/player/open: the play in progress, written before its first flip, refreshed while it runs. A
// player that finds one at its start closes it: shown = a `cut` row with cause killed, not shown =
// a miss.
struct OpenPlay {
  PlayRow row;         // what is known so far
  bool shown = false;  // its first flip has happened
  std::int64_t local_day = 0;
};
Status write_open_play(const StatePaths& paths, const OpenPlay& open);
std::optional<OpenPlay> read_open_play(const StatePaths& paths);
Status clear_open_play(const StatePaths& paths);
// The same in a file of its own: plays that have left the glass and wait for the log
// (player/open_plays.hpp).
Status write_open_play(const fs::path& file, const OpenPlay& open);
std::optional<OpenPlay> read_open_play(const fs::path& file);

}  // namespace vitrine
