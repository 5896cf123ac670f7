// Sharing a sequence by integer weights. Progress is kept on a common scale, what a member had
// divided by its weight; a turn goes to the member whose next turn would be complete first, among
// those not ahead of the others (Tijdeman 1980, in the earliest-deadline form): while all take
// part, every prefix gives each member less than one turn more or less than its share.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

namespace vitrine {

struct ShareMember {
  std::uint32_t id = 0;     // ties go to the lower one
  std::int64_t weight = 1;  // 1..10000
  std::int64_t turn = 1;    // what its next turn gives: 1, or milliseconds up to a day
  std::int64_t before = 0;  // what it had before the race, in the same unit
};

class ShareRace {
 public:
  // The race begins with everybody less than a turn behind the foremost: what lies further back was
  // lost to times when a member could not take part. `by_time`: turns are milliseconds.
  ShareRace() = default;
  ShareRace(std::vector<ShareMember> members, bool by_time);

  // A member has had a turn of `amount`. Who could not take part catches up at most three turns:
  // what was lost to closed hours is not paid back in a burst.
  void turn(std::size_t member, std::int64_t amount);

  // Whose turn it is among those that may have it now (places of members). nullopt: nobody may.
  std::optional<std::size_t> next(const std::vector<std::size_t>& allowed) const;

 private:
  struct Runner {
    std::uint32_t id = 0;
    std::int64_t weight = 1;
    std::int64_t next = 1;  // what its next turn gives
    std::int64_t had = 0;   // in the race
    // On the common scale:
    std::int64_t start = 0;
    std::int64_t at = 0;    // start + had
    std::int64_t turn = 0;  // to where its next turn would bring it
  };
  std::int64_t scaled(std::int64_t amount, std::int64_t weight) const {
    return (amount << shift_) / weight;
  }
  void place(Runner& runner) const;  // after a change of `had` or `start`
  // Where it stands, caught up, from the foremost beginning of a turn so far.
  std::int64_t standing(const Runner& runner) const;

  std::vector<Runner> runners_;
  std::int64_t foremost_ = 0;
  int shift_ = 0;
};

}  // namespace vitrine
