#include "operator/explain.hpp"

#include <spdlog/fmt/fmt.h>

#include <charconv>

#include "operator/local_clock.hpp"
#include "operator/next.hpp"
#include "operator/screen_state.hpp"

namespace vitrine::op {
namespace {

constexpr std::int64_t kMostAheadMs = 366 * 86'400'000LL;

std::string recorded_text(const Replay::Step& step) {
  const PlayRow& row = *step.row;
  if (!step.difference.empty()) return fmt::format("row {} differs: {}", row.seq, step.difference);
  if (row.kind == PlayKind::miss)
    return fmt::format("row {}: the same, but it was missed", row.seq);
  return fmt::format("row {}: the same{}", row.seq,
                     row.cut_cause == CutCause::none ? "" : ", cut short on the glass");
}

Result<Explanation> of_step(ScreenState& state, Replay& replay, const Replay::Step& step) {
  if (!step.made) {
    return fail(ErrorCode::unavailable, fmt::format("decision {} cannot be made again: {}",
                                                    step.question.decision_seq, step.difference));
  }
  Explanation explanation;
  SlotView& slot = explanation.slot;
  RecordedInputs inputs;
  for (const InputRow& row : state.record().log.inputs) {
    if (row.decision_seq > step.question.decision_seq) break;
    inputs.take(row);
  }
  auto documents = state.documents(inputs.generation, inputs.takeover);
  if (!documents) return std::move(documents).error();
  slot.documents = *documents;
  slot.zone = &state.zone();
  slot.seam = step.question.seam;
  slot.length_ms = step.row->planned_length_us / kMillisecond;
  slot.decision = step.decision;
  slot.rejections = replay.why_not(step);
  slot.standings = replay.standings(step);
  explanation.source = fmt::format("the log of screen {}, made again", state.identity().screen);
  explanation.recorded = recorded_text(step);
  return explanation;
}

// The decision behind a row: its own, or of a ghost the one whose slot it counted for.
Result<Explanation> of_play(ScreenState& state, const std::string& play) {
  const auto no_play = [&](const std::string& why) {
    return fail(ErrorCode::not_found, "--play " + play + ": " + why);
  };
  std::string number = play;
  if (const auto colon = play.find(':'); colon != std::string::npos) {
    const std::string log = fmt::format("{:016x}", state.record().log_id);
    if (play.substr(0, colon) != log)
      return no_play("the log of screen " + state.identity().screen + " is " + log);
    number = play.substr(colon + 1);
  }
  std::uint64_t seq = 0;
  const auto parsed = std::from_chars(number.data(), number.data() + number.size(), seq);
  if (parsed.ec != std::errc() || parsed.ptr != number.data() + number.size())
    return no_play("no row of a log (SEQ or LOGID:SEQ)");
  const auto& plays = state.record().log.plays;
  const PlayRow* row = nullptr;
  for (const PlayRow& candidate : plays) {
    if (candidate.seq == seq) row = &candidate;
  }
  if (row == nullptr)
    return no_play(fmt::format("the log of screen {} has rows {} to {}", state.identity().screen,
                               plays.front().seq, plays.back().seq));
  Replay replay(state.record().log, state.archive(), state.zone());
  Replay::Step step;
  while (replay.next(step)) {
    if (step.question.decision_seq == row->decision_seq) return of_step(state, replay, step);
  }
  return no_play("the play whose slot it belongs to is not in the log");
}

Explanation of_simulation(SimulatedScreen& screen, const SimulatedSlot& slot,
                          const Documents& documents, const ZoneTable& zone, std::string source) {
  Explanation explanation;
  explanation.source = std::move(source);
  explanation.slot = {documents,
                      &zone,
                      {slot.utc_ms * kMillisecond, slot.utc_ms, ClockTrust::trusted},
                      slot.length_ms,
                      slot.decision,
                      screen.why_not(),
                      screen.standings()};
  return explanation;
}

Result<Explanation> simulated_at(SimulatedScreen& screen, std::int64_t at,
                                 const Documents& documents, const ZoneTable& zone,
                                 const std::string& source) {
  for (;;) {
    const SimulatedSlot slot = screen.next();
    if (slot.utc_ms + slot.length_ms <= at) continue;
    if (slot.dark) {
      return fail(ErrorCode::not_found, "at " + moment_text(zone, at) +
                                            " the display is off by plan: nothing is decided");
    }
    return of_simulation(screen, slot, documents, zone, source);
  }
}

// What was on the glass then; where clocks stepped back the later of two.
Result<Explanation> of_past(ScreenState& state, std::int64_t at) {
  Replay replay(state.record().log, state.archive(), state.zone());
  Replay::Step step;
  std::optional<Result<Explanation>> found;
  std::int64_t before = kAbsent;
  while (replay.next(step)) {
    if (step.question.seam.trust == ClockTrust::none) continue;
    const std::int64_t from = step.question.seam.utc_ms;
    const std::int64_t until = from + step.row->planned_length_us / kMillisecond;
    if (from <= at && at < until) found = of_step(state, replay, step);
    if (until <= at) before = until;
  }
  if (found) return *std::move(found);
  const std::string now = moment_text(state.zone(), at);
  if (before == kAbsent)
    return fail(ErrorCode::not_found, now + " is before the first decision on record");
  return fail(ErrorCode::not_found, "nothing was on the glass at " + now +
                                        ": the play before it was over at " +
                                        moment_text(state.zone(), before) +
                                        ", then the screen was off, dark or had nothing to show");
}

Result<Explanation> of_moment(ScreenState& state, const std::string& text) {
  auto at = parse_moment(text, state.zone());
  if (!at) return std::move(at).error().context("--at");
  const std::int64_t end = state.end_utc_ms();
  if (end == kAbsent || *at < end) return of_past(state, *at);
  if (*at > end + kMostAheadMs) {
    return fail(ErrorCode::invalid, "--at " + text + ": the log ends at " +
                                        moment_text(state.zone(), end) +
                                        "; more than a year on is not simulated");
  }
  Documents documents;
  auto screen = screen_after(state, documents);
  if (!screen) return std::move(screen).error();
  return simulated_at(*screen, *at, documents, state.zone(),
                      "a simulation on from the log of screen " + state.identity().screen +
                          ", which ends at " + moment_text(state.zone(), end));
}

std::string written(const Explanation& explanation, bool json) {
  return json ? explanation_json(explanation) : explanation_text(explanation);
}

Result<std::string> explain_state(const ExplainOptions& options, bool json) {
  if (options.at.empty() == options.play.empty())
    return fail(ErrorCode::invalid, "say which slot: --at MOMENT or --play SEQ, one of them");
  auto state = ScreenState::read(options.state);
  if (!state) return std::move(state).error();
  auto explanation =
      options.play.empty() ? of_moment(**state, options.at) : of_play(**state, options.play);
  if (!explanation) return std::move(explanation).error();
  return written(*explanation, json);
}

}  // namespace

Result<std::string> explain(const ExplainOptions& options, bool json) {
  if (!options.state.empty()) return explain_state(options, json);
  if (!options.play.empty())
    return fail(ErrorCode::invalid, "--play " + options.play + " needs --state: whose play?");
  if (options.at.empty()) return fail(ErrorCode::invalid, "say which slot: --at MOMENT");
  auto day = screen_on_day(options, options.at);
  if (!day) return std::move(day).error();
  auto explanation = simulated_at(day->screen, day->at_utc_ms, day->documents->view(), day->zone,
                                  "a simulation of the day up to this slot");
  if (!explanation) return std::move(explanation).error();
  return written(*explanation, json);
}

}  // namespace vitrine::op
