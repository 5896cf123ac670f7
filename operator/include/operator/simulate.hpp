// `vitrine simulate`: what a screen would play, before anybody signs it.
#pragma once

#include <string>

#include "platform/file.hpp"
#include "scheduler/decide.hpp"

namespace vitrine::op {

struct SimulateOptions {
  fs::path schedule, numbers, profile,
      settings;      // JSON payloads; all but the schedule may be empty
  std::string zone;  // IANA; empty = the profile's, else Etc/UTC
  std::string from;  // local date, YYYY-MM-DD
  int days = 7;
};

struct SimulatedCampaign {
  CampaignId campaign = 0;  // 0 = the house loop
  std::string label;
  std::int64_t plays = 0, ghosts = 0;
  std::int64_t shown_ms = 0;
  std::int64_t target_imp_milli = 0;  // by the profile; 0 without one
  std::int64_t due = -1;              // plays its quota asks for by the end; -1 = it has none
  std::int64_t most_off = 0;  // plays it was away from its quota at the end of its worst day
};

struct Simulation {
  std::vector<SimulatedCampaign> campaigns;  // as in the schedule, the house loop last
  std::int64_t lit_ms = 0, idle_ms = 0;      // idle: lit, and nothing to show
  std::int64_t decisions = 0;
};

Simulation simulate(const Documents& documents, const ZoneTable& zone, std::int64_t first_day,
                    int days);

std::string simulation_text(const Simulation& simulation);
std::string simulation_json(const Simulation& simulation);

// Reads the files and simulates. Errors name the file and what is wrong with it.
Result<std::string> simulate(const SimulateOptions& options, bool json);

}  // namespace vitrine::op
