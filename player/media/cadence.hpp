// Which vblank belongs to which moment of an item, and the counts of docs/contracts.md, "Rows":
// due, shown, dropped, repeated. Pure but for the output's vblank table.
#pragma once

#include <algorithm>

#include "base/math.hpp"
#include "player/output.hpp"
#include "player/programme.hpp"

namespace vitrine {

class Cadence {
 public:
  explicit Cadence(const Output& output)
      : output_(output), slack_(std::min<Micros>(kMillisecond, output.vblank_period() / 4)) {}

  // Container times are rounded (Matroska: to milliseconds), so a vblank that is early by less than
  // this counts as on time.
  Micros vblank_for(Micros moment) const { return output_.vblank_at_or_after(moment - slack_); }
  Micros target_for(Micros moment) const { return moment - slack_; }
  // The interval [from, until) of a source frame holds a vblank.
  bool holds_vblank(Micros from, Micros until) const { return vblank_for(from) < until - slack_; }
  bool later_than(Micros flip, Micros ideal) const {
    return flip > ideal + output_.vblank_period() / 2;
  }

 private:
  const Output& output_;
  Micros slack_;
};

}  // namespace vitrine
