// Sharing a sequence by integer weights so that on every prefix each member is less than one step
// from its share.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

namespace vitrine {

struct ShareMember {
  std::uint32_t id = 0;     // ties go to the lower one
  std::int64_t weight = 1;  // >= 1
  std::int64_t before = 0;  // what it had before the turns below: plays, or milliseconds
  std::int64_t step = 1;    // what the next turn would give it, in the same unit
  bool allowed = true;      // false: counts as a member but may not be chosen now
};

struct ShareTurn {
  std::size_t member = 0;
  std::int64_t amount = 1;
};

// The member whose next turn is due first among those not ahead of their share (Tijdeman 1980, in
// the earliest-deadline form): |had - share| < 1 step for all, if all are always allowed. A member
// that joined late or was kept out catches up at most three turns: what was lost to closed hours is
// not paid back in a burst. `turns` is the known end of the sequence, oldest first. nullopt: nobody
// is allowed.
std::optional<std::size_t> most_behind(std::vector<ShareMember> members,
                                       const std::vector<ShareTurn>& turns = {});

}  // namespace vitrine
