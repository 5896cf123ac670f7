#include "state/live.hpp"

#include <algorithm>
#include <cstdlib>

#include "toml_text.hpp"

namespace vitrine {
namespace {

// From another boot (run/ outlived its clock) or simply old.
bool too_old(Micros written_at, Micros now) {
  return written_at > now || now - written_at > kLiveMaxAge;
}

}  // namespace

std::string_view name_of(ClockTrust trust) {
  if (trust == ClockTrust::trusted) return "trusted";
  return trust == ClockTrust::held ? "held" : "none";
}

Status write_clock_state(const StatePaths& paths, const ClockState& state) {
  return replace_volatile(paths.clock(),
                          TomlText()
                              .integer("trust", column_value(state.trust))
                              .integer("utc_minus_boottime_us", state.utc_minus_boottime_us)
                              .integer("error_us", state.error_us)
                              .text("source", state.source)
                              .integer("written_at", state.written_at)
                              .str());
}

std::optional<ClockState> read_clock_state(const StatePaths& paths) {
  auto config = Config::read(paths.clock());
  if (!config) return std::nullopt;
  ClockState state;
  set_column(state.trust, config->integer_or("trust", 0));
  state.utc_minus_boottime_us = config->integer_or("utc_minus_boottime_us", 0);
  state.error_us = config->integer_or("error_us", 0);
  state.source = config->text_or("source", "");
  state.written_at = config->integer_or("written_at", 0);
  return state;
}

Status write_player_live(const StatePaths& paths, const PlayerLive& live) {
  std::vector<std::string> troubles;
  for (const PlayerTrouble& trouble : live.troubles)
    troubles.push_back(trouble.code + " " + trouble.text);
  return replace_volatile(paths.player_live(),
                          TomlText()
                              .integer("written_at", live.written_at)
                              .integer("generation", column_value(live.generation))
                              .integer("campaign", live.campaign)
                              .integer("creative", live.creative)
                              .text("label", live.label)
                              .text("reason", live.reason)
                              .integer("position_ms", live.position_ms)
                              .integer("length_ms", live.length_ms)
                              .integer("plays", live.plays)
                              .text("error", live.error)
                              .integer("rows_waiting", live.rows_waiting)
                              .integer("rows_lost", live.rows_lost)
                              .texts("troubles", troubles)
                              .str());
}

std::optional<PlayerLive> read_player_live(const StatePaths& paths, Micros now) {
  auto config = Config::read(paths.player_live());
  if (!config) return std::nullopt;
  PlayerLive live;
  live.written_at = config->integer_or("written_at", 0);
  if (too_old(live.written_at, now)) return std::nullopt;
  set_column(live.generation, config->integer_or("generation", 0));
  set_column(live.campaign, config->integer_or("campaign", 0));
  set_column(live.creative, config->integer_or("creative", 0));
  live.label = config->text_or("label", "");
  live.reason = config->text_or("reason", "");
  live.position_ms = config->integer_or("position_ms", 0);
  live.length_ms = config->integer_or("length_ms", 0);
  live.plays = config->integer_or("plays", 0);
  live.error = config->text_or("error", "");
  live.rows_waiting = config->integer_or("rows_waiting", 0);
  live.rows_lost = config->integer_or("rows_lost", 0);
  if (const auto troubles = config->texts("troubles")) {
    for (const std::string& trouble : *troubles) {
      const auto space = std::min(trouble.find(' '), trouble.size());
      live.troubles.push_back(
          {trouble.substr(0, space), trouble.substr(std::min(space + 1, trouble.size()))});
    }
  }
  return live;
}

Status write_audience_live(const StatePaths& paths, const AudienceLive& live) {
  std::vector<std::string> blind;
  for (const auto& [cause, seconds] : live.blind) {
    blind.push_back(cause + " " + std::to_string(seconds));
  }
  return replace_volatile(paths.audience_live(),
                          TomlText()
                              .integer("written_at", live.written_at)
                              .integer("present", live.present)
                              .integer("crossings", live.crossings)
                              .integer("person_ms_15min", live.person_ms_15min)
                              .integer("covered_ms_15min", live.covered_ms_15min)
                              .integer("quality", column_value(live.quality))
                              .integer("method", column_value(live.method))
                              .integer("fps_milli", live.fps_milli)
                              .text("camera", live.camera)
                              .texts("blind", blind)
                              .str());
}

std::optional<AudienceLive> read_audience_live(const StatePaths& paths, Micros now) {
  auto config = Config::read(paths.audience_live());
  if (!config) return std::nullopt;
  AudienceLive live;
  live.written_at = config->integer_or("written_at", 0);
  if (too_old(live.written_at, now)) return std::nullopt;
  live.present = config->integer_or("present", 0);
  live.crossings = config->integer_or("crossings", 0);
  live.person_ms_15min = config->integer_or("person_ms_15min", 0);
  live.covered_ms_15min = config->integer_or("covered_ms_15min", 0);
  set_column(live.quality, config->integer_or("quality", 0));
  set_column(live.method, config->integer_or("method", 0));
  live.fps_milli = config->integer_or("fps_milli", 0);
  live.camera = config->text_or("camera", "");
  if (const auto blind = config->texts("blind")) {
    for (const std::string& told : *blind) {
      const auto space = told.rfind(' ');
      if (space == std::string::npos) continue;
      live.blind.push_back({told.substr(0, space), std::atoll(told.c_str() + space + 1)});
    }
  }
  return live;
}

Status write_open_play(const StatePaths& paths, const OpenPlay& open) {
  return write_open_play(paths.open_play(), open);
}
Status write_open_play(const fs::path& file, const OpenPlay& open) {
  TomlText text;
  text.integer("shown", open.shown ? 1 : 0).integer("local_day", open.local_day).table("row");
  write_row(text, open.row);
  return replace_volatile(file, text.str());
}

std::optional<OpenPlay> read_open_play(const StatePaths& paths) {
  return read_open_play(paths.open_play());
}
std::optional<OpenPlay> read_open_play(const fs::path& file) {
  auto config = Config::read(file);
  if (!config) return std::nullopt;
  OpenPlay open;
  open.shown = config->integer_or("shown", 0) != 0;
  open.local_day = config->integer_or("local_day", 0);
  read_row(*config, "row.", open.row);
  return open;
}

Status clear_open_play(const StatePaths& paths) {
  return remove_file(paths.open_play());
}

}  // namespace vitrine
