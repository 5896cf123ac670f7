// Asks for the version of the software that the signed settings want, and says of one on trial that
// it plays. The player asks because it has verified the operator's signature itself: telemetry,
// which the network can reach, has no say in what is installed. What is asked is one line in
// run/player/update-wanted; whoever obeys is vitrine-update, as root (docs/updates.md).
#pragma once

#include <functional>
#include <optional>

#include "platform/clock.hpp"
#include "protocol/settings.hpp"
#include "scheduler/known_clock.hpp"
#include "state/update.hpp"

namespace vitrine {

class UpdateWatch {
 public:
  struct Setup {
    const Clock& clock;
    StatePaths paths;
    ScreenId screen;
    const ZoneTable& zone;
    std::function<std::optional<SoftwareOrder>()> wanted;  // by the settings in force
    std::function<KnownClock()> known_clock;
    std::function<std::uint64_t()> plays;  // rows of plays since this process started
    std::function<bool()> dark;            // the panel is off by plan
  };
  // Whether this very process was started on trial is read here: only such a one can confirm.
  explicit UpdateWatch(Setup setup);

  void tick();  // a few times a second

 private:
  void ask(const std::string& line);
  bool may_install_now(const SoftwareOrder& wanted);
  bool plays_well() const;

  Setup setup_;
  std::string on_trial_;  // the version this process was started to prove
  Micros begun_at_;
  Micros next_look_ = 0;
  std::string version_;  // that `not_before_` is of
  Micros not_before_ = 0;
};

}  // namespace vitrine
