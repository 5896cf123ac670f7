// Signed time for screens: the answer to a birth, and to nothing else. A screen whose clock nobody
// set learns the time from it within one round trip.
#pragma once

#include <functional>
#include <map>
#include <optional>

#include "backflow/ingest.hpp"
#include "backflow/registry_file.hpp"
#include "mqtt/transport.hpp"
#include "platform/clock.hpp"

namespace vitrine {

class Beacons {
 public:
  struct Options {
    fs::path registry;
    std::string key_id;
    PrivateKey sign_key;
    // A server that is not sure of the time itself says nothing.
    std::function<Result<KernelTimeState>()> kernel_time = read_kernel_time_state;
  };
  Beacons(Options options, const Clock& clock);

  // The beacon for a birth on state/conn, and where to publish it. Nothing for wills and offline
  // words, for births that were retained (they are old), for screens that are unknown or revoked,
  // for a screen that was answered a moment ago, and while this server's clock is not synchronised.
  std::optional<OutgoingAck> answer(const MqttMessage& message);

 private:
  bool sure_of_time();

  Options options_;
  const Clock& clock_;
  RegistryFile registry_;
  std::map<ScreenId, Micros> answered_at_;  // CLOCK_BOOTTIME; registered screens only
  bool was_sure_ = true;
};

}  // namespace vitrine
