// Commands that telemetry hands on: looks for new ones, checks each again as it was signed (key,
// screen, this boot), does it once and leaves the answer (state/commands.hpp). One thread, which
// calls tick() a few times a second.
#pragma once

#include <deque>
#include <functional>
#include <map>

#include "platform/clock.hpp"
#include "platform/crypto.hpp"
#include "protocol/settings.hpp"
#include "state/commands.hpp"
#include "state/trust_file.hpp"

namespace vitrine {

class CommandWatch {
 public:
  // Does one verb and says what became of it; done = false with the reason when it cannot.
  struct Outcome {
    bool done = false;
    std::string text;
    Bytes picture = {};  // a JPEG that goes with it; empty: none
  };
  using Act = std::function<Outcome()>;
  struct Setup {
    const Clock& clock;
    StatePaths paths;
    ScreenId screen;
    PublicKey root_key;
    std::map<CommandVerb, Act> acts;  // a verb that is missing is answered "cannot ... yet"
  };
  // Answers an earlier player left count: a command they name is not done again.
  explicit CommandWatch(Setup setup);

  void tick();

 private:
  Outcome obey(const PlayerCommand& command) const;
  Status keep_picture(std::uint64_t number, const Bytes& jpeg);
  Result<Command> check(const std::string& jws) const;

  Setup setup_;
  VersionFloors floors_;
  std::map<std::uint64_t, Hash256> answered_;  // by number
  std::deque<std::uint64_t> pictures_;         // answers that have one, oldest first
};

}  // namespace vitrine
