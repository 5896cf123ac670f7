#include "backflow/report_page.hpp"

#include <spdlog/fmt/fmt.h>

#include <algorithm>

#include "report/html_text.hpp"
#include "report/page_frame.hpp"
#include "report/svg_charts.hpp"

namespace vitrine {

using namespace report;

namespace {

constexpr std::size_t kMostBars = 12;  // the rest is in the table below them

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

// What of the two methods there is at all: a network without cameras gets no empty columns.
struct Methods {
  bool observed = false, modelled = false;
  explicit Methods(const PlayFigures& all)
      : observed(all.observed.plays > 0), modelled(all.modelled.plays > 0) {}

  std::vector<Part> parts(std::int64_t observed_value, std::int64_t modelled_value) const {
    std::vector<Part> parts;
    if (observed) parts.push_back({Fill::observed, observed_value});
    if (modelled) parts.push_back({Fill::modelled, modelled_value});
    return parts;
  }
  std::string figure(std::int64_t observed_milli, std::int64_t modelled_milli) const {
    if (observed && modelled)
      return from_milli(observed_milli) + " | " + from_milli(modelled_milli);
    return observed ? from_milli(observed_milli) : modelled ? from_milli(modelled_milli) : "-";
  }
};

std::string tile(const std::string& figure, const std::string& words) {
  return "<div class=\"tile\"><b>" + escaped(figure) + "</b><span>" + escaped(words) +
         "</span></div>";
}

// Cells are text and escaped here.
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

// "1 234.50 EUR": exact digits cut to what people pay in.
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

template <class Name>
std::string figures_table(const std::map<std::int64_t, PlayFigures>& lines, Name name) {
  std::vector<std::vector<std::string>> rows;
  for (const auto& [key, figures] : lines) rows.push_back(figures_row(name(key), figures));
  return folded("The figures", table(figures_head(), rows));
}

std::string header(const Report& report) {
  const auto& days = report.delivery.days;
  std::string span;
  if (!days.empty()) span = day_text(days.front().day) + " to " + day_text(days.back().day);
  std::string html = "<header><p class=\"eyebrow\">" + escaped(report.subject) + "</p><h1>" +
                     escaped(report.title) + "</h1><p>" + escaped(report.about) +
                     (report.about.empty() || span.empty() ? "" : " · ") + escaped(span) +
                     "</p><p>As of " + escaped(format_utc(report.made_at_s)) + "</p></header>";
  return html;
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

std::string tiles(const Report& report) {
  const PlayFigures& all = report.plays.all;
  std::string html = "<div class=\"tiles\">";
  html += tile(grouped(all.paid), report.goal && report.goal->unit == DeliveryUnit::plays
                                      ? "paid plays, " + goal_words(report)
                                      : "paid plays of " + grouped(all.rows) + " stored");
  html += tile(from_milli(all.observed.imp_milli),
               "contacts observed, on " + grouped(all.observed.plays) + " plays");
  html += tile(from_milli(all.modelled.imp_milli),
               "contacts modelled, on " + grouped(all.modelled.plays) + " other plays");
  if (!all.amount.empty()) html += tile(amount_text(all), "billable so far");
  if (report.chain.all.scans > 0) {
    html += tile(grouped(report.chain.all.scans), "scans of a code on the glass");
    const auto& orders = report.chain.all.stages[static_cast<std::size_t>(ChainStage::order)];
    html += tile(orders ? grouped(orders->count) : "fewer than 20", "orders that scans led to");
  }
  return html + "</div>";
}

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

// The lines with the most paid plays first.
template <class Name>
std::string bars_card(const Report& report, const std::string& heading,
                      const std::map<std::int64_t, PlayFigures>& lines, Name name,
                      bool in_order = false) {
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

std::string told_count(const std::optional<ChainFigures::Stage>& stage) {
  return stage ? grouped(stage->count) : "hidden";
}

template <class Key, class Name>
std::string chain_table(const std::string& summary, const std::map<Key, ToldFigures>& lines,
                        Name name) {
  std::vector<std::vector<std::string>> rows;
  for (const auto& [key, line] : lines) {
    std::vector<std::string> row = {name(key), grouped(line.scans)};
    for (const auto& stage : line.stages) row.push_back(told_count(stage));
    rows.push_back(std::move(row));
  }
  std::vector<std::string> head = {"", "scans"};
  for (std::size_t i = 0; i < kChainStages; ++i)
    head.emplace_back(name_of(static_cast<ChainStage>(i)));
  return folded(summary, table(head, rows));
}

std::string chain_card(const Report& report) {
  const ToldChain& chain = report.chain;
  if (chain.all.scans == 0 && chain.pending == 0) return {};
  std::vector<Bar> list = {{"scans", {{Fill::plain, chain.all.scans}}, grouped(chain.all.scans)}};
  std::vector<std::vector<std::string>> delays;
  for (std::size_t i = 0; i < kChainStages; ++i) {
    const auto& stage = chain.all.stages[i];
    const std::string name(name_of(static_cast<ChainStage>(i)));
    if (!stage) {
      list.push_back({name, {}, "fewer than 20 persons: hidden", true});
      continue;
    }
    list.push_back({name,
                    {{Fill::plain, stage->count}},
                    grouped(stage->count) + ", " + percent(stage->count, chain.all.scans)});
    if (stage->half_delay_s != kAbsent)
      delays.push_back({name, duration(stage->half_delay_s), duration(stage->most_delay_s)});
  }
  std::string content = bars(list);
  if (chain.all.value) {
    std::vector<std::vector<std::string>> values;
    for (const auto& [currency, value] : *chain.all.value)
      values.push_back({"orders, less returns", money(value.gross_micro, currency_of(currency)),
                        money(value.net_micro, currency_of(currency))});
    if (!values.empty()) content += table({"value", "gross", "net"}, values);
  }
  if (!delays.empty())
    content += table({"after the scan", "half within", "nine in ten within"}, delays);
  content += chain_table("By creative", chain.by_creative, [&](std::int64_t id) {
    return label_of(report.labels.creatives, "Creative", id);
  });
  content += chain_table("By area", chain.by_area, area_name);
  content += chain_table("By hour", chain.by_hour, hour_name);
  content +=
      chain_table("By landing", chain.by_landing, [](const std::string& name) { return name; });
  std::int64_t rejected = 0;
  for (const auto& [cause, count] : chain.rejected) rejected += count;
  std::string note =
      "Linked by the scan's own number and by coupons alone; nothing is estimated. Whatever fewer "
      "than 20 persons stand behind is hidden, and with it what would give it away.";
  if (chain.pending > 0) note += " " + grouped(chain.pending) + " scans wait for their play's row.";
  if (rejected > 0) note += " " + grouped(rejected) + " scans were rejected.";
  return card("From scan to order", content, note);
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

std::string footer(const Report& report) {
  std::string html = "<footer><dl>";
  const auto entry = [&](const char* word, const std::string& text) {
    html += "<dt>" + std::string(word) + "</dt><dd>" + text + "</dd>";
  };
  entry("Paid play",
        "a play whose signed row passed every test of its contract: proof, lit display, length, "
        "file, flight, clock.");
  entry("Contact",
        "in the campaign's currency, average audience or opportunity to see, as agreed. "
        "Observed and modelled contacts are never added up and never scaled up.");
  if (report.plays.all.restated > 0)
    entry("Restated", grouped(report.plays.all.restated) +
                          " plays arrived after their day was closed; they are settled as "
                          "adjustments.");
  if (report.delivery.unknown_day_plays > 0)
    entry("Unknown day", grouped(report.delivery.unknown_day_plays) +
                             " plays of screens that knew no time are in no day above.");
  entry("Not final", "A day closes seven days later; until then it may still grow.");
  return html + "</dl></footer>";
}

}  // namespace

std::map<std::int64_t, DeliveredDay> delivered_days(const PlayReport& plays) {
  std::map<std::int64_t, DeliveredDay> days;
  for (const auto& [day, figures] : plays.by_day) {
    if (figures.paid == 0) continue;
    days[day] = {figures.paid, figures.observed.target_milli, figures.modelled.target_milli,
                 figures.restated > 0};
  }
  return days;
}

std::string report_page(const Report& report) {
  const auto creative = [&](std::int64_t id) {
    return label_of(report.labels.creatives, "Creative", id);
  };
  const auto campaign = [&](std::int64_t id) {
    return id == 0 ? "no campaign" : label_of(report.labels.campaigns, "Campaign", id);
  };
  const auto phase = [](std::int64_t id) {
    return std::string(name_of(static_cast<FlightPhase>(id)));
  };
  std::string body = header(report) + tiles(report) + "<div class=\"cards\">" + plan_card(report) +
                     hour_card(report) +
                     bars_card(report, "By area", report.plays.by_area, area_name);
  if (report.plays.by_campaign.size() > 1)
    body += bars_card(report, "By campaign", report.plays.by_campaign, campaign);
  body += bars_card(report, "By creative", report.plays.by_creative, creative) +
          bars_card(report, "By phase", report.plays.by_phase, phase, true) + group_card(report) +
          chain_card(report) + quality_card(report) + grade_card(report) + cause_card(report) +
          "</div>" + footer(report);
  return page(report.title, body);
}

std::string overview_page(const std::vector<OverviewLine>& campaigns, const PlayReport& network,
                          std::int64_t made_at_s) {
  std::string rows;
  for (const OverviewLine& line : campaigns) {
    const Report& report = *line.report;
    const PlayFigures& all = report.plays.all;
    const auto& days = report.delivery.days;
    rows +=
        "<tr><td><a href=\"" + escaped(line.file) + "\">" + escaped(report.title) +
        "</a><br><small>" + escaped(report.subject) + "</small></td><td>" +
        (days.empty()
             ? "-"
             : escaped(day_text(days.front().day)) + "<br>" + escaped(day_text(days.back().day))) +
        "</td><td>" + grouped(all.paid) + "</td><td>" +
        (report.goal ? escaped(report.goal->unit == DeliveryUnit::plays
                                   ? percent(report.delivery.sum.plays, report.goal->goal)
                                   : percent(report.delivery.sum.observed_target_milli,
                                             1000 * report.goal->goal) +
                                         " | " +
                                         percent(report.delivery.sum.modelled_target_milli,
                                                 1000 * report.goal->goal))
                     : "-") +
        "</td><td>" + from_milli(all.observed.imp_milli) + "</td><td>" +
        from_milli(all.modelled.imp_milli) + "</td><td>" + escaped(amount_text(all)) + "</td></tr>";
  }
  const std::string body =
      "<header><p class=\"eyebrow\">Network</p><h1>Campaigns</h1><p>As of " +
      escaped(format_utc(made_at_s)) + "</p></header><div class=\"tiles\">" +
      tile(grouped(static_cast<std::int64_t>(campaigns.size())), "campaigns with stored plays") +
      tile(grouped(network.all.paid), "paid plays of " + grouped(network.all.rows) + " stored") +
      tile(from_milli(network.all.observed.imp_milli), "contacts observed") +
      tile(from_milli(network.all.modelled.imp_milli), "contacts modelled, on other plays") +
      "</div>" +
      card("All campaigns",
           "<div class=\"scroll\"><table><thead><tr><th scope=\"col\">campaign</th><th "
           "scope=\"col\">days</th><th scope=\"col\">paid plays</th><th scope=\"col\">of the "
           "goal</th><th scope=\"col\">observed contacts</th><th scope=\"col\">modelled "
           "contacts</th><th scope=\"col\">billable</th></tr></thead><tbody>" +
               rows + "</tbody></table></div>",
           "A goal in contacts: observed | modelled. The two are never added up.");
  return page("Campaigns", body);
}

std::string_view words_of(Reason cause) {
  switch (cause) {
    case Reason::bill_grade:
      return "no proof that it was presented";
    case Reason::bill_dark:
      return "the display was dark";
    case Reason::bill_verdict:
      return "shown too short";
    case Reason::bill_hash:
      return "not the approved file";
    case Reason::bill_flight:
      return "outside its flight or daypart";
    case Reason::bill_clock:
      return "perhaps outside: the clock was not sure";
    case Reason::bill_quality:
      return "the time is not known well enough";
    case Reason::bill_kind:
      return "not a sold play";
    case Reason::bill_cutoff:
      return "arrived too late";
    case Reason::bill_duplicate:
      return "counted before";
    default:
      return "another cause";
  }
}

}  // namespace vitrine
