// A generation as the player trusts it: every signature checked again, every document parsed, all
// of them together. Made by the keeper's thread, immutable afterwards, shared by pointer.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "protocol/document.hpp"
#include "protocol/numbers.hpp"
#include "protocol/profile.hpp"
#include "protocol/schedule.hpp"
#include "protocol/settings.hpp"
#include "state/generation.hpp"

namespace vitrine {

struct VersionMark {
  DocumentKind kind = DocumentKind::schedule;
  Audience audience;
  std::uint64_t version = 0;
  bool operator==(const VersionMark&) const = default;
};

struct ActiveDocuments {
  std::uint64_t generation = 0;
  Schedule schedule;
  std::optional<Numbers> numbers;
  std::optional<Profile> profile;
  Settings settings;  // the defaults when the generation brings none
  std::uint64_t schedule_version = 0;
  std::uint64_t numbers_version = 0;
  std::uint64_t profile_version = 0;
  std::vector<VersionMark> marks;     // of every document in it; the floors once it is confirmed
  std::int64_t newest_iat = 0;        // seconds since 1970: no later clock may be earlier than this
  Hash256 digest{};                   // digest_of the generation's files
  std::vector<Hash256> signed_texts;  // SHA-256 of each document as signed
};

struct ActiveTakeover {
  Takeover takeover;
  VersionMark mark;
  std::int64_t issued_at = 0;
};

// Against what documents are checked.
struct DocumentRules {
  const Trust& trust;
  std::int64_t now_utc_s;  // kNoClock: times are not checked
  const DeviceIdentity& identity;
  const VersionFloors& floors;
  const ActiveDocuments* before = nullptr;  // in force now: arms may not change against it, and
                                            // what it holds already does not expire in a new set
  bool confirmed = false;  // the player's own record says that these very documents were
                           // confirmed: their keys are not asked again
};

// Signature, audience (this screen or one of its groups), version floor (an equal version is the
// same document offered again), schema; and that the numbers belong to this very schedule and stay
// within it. The error is one line without the generation's number: "schedule 41: older version, 42
// was confirmed already".
Result<ActiveDocuments> check_documents(const Generation& generation, const DocumentRules& rules);
Result<ActiveTakeover> check_takeover(const std::string& jws, const DocumentRules& rules);

}  // namespace vitrine
