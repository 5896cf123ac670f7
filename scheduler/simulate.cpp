#include "scheduler/simulate.hpp"

#include <algorithm>

#include "calendar.hpp"
#include "compiled_schedule.hpp"

namespace vitrine {
namespace {

constexpr std::int64_t kIdleMs = 1'000;
constexpr std::int64_t kMinuteMs = 60'000;

ContentState all_of(const Schedule& schedule) {
  ContentState content;
  for (const Creative& creative : schedule.creatives) {
    for (const Variant& variant : creative.variants) content.eligible.insert(variant.content);
  }
  return content;
}

}  // namespace

SimulatedScreen::SimulatedScreen(const Documents& documents, const ZoneTable& zone,
                                 std::int64_t from_utc_ms)
    : scheduler_(zone), documents_(documents), zone_(zone), utc_ms_(from_utc_ms) {
  scheduler_.use(documents);
  scheduler_.use(all_of(*documents.schedule));
}

SimulatedSlot SimulatedScreen::next() {
  count_last();
  SimulatedSlot slot;
  slot.utc_ms = utc_ms_;
  const std::int64_t utc_s = floor_div(utc_ms_, 1'000);
  const LocalTime local = local_time(zone_, utc_s);
  slot.local_day = local.day;
  slot.local_hour = local.second / 3'600;
  slot.hour_of_week = local.hour_of_week();
  if (!lit(local)) {
    slot.dark = true;
    slot.length_ms = kMinuteMs - utc_ms_ % kMinuteMs;
    utc_ms_ += slot.length_ms;
    return slot;
  }
  question_.seam = {utc_ms_ * kMillisecond, utc_ms_, ClockTrust::trusted};
  ++question_.decision_seq;
  slot.decision = scheduler_.decide(question_);
  slot.length_ms = whole_length_ms(slot.decision);
  if (slot.decision.most_ms != 0) {
    slot.length_ms = std::min<std::int64_t>(slot.length_ms, slot.decision.most_ms);
  }
  if (!slot.decision.playable) slot.length_ms = kIdleMs;
  utc_ms_ += slot.length_ms;
  last_ = slot;
  return slot;
}

std::vector<Rejection> SimulatedScreen::why_not() {
  return scheduler_.why_not(question_, last_.decision);
}

Standings SimulatedScreen::standings() {
  return scheduler_.standings(question_);
}

void SimulatedScreen::replace(const Documents& documents) {
  documents_ = documents;
  scheduler_.use(documents);
}

void SimulatedScreen::replace(ContentState content) {
  length_ms_ = content.length_ms;
  scheduler_.use(std::move(content));
}

void SimulatedScreen::power_off(std::int64_t length_ms) {
  utc_ms_ += length_ms;
}

void SimulatedScreen::remember(const History& history) {
  scheduler_.remember(history);
}

bool SimulatedScreen::lit(const LocalTime& local) const {
  const Settings* settings = documents_.settings;
  if (settings == nullptr || settings->display_hours.empty()) return true;
  return !daypart_days(settings->display_hours, local).empty();
}

std::int64_t SimulatedScreen::whole_length_ms(const Decision& decision) const {
  if (decision.length_ms != 0) return decision.length_ms;
  const auto measured = length_ms_.find(decision.content);
  return measured == length_ms_.end() ? kNominalLengthMs : std::int64_t{measured->second};
}

void SimulatedScreen::count_last() {
  const Decision& decision = last_.decision;
  if (!decision.playable) return;
  HistoryPlay play;
  play.started = last_.utc_ms * kMillisecond;
  play.local_day = last_.local_day;
  play.local_hour = last_.local_hour;
  for (const Ghost& ghost : decision.ghosts) {
    play.campaign = ghost.campaign;
    play.creative = ghost.creative;
    play.ghost = true;
    scheduler_.count(play);
  }
  play.campaign = decision.campaign;
  play.creative = decision.creative;
  play.ghost = false;
  scheduler_.count(play);
  last_.decision = {};
}

}  // namespace vitrine
