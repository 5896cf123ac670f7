// Five alerts, decided here on the screen from its health figures: those that cost the picture or
// the money. Each is said once when it begins and once when it is over; what begins it is worse
// than what ends it, so that a figure on the edge does not chatter. docs/runbook.md has a line for
// each.
#pragma once

#include <array>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "state/status.hpp"

namespace vitrine {

inline constexpr std::array<std::string_view, 5> kAlertCodes = {"link", "outbox", "storage",
                                                                "picture", "clock"};

class Alerts {
 public:
  using Notify = std::function<void(const std::string& code, const std::string& text)>;
  // `in_force`: what an earlier run of this boot had begun; it is not said a second time.
  Alerts(Notify notify, std::vector<StatusAlert> in_force);

  // One sample; `now` on CLOCK_BOOTTIME. A figure that is absent neither begins nor ends anything.
  void judge(const Figures& figures, Micros now);
  std::vector<StatusAlert> in_force() const;

 private:
  enum class Verdict { bad, good, between };
  struct State {
    bool on = false;
    std::string text;
    Micros since = 0;
    Micros turned = 0;  // since when the other verdict holds; 0 = it does not
  };
  void apply(const std::string& code, Verdict verdict, const std::string& text, Micros now,
             Micros begin_after, Micros end_after);

  Notify notify_;
  std::map<std::string, State> states_;
  std::optional<std::int64_t> dropped_rows_;  // at the last sample
};

}  // namespace vitrine
