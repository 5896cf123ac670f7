// Carries frozen batches: publishes them within a window, again after a while, and forgets one only
// on the ingest's signed ack. A PUBACK changes nothing. One thread.
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <string>

#include "mqtt/transport.hpp"
#include "outbox.hpp"
#include "platform/clock.hpp"
#include "protocol/settings.hpp"
#include "protocol/topics.hpp"

namespace vitrine {

struct CourierOptions {
  std::size_t window_bytes = 64 * 1024;  // until an ack grants credit
  Micros resend_base = 10 * kSecond;
  Micros resend_cap = 5 * kMinute;
  Micros resend_least = 2 * kSecond;  // an ack takes a round trip and an fsync at the other end
  // UTC to date acknowledgements; the system clock when nobody hands in a better one.
  std::function<Micros()> utc_us = {};
  // Tests put their own in place of chance.
  std::function<Micros(int attempt, Micros base, Micros cap)> jitter = backoff_with_jitter;
};

class Courier {
 public:
  // `notify(code, text)` hears of what a person should know.
  using Notify = std::function<void(const std::string& code, const std::string& text)>;
  Courier(Outbox& outbox, MqttTransport& transport, const Clock& clock, ScreenId screen,
          Notify notify, CourierOptions options = {});

  // A new link: everything unacknowledged may have been lost with the old one and is due again.
  void link_up();
  // Publishes what is due. `batch_period` parts the live lane from the backlog.
  void tick(Micros batch_period);
  // Bytes from down/ack.
  void receive_ack(ByteView bytes, const Trust& trust);

  std::uint64_t acked() const { return acked_; }
  // From the first sending of the batch acknowledged last to its ack.
  std::optional<Micros> round_trip() const { return round_trip_; }

 private:
  struct Flight {
    std::size_t size = 0;
    int tries = 0;
    Micros next_try = 0;
    Micros first_try = 0;
    std::string topic;
  };
  bool send(std::int64_t id, Flight& flight);
  std::size_t in_flight() const;

  Outbox& outbox_;
  MqttTransport& transport_;
  const Clock& clock_;
  ScreenId screen_;
  DeviceTopics topics_;
  Notify notify_;
  CourierOptions options_;
  std::size_t window_;
  std::map<std::int64_t, Flight> flights_;  // by batch id
  std::uint64_t acked_ = 0;
  std::optional<Micros> round_trip_;
};

}  // namespace vitrine
