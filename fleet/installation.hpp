// What a fleet and its backend find on disk, made by `vitrine-fleet prepare`:
//
//     tls/ca.pem, tls/broker.pem|key, tls/ingest.pem|key, tls/SCREEN.pem|key
//     registry.json           every screen with its certificate's fingerprint and proof key
//     ingest.key, ingest.pub  the key of the acks, id "ingest-1"
//     seed                    what the screens' proof keys are derived from
#pragma once

#include <cstdint>
#include <string>

#include "mqtt/transport.hpp"
#include "platform/crypto.hpp"
#include "protocol/settings.hpp"

namespace vitrine::fleet {

inline constexpr const char* kAckKeyId = "ingest-1";

// "fleet-00001" is the first one, number 0.
ScreenId screen_name(std::size_t number);

class Installation {
 public:
  // Makes everything for that many screens; `directory` is created.
  static Status prepare(const fs::path& directory, std::size_t screens);
  static Result<Installation> open(const fs::path& directory);

  std::size_t screens() const { return screens_; }
  PrivateKey proof_key(const ScreenId& screen) const;
  // With the one key that may sign acks.
  const Trust& trust() const { return trust_; }
  MqttOptions mqtt(const ScreenId& screen, const std::string& host, int port) const;

 private:
  fs::path directory_;
  std::size_t screens_ = 0;
  Hash256 seed_{};
  Trust trust_;
};

}  // namespace vitrine::fleet
