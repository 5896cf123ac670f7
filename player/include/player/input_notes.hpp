// What decisions were made from, on record: an input row for every change of an input that is no
// column of the play (docs/contracts.md, "Rows"), so that a past day can be decided again. All of
// it is said anew when a player starts and at the first decision of a local day.
#pragma once

#include <cstdint>
#include <optional>

#include "platform/clock.hpp"
#include "player/recorder.hpp"
#include "scheduler/known_clock.hpp"

namespace vitrine {

struct NotedInputs {
  std::uint64_t generation = 0;
  std::uint64_t takeover = 0;  // version, 0 = none
  KnownClock clock;
  ContentState content;
  std::int64_t pending = 0;  // bits, as in InputKind::pending
};

class InputNotes {
 public:
  // Both are borrowed. `tzdata` is the version of the zone's database.
  InputNotes(const Clock& clock, PlaySink& sink, const std::string& tzdata);

  // Before every decision: what it is made from.
  void note(std::uint64_t decision_seq, std::int64_t local_day, const NotedInputs& now);

 private:
  void restate(std::int64_t why);
  void note_content(const ContentState& before, const ContentState& now);
  void put(InputKind kind, std::int64_t value, const Hash256& content = {});

  const Clock& clock_;
  PlaySink& sink_;
  std::int64_t tzdata_;
  std::uint64_t decision_seq_ = 0;
  std::optional<std::int64_t> local_day_;  // of the last statement of everything
  NotedInputs noted_;
};

}  // namespace vitrine
