// Keeps one MQTT link alive: attempts with full jitter, birth and will, subscriptions renewed on
// every connection. No network at start and its loss later are the normal case. One thread.
#pragma once

#include <deque>
#include <functional>
#include <map>
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
  // No wait is longer than a tenth of the time the link has been away, within these two: a short
  // loss is over soon, and after a long one a whole network does not come back in one second.
  Micros backoff_cap = 5 * kSecond;
  Micros backoff_cap_long = 15 * kMinute;
  std::uint32_t will_delay_s = 60;
  std::function<Micros(int attempt, Micros base, Micros cap)> jitter = backoff_with_jitter;
};

class Link {
 public:
  Link(MqttTransport& transport, const Clock& clock, LinkOptions options);

  // Called after birth and subscriptions went out, and for every message.
  void on_connected(std::function<void()> handler) { connected_ = std::move(handler); }
  // Hears of what a person should know.
  void on_notice(std::function<void(const std::string& code, const std::string& text)> handler) {
    notice_ = std::move(handler);
  }
  void on_message(std::function<void(const MqttMessage&)> handler) {
    message_ = std::move(handler);
  }

  void tick();  // starts an attempt when one is due, renews the retained birth once a day
  // Ends the link, if there is one, and begins the next attempt at once; no will is sent.
  void restart(const std::string& why);
  void leave();  // says offline itself, then disconnects without the will
  // Says the birth once more on a link that is up: whoever missed the first may answer this one.
  void announce() { publish_birth(); }

  // Of the link that is up or being tried, and when its newest birth was sent (CLOCK_BOOTTIME).
  std::uint64_t nonce() const { return nonce_; }
  Micros born_at() const { return born_at_; }

  std::uint64_t connections() const { return connections_; }
  // Links lost and attempts that failed, and why the newest of them.
  std::uint64_t losses() const { return losses_; }
  const std::string& last_reason() const { return reason_; }
  // When the link came up, or since when it is down (CLOCK_BOOTTIME).
  Micros changed_at() const { return changed_at_; }
  // Another device has our certificate: both are thrown out by turns, so this one holds back.
  bool identity_twice() const { return identity_twice_; }

 private:
  void attempt();
  void up();
  void down(const std::string& reason);
  void heard_connection(const MqttMessage& message);
  Micros wait_after_loss(Micros now);
  void publish_birth();
  std::string connection_text(bool online) const;

  MqttTransport& transport_;
  const Clock& clock_;
  LinkOptions options_;
  DeviceTopics topics_;
  std::function<void()> connected_;
  std::function<void(const MqttMessage&)> message_;
  std::function<void(const std::string& code, const std::string& text)> notice_;
  std::uint64_t nonce_ = 0;
  bool trying_ = false;
  int failures_ = 0;
  Micros next_attempt_ = 0;
  Micros away_since_ = 0;
  bool away_ = false;
  std::deque<std::uint64_t> own_nonces_;
  std::map<std::uint64_t, Micros> foreign_;  // nonces of somebody else's links, of the last minute
  bool identity_twice_ = false;
  Micros up_since_ = 0;
  Micros born_at_ = 0;
  std::uint64_t connections_ = 0;
  std::uint64_t losses_ = 0;
  Micros changed_at_ = 0;
  std::string reason_;       // of the newest loss, kept while the link is up
  std::string last_reason_;  // as said last
};

}  // namespace vitrine
