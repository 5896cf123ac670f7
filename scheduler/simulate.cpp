#include "scheduler/simulate.hpp"

#include <algorithm>

#include "calendar.hpp"
#include "candidates.hpp"

namespace vitrine {
namespace {

constexpr std::int64_t kIdleMs = 1'000;
constexpr std::int64_t kMinuteMs = 60'000;
// Rules look back an hour at the most, and one that the clocks repeat is two hours long.
constexpr Micros kRemembered = 2 * kHour;

void take_all(const Schedule& schedule, ContentState& content) {
  for (const Creative& creative : schedule.creatives) {
    for (const Variant& variant : creative.variants) content.eligible.insert(variant.content);
  }
}

}  // namespace

SimulatedScreen::SimulatedScreen(const Documents& documents, const ZoneTable& zone,
                                 std::int64_t from_utc_ms)
    : utc_ms_(from_utc_ms) {
  input_.documents = documents;
  input_.zone = zone;
  take_all(*documents.schedule, input_.content);
}

SimulatedSlot SimulatedScreen::next() {
  SimulatedSlot slot;
  slot.utc_ms = utc_ms_;
  const std::int64_t utc_s = utc_ms_ / 1'000;
  const LocalTime local = local_time(input_.zone, utc_s);
  slot.local_day = local.day;
  slot.local_hour = local.second / 3'600;
  slot.hour_of_week = local.hour_of_week();
  if (!lit(utc_s)) {
    slot.dark = true;
    slot.length_ms = kMinuteMs - utc_ms_ % kMinuteMs;
    utc_ms_ += slot.length_ms;
    return slot;
  }
  // The boot clock runs beside UTC: nothing here suspends or steps.
  input_.seam = {utc_ms_ * kMillisecond, utc_s, ClockTrust::trusted};
  ++input_.decision_seq;
  slot.decision = decide(input_);
  slot.length_ms = slot.decision.length_ms != 0 ? slot.decision.length_ms : kNominalLengthMs;
  if (!slot.decision.playable) slot.length_ms = kIdleMs;
  for (const Ghost& ghost : slot.decision.ghosts)
    remember(ghost.campaign, ghost.creative, slot, true);
  if (slot.decision.playable) {
    remember(slot.decision.campaign, slot.decision.creative, slot, false);
  }
  utc_ms_ += slot.length_ms;
  return slot;
}

void SimulatedScreen::replace(const Documents& documents) {
  input_.documents = documents;
}

void SimulatedScreen::replace(ContentState content) {
  input_.content = std::move(content);
}

void SimulatedScreen::power_off(std::int64_t length_ms) {
  utc_ms_ += length_ms;
}

bool SimulatedScreen::lit(std::int64_t utc_s) const {
  const Settings* settings = input_.documents.settings;
  if (settings == nullptr || settings->display_hours.empty()) return true;
  return !daypart_days(settings->display_hours, local_time(input_.zone, utc_s)).empty();
}

void SimulatedScreen::remember(CampaignId campaign, CreativeId creative, const SimulatedSlot& slot,
                               bool ghost) {
  History& history = input_.history;
  const auto remembered = std::find_if(
      history.recent.begin(), history.recent.end(),
      [&](const HistoryPlay& play) { return play.started > utc_ms_ * kMillisecond - kRemembered; });
  history.recent.erase(history.recent.begin(), remembered);
  history.recent.push_back(
      {campaign, creative, utc_ms_ * kMillisecond, slot.local_day, slot.local_hour, ghost});
  const auto same = [&](const History::Tally& entry) {
    return entry.campaign == campaign && entry.creative == creative &&
           entry.local_day == slot.local_day;
  };
  // The newest day stands last.
  const auto found = std::find_if(history.tally.rbegin(), history.tally.rend(), same);
  if (found != history.tally.rend()) {
    ++found->plays;
  } else {
    history.tally.push_back({campaign, creative, slot.local_day, 1});
  }
}

}  // namespace vitrine
