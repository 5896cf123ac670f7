#include "operator/next.hpp"

#include <spdlog/fmt/fmt.h>

#include "operator/local_clock.hpp"
#include "operator/simulate.hpp"
#include "operator/slot_words.hpp"
#include "platform/time_zone.hpp"
#include "protocol/json.hpp"

namespace vitrine::op {
namespace {

// A screen that shows nothing for so long has no next slot worth waiting for.
constexpr std::int64_t kMostIdleMs = 8 * 86'400'000LL;
constexpr std::int64_t kMostAheadMs = 366 * 86'400'000LL;

bool shows(const SimulatedSlot& slot) {
  return !slot.dark && slot.decision.playable;
}

// Slots from `from` on; what passes without a picture is one of them, as long as it lasts.
std::vector<NextSlot> collect(SimulatedScreen& screen, std::int64_t from, int count) {
  std::vector<NextSlot> slots;
  for (;;) {
    const SimulatedSlot slot = screen.next();
    if (slot.utc_ms + slot.length_ms <= from) continue;
    const bool goes_on = !slots.empty() && !shows(slot) && !shows(slots.back().slot) &&
                         slot.dark == slots.back().slot.dark;
    if (goes_on) {
      slots.back().length_ms += slot.length_ms;
      if (slots.back().length_ms >= kMostIdleMs) return slots;
      continue;
    }
    if (slots.size() == static_cast<std::size_t>(count)) return slots;
    slots.push_back({slot, slot.length_ms});
  }
}

std::string shortened(const std::string& text, std::size_t most) {
  return text.size() <= most ? text : text.substr(0, most);
}

std::string slots_text(const std::vector<NextSlot>& slots, const Documents& documents,
                       const ZoneTable& zone) {
  std::string text = fmt::format("{:<20}{:>8}  {:<34}{:<34}{:<16}{}\n", zone.name, "s", "creative",
                                 "campaign", "reason", "else");
  for (const NextSlot& next : slots) {
    const Decision& decision = next.slot.decision;
    text += fmt::format("{:<20}{:>8}  ", moment_text(zone, next.slot.utc_ms),
                        fmt::format("{}.{}", next.length_ms / 1'000, next.length_ms / 100 % 10));
    if (!shows(next.slot)) {
      text += next.slot.dark ? "display off\n" : "nothing may be shown\n";
      continue;
    }
    const bool takeover = decision.kind == PlayKind::takeover;
    text += fmt::format(
        "{:<34}{:<34}{:<16}{}\n", shortened(creative_text(documents, decision.creative), 33),
        takeover ? "takeover"
                 : shortened(campaign_text(*documents.schedule, decision.campaign), 33),
        name_of(decision.reason),
        decision.runner_up == 0 ? "-" : creative_text(documents, decision.runner_up));
  }
  return text;
}

std::string slots_json(const std::vector<NextSlot>& slots, const Documents& documents,
                       const ZoneTable& zone) {
  Json::Array array;
  for (const NextSlot& next : slots) {
    const Decision& decision = next.slot.decision;
    Json::Object object{{"utc_ms", next.slot.utc_ms},
                        {"local", moment_text(zone, next.slot.utc_ms)},
                        {"length_ms", next.length_ms},
                        {"dark", next.slot.dark},
                        {"playable", decision.playable}};
    if (shows(next.slot)) {
      const Creative* creative = documents.schedule->creative(decision.creative);
      object.emplace("creative", std::int64_t{decision.creative});
      object.emplace("label", creative == nullptr ? "" : creative->label);
      object.emplace("campaign", std::int64_t{decision.campaign});
      object.emplace("reason", std::string(name_of(decision.reason)));
      object.emplace("runner_up", std::int64_t{decision.runner_up});
    }
    array.emplace_back(std::move(object));
  }
  return write_json(Json::Object{{"zone", zone.name}, {"slots", std::move(array)}}) + "\n";
}

Result<std::string> next_of_state(const NextOptions& options, bool json) {
  auto state = ScreenState::read(options.state);
  if (!state) return std::move(state).error();
  Documents documents;
  auto screen = screen_after(**state, documents);
  if (!screen) return std::move(screen).error();
  const ZoneTable& zone = (*state)->zone();
  std::int64_t from = (*state)->end_utc_ms();
  if (!options.at.empty()) {
    auto at = parse_moment(options.at, zone);
    if (!at) return std::move(at).error().context("--at");
    if (*at < from || *at > from + kMostAheadMs) {
      return fail(ErrorCode::invalid,
                  "--at " + options.at + ": the log ends at " + moment_text(zone, from) +
                      (*at < from ? "; what came before is in it (vitrine explain)"
                                  : "; more than a year on is not simulated"));
    }
    from = *at;
  }
  const auto slots = collect(*screen, from, options.count);
  return json ? slots_json(slots, documents, zone) : slots_text(slots, documents, zone);
}

}  // namespace

Result<SimulatedScreen> screen_after(ScreenState& state, Documents& documents) {
  const RecordedInputs& inputs = state.last_inputs();
  const std::int64_t end = state.end_utc_ms();
  if (end == kAbsent) {
    return fail(ErrorCode::unavailable,
                "the screen knows no time at the end of its log, so what comes next depends on "
                "when it will; nothing was simulated");
  }
  auto in_force = state.documents(inputs.generation, inputs.takeover);
  if (!in_force) return std::move(in_force).error().context("cannot go on from the log");
  documents = *in_force;
  SimulatedScreen screen(documents, state.zone(), end);
  screen.replace(inputs.content);
  // On a clock that reads as UTC does every play stands where it was.
  screen.remember(history_of(state.record().log, BootId{}, {ClockTrust::trusted, 0}, state.zone()));
  return screen;
}

Result<ScreenDay> screen_on_day(const DocumentOptions& options, const std::string& at) {
  auto documents = read_documents(options);
  if (!documents) return std::move(documents).error();
  if ((*documents)->zone.empty()) {
    return fail(ErrorCode::invalid,
                "--at " + at +
                    ": by which clocks? Neither --zone nor a profile says; nothing was "
                    "simulated");
  }
  auto zone = load_zone((*documents)->zone);
  if (!zone) return std::move(zone).error();
  auto moment = parse_moment(at, *zone);
  if (!moment) return std::move(moment).error().context("--at");
  const Documents view = (*documents)->view();
  const LocalTime local = local_time(*zone, floor_div(*moment, 1'000));
  SimulatedScreen screen(view, *zone, begin_of_day(*zone, local.day) * 1'000);
  screen.remember(as_planned_before(view, local.day));
  return ScreenDay{*std::move(documents), *std::move(zone), *moment, std::move(screen)};
}

Result<std::string> next_slots(const NextOptions& options, bool json) {
  if (!options.state.empty()) return next_of_state(options, json);
  if (options.at.empty())
    return fail(ErrorCode::invalid, "a schedule alone has no present: --at says from when on");
  auto day = screen_on_day(options, options.at);
  if (!day) return std::move(day).error();
  const Documents view = day->documents->view();
  const auto slots = collect(day->screen, day->at_utc_ms, options.count);
  return json ? slots_json(slots, view, day->zone) : slots_text(slots, view, day->zone);
}

}  // namespace vitrine::op
