// backend.toml: what the programs of the backend are told on their command line by --config.
#pragma once

#include <string>

#include "backflow/rollout.hpp"
#include "backflow/screen_limits.hpp"
#include "base/result.hpp"
#include "mqtt/transport.hpp"
#include "platform/config.hpp"
#include "protocol/registry.hpp"
#include "protocol/settings.hpp"

namespace vitrine {

struct BackendConfig {
  fs::path registry;  // registry.json
  fs::path root_key;  // root.pub
  fs::path trust;     // trust.jws

  // Host, port and CA of [mqtt] with certificate and key of the section [`program`]; the client id
  // is `program`.
  MqttOptions mqtt;

  struct Ingest {
    fs::path sign_key;
    std::string key_id;
    fs::path spool;
    std::string store;  // for open_sql_store()
    // One owner a shard: the screens of these and of no others.
    std::uint32_t first_shard = 0, last_shard = kShards - 1;
    bool owns_all() const { return first_shard == 0 && last_shard == kShards - 1; }
    std::string metrics;  // a loopback address; empty: none
    ScreenLimits::Most most_of_a_screen = {6000, 64u << 20};
    std::int64_t most_ahead_s = 600;
  } ingest;
  struct Desired {
    fs::path archive;
    // The directory screens are served from, for the bodies of references: desired.origin, else
    // bill.origin; empty: none is archived.
    fs::path origin;
    RolloutRules rollout;  // rings, soak_s, most_rejects; without rings everybody at once
  } desired;
};

// `program` is "ingest" or "desired": only the keys it needs have to be there. An error names file
// and key.
Result<BackendConfig> read_backend_config(const fs::path& path, const std::string& program);

// trust.jws checked against the root key.
struct VerifiedTrust {
  Trust trust;
  std::uint64_t version = 0;
};
Result<VerifiedTrust> read_verified_trust(const fs::path& trust, const fs::path& root_key);

}  // namespace vitrine
