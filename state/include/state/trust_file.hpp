// Which trust document holds. Telemetry and player ask the same question of offered/trust/: the
// newest document that the root key signed and that is not below the floor. What is damaged, forged
// or older than what was known before counts as not there, whoever put it there.
#pragma once

#include <optional>
#include <string>

#include "platform/crypto.hpp"
#include "protocol/settings.hpp"
#include "state/generation.hpp"

namespace vitrine {

struct HeldTrust {
  Trust trust;
  DocumentHeader header;
};

// Root signature, schema and floor. Trust documents count once for a screen: a version below the
// highest known for any audience is `stale`.
Result<HeldTrust> check_trust(const std::string& jws, const PublicKey& root,
                              const VersionFloors& floors);

struct TrustFound {
  std::optional<HeldTrust> held;  // the newest that holds
  std::string complaint;          // why a newer one does not, or why there is none; empty = fine
};
TrustFound find_trust(const StatePaths& paths, const PublicKey& root, const VersionFloors& floors);

}  // namespace vitrine
