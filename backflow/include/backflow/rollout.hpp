// A document that goes out in rings: first to a few screens, further only when those are well. A
// pure core: state, what the screens say, and the time go in, the next state comes out. What is
// retained where follows from it (backflow/desired.hpp).
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "protocol/document.hpp"

namespace vitrine {

// backend.toml, [desired]. The last ring is everybody.
struct RolloutRules {
  std::vector<std::uint32_t> rings = {100};  // percent of the audience's screens, rising to 100
  std::int64_t soak_s = 600;                 // a ring is well for so long before the next one opens
  std::uint32_t most_rejects = 0;            // screens that may refuse it before it stops
  bool in_rings() const { return rings.size() > 1; }
};
// Percent from 1 to 100, each above the one before, the last 100.
Status check_rings(const std::vector<std::uint32_t>& rings);

enum class RolloutStatus { running, stopped, aborted, done };
std::string_view name_of(RolloutStatus status);

struct Rollout {
  DocumentKind kind = DocumentKind::schedule;
  Audience audience;
  std::uint64_t version = 0;
  RolloutRules rules;  // those of its beginning
  std::string pushed_by;
  std::size_t ring = 0;           // the one that is open, from 0
  std::int64_t well_since_s = 0;  // all living screens of the ring confirmed since; 0 = not now
  std::uint32_t forgiven = 0;     // refusals an operator has seen and goes on in spite of
  std::uint64_t last_order = 0;   // version of the last order obeyed; none comes twice
  RolloutStatus status = RolloutStatus::running;
  std::string reason;  // why it is stopped or aborted
};

// A screen of the audience, as the backend knows it.
struct RolloutScreen {
  enum class Stand { behind, confirmed, refused };
  std::string screen;
  bool living = false;  // its link stands
  Stand stand = Stand::behind;
  std::string why;  // of a refusal
};

// The first `percent` of the screens in an order that (screen, version) decides, at least one: not
// the same ones each time, the same ones at each look, and each ring within the next.
std::vector<std::string> screens_of_ring(std::vector<std::string> screens, std::uint64_t version,
                                         std::uint32_t percent);

// Where it stands at `now_s`, given every screen of the audience. A screen without a link counts
// neither way. Running only: any other state stays as it is.
Rollout advance(Rollout rollout, const std::vector<RolloutScreen>& screens, std::int64_t now_s);

// "ring 1 of 3 (1 of 40 screens): 1 confirmed, 0 refused, 0 silent", or what stopped it.
std::string describe(const Rollout& rollout, const std::vector<RolloutScreen>& screens);

// An operator's decisions; an error says why it cannot be.
Status resume(Rollout& rollout, const std::vector<RolloutScreen>& screens);
Status abort(Rollout& rollout, const std::string& by);

// For the archive.
std::string write_rollout(const Rollout& rollout, const std::string& jws);
struct StoredRollout {
  Rollout rollout;
  std::string jws;
};
Result<StoredRollout> read_rollout(const std::string& json);

}  // namespace vitrine
