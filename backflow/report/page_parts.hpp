// What the cards of a report are put together from. Whatever comes from outside is escaped here.
#pragma once

#include "backflow/report_page.hpp"
#include "report/svg_charts.hpp"

namespace vitrine::report {

std::string label_of(const std::map<std::int64_t, std::string>& labels, std::string_view what,
                     std::int64_t id);
std::string area_name(std::int64_t area);
std::string hour_name(std::int64_t hour);
std::string currency_of(const std::string& currency);
std::int64_t whole(std::int64_t milli);  // thousandths as units, rounded

// What of the two methods there is at all: a network without cameras gets no empty columns.
struct Methods {
  bool observed = false, modelled = false;
  explicit Methods(const PlayFigures& all)
      : observed(all.observed.plays > 0), modelled(all.modelled.plays > 0) {}

  std::vector<Part> parts(std::int64_t observed_value, std::int64_t modelled_value) const;
  std::string figure(std::int64_t observed_milli, std::int64_t modelled_milli) const;
};

std::string tile(const std::string& figure, const std::string& words);
// Cells are text.
std::string table(const std::vector<std::string>& head,
                  const std::vector<std::vector<std::string>>& rows);
// Opened by a click; `content` is HTML.
std::string folded(const std::string& summary, const std::string& content);
// "1 234.50 EUR": exact digits cut to what people pay in.
std::string amount_text(const PlayFigures& figures);
std::string goal_words(const Report& report);  // of a report with a goal

// A line of figures_head() for whatever `name` is.
std::vector<std::string> figures_row(std::string name, const PlayFigures& figures);
const std::vector<std::string>& figures_head();
template <class Name>
std::string figures_table(const std::map<std::int64_t, PlayFigures>& lines, Name name) {
  std::vector<std::vector<std::string>> rows;
  for (const auto& [key, figures] : lines) rows.push_back(figures_row(name(key), figures));
  return folded("The figures", table(figures_head(), rows));
}

}  // namespace vitrine::report
