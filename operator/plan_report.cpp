#include "operator/plan_report.hpp"

#include <spdlog/fmt/fmt.h>

#include <cmath>

#include "base/time.hpp"
#include "protocol/json.hpp"

namespace vitrine::op {
namespace {

constexpr std::string_view kArms[] = {"none", "treated", "control"};

std::string_view name_of(Arm arm) {
  return kArms[static_cast<std::size_t>(arm)];
}
std::string_view name_of(plan::GoalUnit unit) {
  return unit == plan::GoalUnit::plays ? "plays" : "imp";
}

// 12345 -> "12.345", sign before the whole.
std::string milli(std::int64_t value) {
  const auto size = value < 0 ? -value : value;
  return fmt::format("{}{}.{:03}", value < 0 ? "-" : "", size / 1000, size % 1000);
}

std::string day_text(std::int64_t day) {
  return format_utc(day * 86400).substr(0, 10);
}

// Objective and bound are of one sign whenever nothing guaranteed is short; otherwise a ratio says
// nothing.
double ratio_of(const PlanReport& report) {
  return report.bound > 0 && report.objective > 0 ? report.objective / report.bound : 0;
}

Json line_json(const plan::LinePlan& line) {
  return Json::Object{
      {"campaign", std::int64_t{line.campaign}},
      {"arm", std::string(name_of(line.arm))},
      {"unit", std::string(line.unit == plan::GoalUnit::plays ? "plays" : "impressions")},
      {"goal_milli", line.goal_milli},
      {"planned_milli", line.planned_milli()},
      {"planned_plays_milli", line.planned_plays_milli},
      {"planned_imp_milli", line.planned_imp_milli},
      {"bound_milli", line.most_milli},
      {"shortfall_milli", line.shortfall_milli()},
      {"certain_shortfall_milli", line.certain_shortfall_milli()},
      {"price", line.price}};
}

Json history_json(const plan::LineHistory& line, std::int64_t kept) {
  return Json::Object{{"campaign", std::int64_t{line.campaign}},
                      {"arm", std::string(name_of(line.arm))},
                      {"goal_milli", line.goal_milli},
                      {"delivered", line.delivered},
                      {"assumed", line.assumed},
                      {"missed", line.missed},
                      {"remaining_milli", line.remaining_milli},
                      {"kept_milli", kept}};
}

std::string history_text(const PlanReport& report) {
  auto text = fmt::format(
      "\nmake-goods ({} screens silent, yesterday of {} assumed)\n{:>10}  "
      "{:<8}{:>12}{:>10}{:>10}{:>14}{:>14}\n",
      report.silent, report.unknown, "campaign", "arm", "delivered", "assumed", "missed",
      "remaining", "kept");
  for (std::size_t i = 0; i < report.history.size(); ++i) {
    const auto& line = report.history[i];
    text += fmt::format("{:>10}  {:<8}{:>12}{:>10}{:>10}{:>14}{:>14}\n", line.campaign,
                        name_of(line.arm), line.delivered, line.assumed, line.missed,
                        milli(line.remaining_milli), milli(report.kept_milli[i]));
  }
  return text;
}

}  // namespace

std::string plan_report_json(const PlanReport& report) {
  Json::Array lines;
  for (const auto& line : report.lines) lines.push_back(line_json(line));
  Json::Array oversold;
  for (const std::uint32_t line : report.oversold_lines) {
    oversold.emplace_back(std::int64_t{report.lines[line].campaign});
  }
  Json::Object json{{"first_day", day_text(report.first_day)},
                    {"days", report.days},
                    {"lines", std::move(lines)},
                    {"objective_imp_milli", std::int64_t{std::llround(report.objective)}},
                    {"bound_imp_milli", std::int64_t{std::llround(report.bound)}},
                    {"ratio_ppm", std::int64_t{std::llround(ratio_of(report) * 1e6)}},
                    {"oversold_plays_milli", report.oversold_plays_milli},
                    {"oversold_campaigns", std::move(oversold)},
                    {"version", static_cast<std::int64_t>(report.version)},
                    {"screens", static_cast<std::int64_t>(report.screens)},
                    {"documents", static_cast<std::int64_t>(report.documents)}};
  if (report.resolved) {
    Json::Array history;
    for (std::size_t i = 0; i < report.history.size(); ++i) {
      history.push_back(history_json(report.history[i], report.kept_milli[i]));
    }
    json["make_goods"] = std::move(history);
    json["silent_screens"] = static_cast<std::int64_t>(report.silent);
    json["unknown_screens"] = static_cast<std::int64_t>(report.unknown);
  }
  return write_json(Json(std::move(json))) + "\n";
}

std::string plan_report_text(const PlanReport& report) {
  auto text =
      fmt::format("{} days from {}\n{:>10}  {:<8}{:<6}{:>14}{:>14}{:>16}{:>12}{:>12}{:>10}\n",
                  report.days, day_text(report.first_day), "campaign", "arm", "unit", "goal",
                  "planned", "bound", "short", "certain", "price");
  for (const auto& line : report.lines) {
    text += fmt::format("{:>10}  {:<8}{:<6}{:>14}{:>14}{:>16}{:>12}{:>12}{:>10}\n", line.campaign,
                        name_of(line.arm), name_of(line.unit), milli(line.goal_milli),
                        milli(line.planned_milli()), milli(line.most_milli),
                        milli(line.shortfall_milli()), milli(line.certain_shortfall_milli()),
                        line.price);
  }
  text += fmt::format("target impressions {} of at most {}", milli(std::llround(report.objective)),
                      milli(std::llround(report.bound)));
  if (ratio_of(report) > 0) text += fmt::format(": {:.4f} %", ratio_of(report) * 100);
  text += "\n";
  if (report.oversold_plays_milli > 0) {
    text += fmt::format("oversold: campaigns");
    for (const std::uint32_t line : report.oversold_lines) {
      text += fmt::format(" {}", report.lines[line].campaign);
    }
    text += fmt::format(" lack {} plays together, however they are planned\n",
                        milli(report.oversold_plays_milli));
  }
  if (report.resolved) text += history_text(report);
  return text + fmt::format("numbers {} for {} of {} screens\n", report.version, report.documents,
                            report.screens);
}

}  // namespace vitrine::op
