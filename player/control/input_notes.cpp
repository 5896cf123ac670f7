#include "player/input_notes.hpp"

#include "platform/time_zone.hpp"

namespace vitrine {
namespace {

constexpr std::int64_t kNewDay = 0;
constexpr std::int64_t kStarted = 1;

}  // namespace

InputNotes::InputNotes(const Clock& clock, PlaySink& sink, const std::string& tzdata)
    : clock_(clock), sink_(sink), tzdata_(tzdata_number(tzdata)) {}

void InputNotes::note(std::uint64_t decision_seq, std::int64_t local_day, const NotedInputs& now) {
  decision_seq_ = decision_seq;
  if (!local_day_) {
    restate(kStarted);
  } else if (*local_day_ != local_day) {
    restate(kNewDay);
  }
  local_day_ = local_day;
  if (now.generation != noted_.generation) put(InputKind::generation, column_value(now.generation));
  if (now.takeover != noted_.takeover) put(InputKind::takeover, column_value(now.takeover));
  if (now.clock.trust != noted_.clock.trust)
    put(InputKind::clock_trust, column_value(now.clock.trust));
  if (now.clock.utc_minus_boottime != noted_.clock.utc_minus_boottime)
    put(InputKind::clock_offset, now.clock.utc_minus_boottime);
  if (now.pending != noted_.pending) put(InputKind::pending, now.pending);
  if (now.content != noted_.content) note_content(noted_.content, now.content);
  noted_ = now;
}

void InputNotes::restate(std::int64_t why) {
  put(InputKind::restated, why);
  put(InputKind::tzdata, tzdata_);
  noted_ = {};
}

void InputNotes::note_content(const ContentState& before, const ContentState& now) {
  const auto length = [](const ContentState& state, const Hash256& hash) -> std::int64_t {
    const auto found = state.length_ms.find(hash);
    return found == state.length_ms.end() ? 0 : found->second;
  };
  // Presence ends a quarantine, so one that goes on is said again after it.
  std::set<Hash256> quarantined = before.quarantined;
  for (const Hash256& hash : now.eligible) {
    const bool known = before.eligible.contains(hash) && length(before, hash) == length(now, hash);
    const bool lifted = before.quarantined.contains(hash) && !now.quarantined.contains(hash);
    if (known && !lifted) continue;
    put(InputKind::content_present, length(now, hash), hash);
    quarantined.erase(hash);
  }
  for (const Hash256& hash : before.eligible) {
    if (!now.eligible.contains(hash)) put(InputKind::content_absent, 0, hash);
  }
  for (const Hash256& hash : now.quarantined) {
    if (!quarantined.contains(hash)) put(InputKind::quarantined, 0, hash);
  }
}

void InputNotes::put(InputKind kind, std::int64_t value, const Hash256& content) {
  InputRow row;
  row.decision_seq = decision_seq_;
  row.boot = clock_.boot_id();
  row.at_us = clock_.boottime();
  row.kind = kind;
  row.value = value;
  row.content = content;
  sink_.input(row);
}

}  // namespace vitrine
