// `vitrine simulate`: what a screen would play, before anybody signs it.
#pragma once

#include <string>
#include <vector>

#include "operator/screen_documents.hpp"

namespace vitrine::op {

struct SimulateOptions : DocumentOptions {  // no zone: Etc/UTC
  std::string from;                         // local date, YYYY-MM-DD
  int days = 7;
  bool time = false;  // say how long it took
};

struct SimulatedCampaign {
  CampaignId campaign = 0;  // 0 = the house loop
  std::string label;
  std::int64_t plays = 0, ghosts = 0;
  std::int64_t shown_ms = 0;
  std::int64_t target_imp_milli = 0;  // by the profile; 0 without one
  std::int64_t due = -1;              // plays its quota asks for in these days; -1 = it has none
  std::int64_t most_off = 0;  // plays it was away from its quota at the end of its worst day
  // Plays x 1000 that it was at most ahead of or behind an even pace within an hour. Hours in which
  // one of its dayparts begins or ends aside; -1 = it has no quota.
  std::int64_t most_uneven_milli = -1;
};

// Lit, and nothing to show, for the same reasons all the time as far as each hour's first moment
// tells.
struct IdleTime {
  std::int64_t utc_ms = 0;
  std::int64_t length_ms = 0;
  std::string why;  // "2 paced, 1 separation"
};

struct Simulation {
  ZoneTable zone;
  std::vector<SimulatedCampaign> campaigns;  // as in the schedule, the house loop last
  std::int64_t lit_ms = 0, idle_ms = 0;
  std::vector<IdleTime> idle;
  std::int64_t decisions = 0;
  std::int64_t took_us = -1;  // -1 = nobody asked
};

// What quotas ask for before the first day counts as had.
Simulation simulate(const Documents& documents, const ZoneTable& zone, std::int64_t first_day,
                    int days);
// Every quota met to the play by the end of the day before `day`.
History as_planned_before(const Documents& documents, std::int64_t day);

std::string simulation_text(const Simulation& simulation);
std::string simulation_json(const Simulation& simulation);

// Reads the files and simulates. Errors name the file and what is wrong with it.
Result<std::string> simulate(const SimulateOptions& options, bool json);

}  // namespace vitrine::op
