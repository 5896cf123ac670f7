// Carries frozen batches: publishes them within a window, again after a while, and forgets one only
// on the ingest's signed ack. A PUBACK changes nothing. One thread.
//
// A link keeps its order. A batch sent after the one that was acknowledged last still stands in the
// queue of a slow link and is not sent again as long as acks come.
//
// The window is counted in bytes: what the ingest's last ack granted, and never more than
// `most_in_flight`, because what is published stands in one queue before a slow link and a live
// batch stands behind it. Credit 0 is a full ingest: nothing is sent but one batch now and then, to
// hear whether it has room again.
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "mqtt/transport.hpp"
#include "outbox.hpp"
#include "platform/clock.hpp"
#include "protocol/envelope.hpp"
#include "protocol/settings.hpp"
#include "protocol/topics.hpp"
#include "protocol/wire.hpp"

namespace vitrine {

struct CourierOptions {
  std::size_t window_bytes = 64 * 1024;  // until an ack grants credit
  // At 1 Mbit/s half a second of queue, and more than twice what a round trip of 200 ms holds.
  std::size_t most_in_flight = 64 * 1024;
  Micros resend_base = 10 * kSecond;
  Micros resend_cap = 5 * kMinute;
  Micros resend_least = 2 * kSecond;  // an ack takes a round trip and an fsync at the other end
  // Leave out the content hashes of creatives whose batches this ingest acknowledged as stored.
  bool leave_out_hashes = false;
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

  // A new link, or a new outbox: everything unacknowledged may have been lost and is due again.
  void link_up();
  // Publishes what is due. `batch_period` parts the live lane from the backlog.
  void tick(Micros batch_period);
  // Bytes from down/ack. `now_utc_s` may be kNoClock: then the times of the key are not checked.
  void receive_ack(ByteView bytes, const Trust& trust, std::int64_t now_utc_s = kNoClock);

  std::uint64_t acked() const { return acked_; }
  // From the first sending of the batch acknowledged last to its ack.
  std::optional<Micros> round_trip() const { return round_trip_; }

 private:
  struct Flight {
    BatchKey key;
    std::size_t size = 0;
    int tries = 0;
    Micros next_try = 0;
    Micros first_try = 0;
    std::uint64_t turn = 0;  // of the newest sending, counted over all batches
    std::string topic;
  };
  enum class Sent { yes, gone, blocked };
  Sent send(std::int64_t id, Flight& flight);
  bool launch(const FrozenBatch& batch);
  void probe(Micros batch_period);
  void note_all(const std::vector<BatchAck>& acks);
  void note(const BatchAck& ack, bool again);
  void send_whole(const BatchKey& key);
  std::size_t in_flight() const;
  bool still_queued(const Flight& flight) const;

  Outbox& outbox_;
  MqttTransport& transport_;
  const Clock& clock_;
  ScreenId screen_;
  DeviceTopics topics_;
  Notify notify_;
  CourierOptions options_;
  std::size_t window_;
  int probes_ = 0;  // since the credit ran out
  Micros next_probe_ = 0;
  std::map<std::int64_t, Flight> flights_;  // by batch id
  ContentOf contents_;                      // what the ingest knows of creatives
  std::vector<BatchAck> unnoted_;           // acks a full disk had no room for
  std::uint64_t acked_ = 0;
  std::optional<Micros> round_trip_;
  std::uint64_t turn_ = 0;
  std::uint64_t acked_turn_ = 0;  // the newest sending that was acknowledged on this link
  Micros acked_at_ = 0;
  Micros queue_time_ = 0;  // from the sending to the ack of the newest batch that was sent once
};

}  // namespace vitrine
