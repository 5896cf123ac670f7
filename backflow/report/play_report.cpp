#include "backflow/play_report.hpp"

#include "billing/money.hpp"

namespace vitrine {

namespace {

// Figures with their money still in numbers.
struct Tally {
  PlayFigures figures;
  std::map<std::string, billing::Money> amount;

  void add(const PlaySum& sum) {
    const std::int64_t plays = sum.contacts.plays;
    figures.rows += plays;
    if (sum.cause != 0) return;
    figures.paid += plays;
    if (sum.restated) figures.restated += plays;
    if (sum.observed == 1) {
      figures.observed += sum.contacts;
    } else if (sum.observed == 0) {
      figures.modelled += sum.contacts;
    } else {
      figures.unknown += plays;
    }
    if (!sum.currency.empty()) amount[sum.currency].add(sum.amount_pico);
  }

  PlayFigures finish() {
    for (const auto& [currency, money] : amount) figures.amount[currency] = money.text();
    return std::move(figures);
  }
};

using Tallies = std::map<std::int64_t, Tally>;

std::map<std::int64_t, PlayFigures> finished(Tallies& tallies) {
  std::map<std::int64_t, PlayFigures> figures;
  for (auto& [key, tally] : tallies) figures.emplace(key, tally.finish());
  return figures;
}

}  // namespace

struct PlayReportMaker::Sums {
  Tally all;
  Tallies by_day, by_hour, by_area, by_campaign, by_creative, by_phase;
  PlayReport report;
};

PlayReportMaker::PlayReportMaker() : sums_(std::make_unique<Sums>()) {}
PlayReportMaker::~PlayReportMaker() = default;

void PlayReportMaker::add(const PlaySum& sum) {
  PlayReport& report = sums_->report;
  report.kinds[sum.kind] += sum.contacts.plays;
  const auto kind = static_cast<PlayKind>(sum.kind);
  if (kind != PlayKind::play && kind != PlayKind::lease) return;
  report.causes[sum.cause] += sum.contacts.plays;
  if (sum.cause == 0) {
    report.grades[sum.grade] += sum.contacts.plays;
    report.quality[sum.quality] += sum.contacts.plays;
  }
  sums_->all.add(sum);
  sums_->by_day[sum.day].add(sum);
  sums_->by_hour[sum.hour].add(sum);
  sums_->by_area[sum.area].add(sum);
  sums_->by_campaign[sum.campaign].add(sum);
  sums_->by_creative[sum.creative].add(sum);
  sums_->by_phase[sum.phase].add(sum);
}

PlayReport PlayReportMaker::finish() {
  PlayReport report = std::move(sums_->report);
  report.all = sums_->all.finish();
  report.by_day = finished(sums_->by_day);
  report.by_hour = finished(sums_->by_hour);
  report.by_area = finished(sums_->by_area);
  report.by_campaign = finished(sums_->by_campaign);
  report.by_creative = finished(sums_->by_creative);
  report.by_phase = finished(sums_->by_phase);
  sums_ = std::make_unique<Sums>();
  return report;
}

std::string_view name_of(FlightPhase phase) {
  switch (phase) {
    case FlightPhase::prepare:
      return "prepare";
    case FlightPhase::warm_up:
      return "warm-up";
    case FlightPhase::launch:
      return "launch";
    case FlightPhase::burst:
      return "burst";
  }
  return "unknown";
}

std::string_view name_of(PlayKind kind) {
  switch (kind) {
    case PlayKind::play:
      return "play";
    case PlayKind::ghost:
      return "ghost";
    case PlayKind::miss:
      return "miss";
    case PlayKind::takeover:
      return "takeover";
    case PlayKind::house:
      return "house";
    case PlayKind::lease:
      return "lease";
  }
  return "unknown";
}

std::string_view name_of(Grade grade) {
  switch (grade) {
    case Grade::scheduled:
      return "scheduled";
    case Grade::presented:
      return "presented";
    case Grade::scanned_out:
      return "scanned-out";
    case Grade::panel_confirmed:
      return "panel-confirmed";
  }
  return "unknown";
}

std::string_view name_of(Quality quality) {
  switch (quality) {
    case Quality::none:
      return "none";
    case Quality::flow:
      return "flow";
    case Quality::people:
      return "people";
  }
  return "unknown";
}

}  // namespace vitrine
