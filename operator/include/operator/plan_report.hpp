// What `vitrine allocate` says about a plan: a table for a person or one JSON object for a program.
#pragma once

#include <string>

#include "planner/resolve.hpp"

namespace vitrine::op {

struct PlanReport {
  std::int64_t first_day = 0;
  std::int64_t days = 0;
  std::vector<plan::LinePlan> lines;
  double objective = 0;
  double bound = 0;
  std::int64_t oversold_plays_milli = 0;
  std::vector<std::uint32_t> oversold_lines;
  std::uint64_t version = 0;
  std::size_t screens = 0;
  std::size_t documents = 0;

  // After --resolve only.
  bool resolved = false;
  std::vector<plan::LineHistory> history;  // by line of the last plan
  std::size_t silent = 0;
  std::size_t unknown = 0;
  // Plays x 1000 by line: what screens that keep their numbers will play beyond the new plan.
  std::vector<std::int64_t> kept_milli;
};

// Names are those of the members; figures in thousandths keep their _milli.
std::string plan_report_json(const PlanReport& report);
std::string plan_report_text(const PlanReport& report);

}  // namespace vitrine::op
