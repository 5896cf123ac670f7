// Which screens exist (docs/contracts.md, "Registry"): written by enrolment, read by ingest,
// desired and report.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include "base/ids.hpp"

namespace vitrine {

struct RegisteredScreen {
  ScreenId screen;
  AreaId area = 0;
  std::string zone;  // IANA
  std::vector<std::string> groups;
  std::uint32_t shard = 0;                   // 0..63
  std::string certificate_sha256;            // of the DER, hex; empty until enrolled
  std::array<std::uint8_t, 32> proof_key{};  // Ed25519, verifies the play chain
  std::int64_t valid_from = 0;
  std::int64_t valid_until = 0;
  bool revoked = false;
};

struct Registry {
  std::vector<RegisteredScreen> screens;
  const RegisteredScreen* find(const ScreenId& screen) const;
};

inline constexpr std::uint32_t kShards = 64;
// FNV-1a of the screen id modulo 64: fixed for ever, because topics hold it.
std::uint32_t shard_of(const ScreenId& screen);

}  // namespace vitrine
