// What a screen says of itself on `state/conn` and `state/reported` (docs/contracts.md, "Topics").
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/ids.hpp"

namespace vitrine {

// The birth, and (online = false) the will of the same link.
struct Connection {
  bool online = false;
  BootId boot;
  std::uint64_t link_nonce = 0;
  std::string software;  // version
  // Set when another device uses the same certificate (telemetry/link.hpp).
  std::optional<bool> identity_twice;
};

// How far a document came. `refused` documents stay listed until a newer version of their kind
// arrives.
enum class ApplyState { received, verified, content, offered, active, confirmed, refused };

struct ReportedDocument {
  std::string kind;
  std::string audience;
  std::uint64_t version = 0;
  ApplyState state = ApplyState::received;
  std::string error;  // the one clear line, when refused
  // A schedule whose creatives are on their way: their bytes, and how many of them are here.
  std::optional<std::uint64_t> content_bytes;
  std::optional<std::uint64_t> content_done;
};

struct ReportedCreative {
  std::string sha256;
  bool eligible = false;
  std::string error;
};

struct Reported {
  std::uint64_t generation_offered = 0;
  std::uint64_t generation_active = 0;
  std::uint64_t generation_confirmed = 0;
  std::vector<ReportedDocument> documents;
  std::vector<ReportedCreative> rejected_creatives;
};

}  // namespace vitrine
