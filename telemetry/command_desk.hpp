// Commands on down/cmd: each answers the living birth of this screen and is obeyed once. Telemetry
// does `resend` and `logs` itself; the others are laid before the player as they were signed
// (state/commands.hpp), and its answer goes up. One thread; nothing here waits.
#pragma once

#include <deque>
#include <functional>
#include <map>
#include <set>
#include <string>

#include "platform/clock.hpp"
#include "platform/crypto.hpp"
#include "protocol/settings.hpp"
#include "state/commands.hpp"

namespace vitrine {

// What a command must name: the boot and the nonce of the link that stands.
struct Birth {
  BootId boot;
  std::uint64_t link_nonce = 0;
};

class CommandDesk {
 public:
  struct Setup {
    StatePaths paths;
    ScreenId screen;
    const Clock& clock;
    std::function<Birth()> birth;
    std::function<const Trust&()> trust;
    std::function<std::int64_t()> now_utc_s;  // or kNoClock
    // Sends rows of a log again; what it says of it is the answer.
    std::function<Result<std::string>(Stream, LogId, std::uint64_t first, std::uint64_t last)>
        resend;
    std::function<bool(const std::string& reply)> publish;           // on up/reply; false: not now
    std::function<bool(const Bytes& picture)> publish_picture = {};  // on up/picture, likewise
    Micros patience = kMinute;                                       // for the player's answer
  };
  // Commands an earlier telemetry left before the player are taken away: nobody waits for them.
  explicit CommandDesk(Setup setup);

  void link_up();  // a new birth: what was obeyed on the last link cannot come again
  void receive(const std::string& jws);
  void tick();  // the player's answers, replies that wait for the link

 private:
  struct Waiting {
    Hash256 command{};
    CommandVerb verb = CommandVerb::identify;
    Micros until = 0;
  };
  struct Reply {
    std::string text;
    Bytes picture;  // goes before it; empty: none, or sent already
  };
  Result<Command> check(const std::string& jws) const;
  void obey(const Command& command, const Hash256& hash, const std::string& jws);
  void answer(const Waiting& waiting, const PlayerAnswer& answer);
  void reply(const Hash256& hash, CommandVerb verb, bool done, std::string text,
             Bytes picture = {});
  bool send(Reply& reply);

  Setup setup_;
  std::set<Hash256> obeyed_;                  // on this link
  std::map<std::uint64_t, Waiting> waiting_;  // for the player, by number
  std::deque<Reply> replies_;                 // not sent yet
};

// The last lines of this process and what the other daemons say is wrong with them, at most `most`
// bytes, newest last.
std::string collect_logs(const StatePaths& paths, Micros now, std::size_t most);

}  // namespace vitrine
