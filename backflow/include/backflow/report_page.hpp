// Reports as pages: one self-contained HTML file each, with charts as inline SVG and sampled
// screenshots within. No script, no font and no picture of elsewhere; readable on a telephone, on
// paper, in dark and in light. Whatever came from outside is escaped. Pure.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "backflow/chain.hpp"
#include "backflow/delivery.hpp"
#include "backflow/exposure_table.hpp"
#include "backflow/play_report.hpp"
#include "backflow/sampled_shots.hpp"

namespace vitrine {

// What people call things; an id without one is told as its number.
struct ReportLabels {
  std::map<std::int64_t, std::string> campaigns, creatives;
};

// A campaign, a screen or the network.
struct Report {
  std::string subject;         // "Campaign 41"
  std::string title;           // its label, or the subject again
  std::string about;           // "toothpaste, guaranteed, average audience"; may be empty
  std::int64_t made_at_s = 0;  // UTC
  // What was asked for; kAbsent: no bound.
  std::int64_t first_day = kAbsent, last_day = kAbsent;
  PlayReport plays;
  std::optional<DeliveryGoal> goal;  // of a campaign, where its contract is known
  Delivery delivery;
  ToldChain chain;
  std::optional<GroupSplit> observed_groups, modelled_groups;
  SampledShots shots;
  ReportLabels labels;
};

// Paid plays and target impressions by day, as delivery() takes them.
std::map<std::int64_t, DeliveredDay> delivered_days(const PlayReport& plays);

std::string report_page(const Report& report);

// All campaigns on one page, each a line that links to `file`.
struct OverviewLine {
  std::string file;  // beside the overview
  const Report* report = nullptr;
};
std::string overview_page(const std::vector<OverviewLine>& campaigns, const PlayReport& network,
                          std::int64_t made_at_s);

// "Why a play is not paid", in words for whoever pays.
std::string_view words_of(Reason cause);

}  // namespace vitrine
