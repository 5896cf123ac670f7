#include <spdlog/fmt/fmt.h>

#include <algorithm>

#include "report/cards.hpp"
#include "report/html_text.hpp"
#include "report/page_frame.hpp"
#include "report/page_parts.hpp"

namespace vitrine::report {
namespace {

constexpr std::size_t kMostBars = 12;  // the rest is in the table below them

}  // namespace

std::string plan_card(const Report& report) {
  if (report.delivery.days.empty()) return {};
  const bool plays = !report.goal || report.goal->unit == DeliveryUnit::plays;
  const Methods methods(report.plays.all);
  std::vector<PlanPoint> points;
  std::vector<std::vector<std::string>> rows;
  for (const DeliveryDay& day : report.delivery.days) {
    PlanPoint point;
    point.name = day_text(day.day).substr(5);
    if (report.goal) point.plan = whole(day.planned_sum_milli);
    if (plays) {
      point.parts = {{Fill::plain, day.sum.plays}};
    } else {
      point.parts =
          methods.parts(whole(day.sum.observed_target_milli), whole(day.sum.modelled_target_milli));
    }
    rows.push_back({day_text(day.day) + (day.delivered.restated ? " (restated)" : ""),
                    report.goal ? from_milli(day.planned_milli) : "-", grouped(day.delivered.plays),
                    from_milli(day.delivered.observed_target_milli),
                    from_milli(day.delivered.modelled_target_milli)});
    points.push_back(std::move(point));
  }
  std::string note =
      report.goal ? "Dashed: the goal, spread evenly over its days. Columns: " : "Columns: ";
  note += plays ? "paid plays" : "target contacts of paid plays";
  note += " up to the end of each day.";
  if (report.goal) note += " " + escaped(goal_words(report)) + ".";
  return card(report.goal ? "Plan against actual" : "Delivered",
              plan_chart(points, plays ? "plays" : "target contacts",
                         report.goal ? goal_words(report) : "paid plays, added up by day") +
                  (plays ? "" : method_key()) +
                  folded("Each day", table({"day", "plan of the day", "paid plays",
                                            "observed target contacts", "modelled target contacts"},
                                           rows)),
              note);
}

std::string hour_card(const Report& report) {
  const Methods methods(report.plays.all);
  std::vector<Column> list;
  for (std::int64_t hour = 0; hour < 24; ++hour) {
    const auto found = report.plays.by_hour.find(hour);
    const PlayFigures none;
    const PlayFigures& figures = found == report.plays.by_hour.end() ? none : found->second;
    list.push_back({hour_name(hour), methods.parts(whole(figures.observed.imp_milli),
                                                   whole(figures.modelled.imp_milli))});
  }
  return card("By hour",
              columns(list, 3, "contacts", "contacts by local hour of the day") + method_key() +
                  figures_table(report.plays.by_hour, hour_name),
              "Local time of each screen. The two are different measurements, of different plays: "
              "they are not added up.");
}

std::string bars_card(const Report& report, const std::string& heading,
                      const std::map<std::int64_t, PlayFigures>& lines,
                      const std::function<std::string(std::int64_t)>& name, bool in_order) {
  if (lines.empty()) return {};
  const Methods methods(report.plays.all);
  std::vector<std::pair<std::int64_t, const PlayFigures*>> order;
  for (const auto& [key, figures] : lines) order.emplace_back(key, &figures);
  if (!in_order)
    std::stable_sort(order.begin(), order.end(), [](const auto& one, const auto& other) {
      return one.second->paid > other.second->paid;
    });
  std::vector<Bar> list;
  for (const auto& [key, figures] : order) {
    if (list.size() == kMostBars) break;
    list.push_back(
        {name(key),
         methods.parts(whole(figures->observed.imp_milli), whole(figures->modelled.imp_milli)),
         methods.figure(figures->observed.imp_milli, figures->modelled.imp_milli)});
  }
  const std::string note = order.size() > kMostBars
                               ? fmt::format("The {} with the most paid plays of {}.", kMostBars,
                                             grouped(static_cast<std::int64_t>(order.size())))
                               : "";
  return card(heading, bars(list) + method_key() + figures_table(lines, name), note);
}

std::string group_card(const Report& report) {
  if (!report.observed_groups && !report.modelled_groups) return {};
  const Methods methods(report.plays.all);
  std::vector<Bar> list;
  for (std::size_t group = 0; group < kGroups; ++group) {
    const std::int64_t observed = report.observed_groups ? (*report.observed_groups)[group] : 0;
    const std::int64_t modelled = report.modelled_groups ? (*report.modelled_groups)[group] : 0;
    list.push_back({fmt::format("Group {}", group), methods.parts(whole(observed), whole(modelled)),
                    methods.figure(observed, modelled)});
  }
  return card("By target group", bars(list) + method_key(),
              "The share of each group is modelled, of observed contacts too: no camera asks who "
              "somebody is. From profiles of at least 20 people.");
}

}  // namespace vitrine::report
