// Which play a screenshot was of. Whoever takes one notes its hash while its play is on the glass;
// the presenting thread puts it into the play's row (`shot`), where it is signed. Thread-safe, and
// holds nobody up.
#pragma once

#include <cstdint>
#include <map>
#include <mutex>

#include "base/bytes.hpp"

namespace vitrine {

class ShotBook {
 public:
  // Presenting thread: the item of this ticket is about to be on the glass; its row will be made
  // from what of() and close() say. Zero: no picture was taken.
  void open(std::uint64_t ticket);
  Hash256 of(std::uint64_t ticket) const;
  Hash256 close(std::uint64_t ticket);

  // Any thread: this is what was on the glass while `ticket` was. False when no row will name it:
  // its play has ended meanwhile, or had a picture already, which stays the one.
  bool note(std::uint64_t ticket, const Hash256& jpeg);

 private:
  mutable std::mutex mutex_;
  std::map<std::uint64_t, Hash256> open_;
};

}  // namespace vitrine
