#include <spdlog/fmt/fmt.h>

#include <algorithm>

#include "report/cards.hpp"
#include "report/html_text.hpp"
#include "report/page_frame.hpp"
#include "report/page_parts.hpp"

namespace vitrine::report {

std::string quality_card(const Report& report) {
  const PlayFigures& all = report.plays.all;
  const auto share = [&](std::int64_t plays) {
    return grouped(plays) + " plays, " + percent(plays, all.paid);
  };
  std::vector<Bar> list = {
      {"observed", {{Fill::observed, all.observed.plays}}, share(all.observed.plays)},
      {"modelled", {{Fill::modelled, all.modelled.plays}}, share(all.modelled.plays)},
      {"neither", {{Fill::muted, all.unknown}}, share(all.unknown)}};
  std::vector<std::vector<std::string>> rows;
  for (const auto& [quality, plays] : report.plays.quality)
    rows.push_back({quality == kAbsent ? "no row of a camera"
                                       : std::string(name_of(static_cast<Quality>(quality))),
                    share(plays)});
  return card("How contacts are known", shares(list) + table({"camera's quality", "plays"}, rows),
              "Observed: a camera counted people and saw at least nine tenths of the play. "
              "Modelled: from the profile of the screen's area, for the whole play.");
}

std::string grade_card(const Report& report) {
  std::vector<Bar> list;
  for (const Grade grade : {Grade::panel_confirmed, Grade::scanned_out, Grade::presented}) {
    const auto found = report.plays.grades.find(static_cast<std::int64_t>(grade));
    const std::int64_t plays = found == report.plays.grades.end() ? 0 : found->second;
    list.push_back({std::string(name_of(grade)),
                    {{Fill::plain, plays}},
                    grouped(plays) + " plays, " + percent(plays, report.plays.all.paid)});
  }
  return card("Proof of play", shares(list),
              "Presented: the player flipped every picture onto its output. Scanned-out: the "
              "display hardware's own count went on with them. Panel-confirmed: the panel itself "
              "said that it was lit. Each row is signed by its screen.");
}

std::string cause_card(const Report& report) {
  std::vector<Bar> list;
  std::int64_t rejected = 0;
  for (const auto& [cause, plays] : report.plays.causes) {
    if (cause == 0) continue;
    rejected += plays;
    list.push_back({std::string(words_of(static_cast<Reason>(cause))),
                    {{Fill::muted, plays}},
                    grouped(plays)});
  }
  std::stable_sort(list.begin(), list.end(), [](const Bar& one, const Bar& other) {
    return one.parts[0].value > other.parts[0].value;
  });
  const std::string sum = fmt::format("{} paid and {} not paid are all {} stored plays.",
                                      grouped(report.plays.all.paid), grouped(rejected),
                                      grouped(report.plays.all.rows));
  return card("Not paid, by cause", list.empty() ? "<p>Every stored play is paid.</p>" : bars(list),
              escaped(sum));
}

}  // namespace vitrine::report
