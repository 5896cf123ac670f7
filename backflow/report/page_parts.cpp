#include "report/page_parts.hpp"

#include <spdlog/fmt/fmt.h>

#include "report/html_text.hpp"

namespace vitrine::report {

std::string label_of(const std::map<std::int64_t, std::string>& labels, std::string_view what,
                     std::int64_t id) {
  const auto found = labels.find(id);
  if (found != labels.end() && !found->second.empty()) return found->second;
  return fmt::format("{} {}", what, id);
}

std::string area_name(std::int64_t area) {
  return area == kAbsent || area == 0 ? "no known area" : fmt::format("Area {}", area);
}

std::string hour_name(std::int64_t hour) {
  return hour == kAbsent ? "unknown" : fmt::format("{:02}", hour);
}

std::int64_t whole(std::int64_t milli) {
  return (milli + 500) / 1000;
}

std::vector<Part> Methods::parts(std::int64_t observed_value, std::int64_t modelled_value) const {
  std::vector<Part> parts;
  if (observed) parts.push_back({Fill::observed, observed_value});
  if (modelled) parts.push_back({Fill::modelled, modelled_value});
  return parts;
}

std::string Methods::figure(std::int64_t observed_milli, std::int64_t modelled_milli) const {
  if (observed && modelled) return from_milli(observed_milli) + " | " + from_milli(modelled_milli);
  return observed ? from_milli(observed_milli) : modelled ? from_milli(modelled_milli) : "-";
}

std::string tile(const std::string& figure, const std::string& words) {
  return "<div class=\"tile\"><b>" + escaped(figure) + "</b><span>" + escaped(words) +
         "</span></div>";
}

std::string table(const std::vector<std::string>& head,
                  const std::vector<std::vector<std::string>>& rows) {
  std::string html = "<div class=\"scroll\"><table><thead><tr>";
  for (const auto& cell : head) html += "<th scope=\"col\">" + escaped(cell) + "</th>";
  html += "</tr></thead><tbody>";
  for (const auto& row : rows) {
    html += "<tr>";
    for (const auto& cell : row) html += "<td>" + escaped(cell) + "</td>";
    html += "</tr>";
  }
  return html + "</tbody></table></div>";
}

std::string folded(const std::string& summary, const std::string& content) {
  return "<details><summary>" + escaped(summary) + "</summary>" + content + "</details>";
}

std::string currency_of(const std::string& currency) {
  return currency.empty() ? "(no currency)" : currency;
}

std::string amount_text(const PlayFigures& figures) {
  std::string text;
  for (const auto& [currency, exact] : figures.amount) {
    const auto point = exact.find('.');
    const std::int64_t micro = std::stoll(exact.substr(0, point)) * 1'000'000 +
                               (exact[0] == '-' ? -1 : 1) * std::stoll(exact.substr(point + 1, 6));
    text += (text.empty() ? "" : ", ") + money(micro, currency);
  }
  return text.empty() ? "no price" : text;
}

std::string goal_words(const Report& report) {
  const DeliveryGoal& goal = *report.goal;
  if (goal.unit == DeliveryUnit::plays)
    return percent(report.delivery.sum.plays, goal.goal) + " of the goal of " + grouped(goal.goal) +
           " plays";
  return percent(report.delivery.sum.observed_target_milli, 1000 * goal.goal) + " observed and " +
         percent(report.delivery.sum.modelled_target_milli, 1000 * goal.goal) +
         " modelled of the goal of " + grouped(goal.goal) + " target contacts";
}

std::vector<std::string> figures_row(std::string name, const PlayFigures& figures) {
  return {std::move(name),
          grouped(figures.paid),
          grouped(figures.rows - figures.paid),
          from_milli(figures.observed.imp_milli),
          grouped(figures.observed.plays),
          from_milli(figures.modelled.imp_milli),
          grouped(figures.modelled.plays),
          grouped(figures.unknown)};
}
const std::vector<std::string>& figures_head() {
  static const std::vector<std::string> head = {
      "",         "paid plays",        "not paid", "observed contacts",
      "of plays", "modelled contacts", "of plays", "plays with neither"};
  return head;
}

}  // namespace vitrine::report
