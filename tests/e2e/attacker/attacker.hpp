// A test double of vitrine-telemetry in an attacker's hands: it has telemetry's own files,
// directories and certificate, and what somebody could have stolen or kept from earlier
// (`loot`). It does all the harm that docs/security.md says it cannot do, and prints one line for
// each attempt with the answer it got.
#pragma once

#include <functional>
#include <string>

#include "platform/clock.hpp"
#include "platform/crypto.hpp"
#include "state/paths.hpp"

namespace vitrine::attacker {

struct Attacker {
  StatePaths paths;
  // trust.jws: the trust document before the newest; stolen.key: a key that the newest revokes;
  // older.jws, elsewhere.jws: schedules with a good signature, an old one and another screen's;
  // takeover.jws: one with a single signature.
  fs::path loot;
  DeviceIdentity identity;
  SystemClock clock;
};

std::string loot(const Attacker& attacker, const std::string& name);

// Waits for `holds`, at most so long; false when it never did.
bool wait_for(const Clock& clock, const std::function<bool()>& holds, Micros most);

// "attack NAME: answer", one line on stdout.
void tell(const std::string& name, const std::string& answer);

// Generations, takeovers, commands, content and a clock file that the player must not believe.
Status forge_files(const Attacker& attacker);

// Batches of plays, notices and counts of people that the ingest must not believe, and messages
// on topics that are not this screen's to write.
Status forge_messages(const Attacker& attacker);

}  // namespace vitrine::attacker
