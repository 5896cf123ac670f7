// The input rows of a log read back: what each decision was made from, and whether the rows can be
// a whole record at all. Pure, as the scheduler is.
#pragma once

#include <string>
#include <vector>

#include "scheduler/known_clock.hpp"

namespace vitrine {

// What the rows so far say.
struct RecordedInputs {
  std::uint64_t generation = 0;
  std::uint64_t takeover = 0;  // version, 0 = none
  KnownClock clock;
  ContentState content;
  std::int64_t pending = 0;  // bits, as in InputKind::pending

  void take(const InputRow& row);
};

// Input rows are in no hash chain. But a player writes them in a fixed order, counts them, says
// everything anew when it starts and on each local day, and says nothing twice: what does not fit
// that was lost or altered.
struct Contradiction {
  std::uint64_t decision_seq = 0;  // the first it bears on
  std::string text;                // one line, naming the row
};
std::vector<Contradiction> contradictions(const std::vector<InputRow>& inputs);

}  // namespace vitrine
