#include "backflow/report_page.hpp"

#include "report/cards.hpp"
#include "report/html_text.hpp"
#include "report/page_frame.hpp"
#include "report/page_parts.hpp"

namespace vitrine {

using namespace report;

namespace {

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
          chain_card(report) + shots_card(report) + quality_card(report) + grade_card(report) +
          cause_card(report) + "</div>" + footer(report);
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
