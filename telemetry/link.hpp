// Keeps one MQTT link alive: attempts with full jitter, birth and will, subscriptions renewed on
// every connection. No network at start and its loss later are the normal case. One thread.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "mqtt/transport.hpp"
#include "platform/clock.hpp"
#include "protocol/link_state.hpp"
#include "protocol/topics.hpp"

namespace vitrine {

struct LinkOptions {
  ScreenId screen;
  std::vector<std::string> groups;
  std::string software;
  Micros backoff_base = 500 * kMillisecond;
  Micros backoff_cap = 5 * kSecond;
  std::uint32_t will_delay_s = 60;
  std::function<Micros(int attempt, Micros base, Micros cap)> jitter = backoff_with_jitter;
};

class Link {
 public:
  Link(MqttTransport& transport, const Clock& clock, LinkOptions options);

  // Called after birth and subscriptions went out, and for every message.
  void on_connected(std::function<void()> handler) { connected_ = std::move(handler); }
  void on_message(std::function<void(const MqttMessage&)> handler) {
    message_ = std::move(handler);
  }

  void tick();   // starts an attempt when one is due, renews the retained birth once a day
  void leave();  // says offline itself, then disconnects without the will

  std::uint64_t connections() const { return connections_; }
  std::uint64_t nonce() const { return nonce_; }  // of the birth that stands

 private:
  void attempt();
  void up();
  void down(const std::string& reason);
  void publish_birth();
  std::string connection_text(bool online) const;

  MqttTransport& transport_;
  const Clock& clock_;
  LinkOptions options_;
  DeviceTopics topics_;
  std::function<void()> connected_;
  std::function<void(const MqttMessage&)> message_;
  std::uint64_t nonce_ = 0;
  bool trying_ = false;
  int failures_ = 0;
  Micros next_attempt_ = 0;
  Micros up_since_ = 0;
  Micros born_at_ = 0;
  std::uint64_t connections_ = 0;
  std::string last_reason_;
};

}  // namespace vitrine
