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
  // Says the birth once more on a link that is up: whoever missed the first may answer this one.
  void announce() { publish_birth(); }
  // Ends a good link and begins the next attempt at once; no will is sent.
  void remake(const std::string& why);

  // Of the link that is up or being tried, and when its newest birth was sent (CLOCK_BOOTTIME).
  std::uint64_t nonce() const { return nonce_; }
  Micros born_at() const { return born_at_; }

  std::uint64_t connections() const { return connections_; }
  // Links lost and attempts that failed, and why the newest of them.
  std::uint64_t losses() const { return losses_; }
  const std::string& last_reason() const { return reason_; }
  // When the link came up, or since when it is down (CLOCK_BOOTTIME).
  Micros changed_at() const { return changed_at_; }

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
  std::uint64_t losses_ = 0;
  Micros changed_at_ = 0;
  std::string reason_;       // of the newest loss, kept while the link is up
  std::string last_reason_;  // as said last
};

}  // namespace vitrine
