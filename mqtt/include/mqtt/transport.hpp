// One MQTT 5 link, mTLS or plain, and the only caller of libmosquitto. It holds no queue: a caller
// publishes what it can spare to lose and keeps the rest until an application ack arrives, because
// a PUBACK proves nothing (a broker killed right after it forgets the message).
//
// Threads: an instance belongs to one thread, which calls poll() again and again; every callback
// runs inside poll(). Reconnecting is the caller's business too: connect() starts one attempt and
// returns at once.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "base/bytes.hpp"
#include "base/result.hpp"
#include "base/time.hpp"
#include "platform/tls.hpp"

namespace vitrine {

struct MqttOptions {
  std::string host = "127.0.0.1";
  int port = 8883;
  std::string client_id;
  // mTLS when ca_file is set: PEM files.
  std::string ca_file, certificate_file, key_file;
  // Asked at every attempt; left empty, certificates are checked by the system clock.
  std::function<CertificateTime()> certificate_time;
  int keepalive_s = 20;
  std::uint32_t session_expiry_s = 0;     // 0: clean start, nothing survives the link
  std::uint32_t max_packet = 256 * 1024;  // larger incoming packets are refused by the broker
  std::uint16_t receive_maximum = 100;    // messages the broker sends us before our PUBACKs
  std::size_t most_in_flight = 1000;      // messages of ours without a PUBACK; see publish()
  // Connected, something on its way, and no PUBACK for so long: the link is given up as congested.
  Micros congestion = 90 * kSecond;
};

struct MqttWill {
  std::string topic;
  Bytes payload;
  bool retain = true;
  std::uint32_t delay_s = 0;
  std::uint32_t expiry_s = 0;  // of what is retained by it; 0: never
};

struct MqttMessage {
  std::string topic;
  Bytes payload;
  bool retained = false;
};

class MqttTransport {
 public:
  struct Handlers {
    std::function<void()> connected;
    std::function<void(const std::string& reason)> disconnected;  // also: an attempt that failed
    std::function<void(const MqttMessage&)> message;
    std::function<void(int message_id)> published;  // PUBACK with a success code
    std::function<void(int message_id, const std::string& reason)>
        refused;  // PUBACK or SUBACK with an error code
  };
  virtual ~MqttTransport() = default;

  virtual void set_handlers(Handlers handlers) = 0;
  virtual void set_will(MqttWill will) = 0;  // before connect()
  // One attempt; its outcome, failure included, arrives in a handler during a later poll(). An
  // error here only means that the link was not down. Waits at most 3 s for a host that does not
  // answer.
  virtual Status connect() = 0;
  virtual void disconnect() = 0;  // clean: the will is not sent
  virtual bool connected() const = 0;
  // QoS 1. `unavailable` when not connected: nothing was queued then; `exhausted` with
  // `most_in_flight` unacknowledged messages. Returns the message id for `published`.
  virtual Result<int> publish(const std::string& topic, ByteView payload, bool retain = false,
                              std::uint32_t expiry_s = 0) = 0;
  virtual Status subscribe(const std::string& filter) = 0;
  // Waits up to `timeout` for the network and runs the callbacks that are due. `wake_fd` (or -1)
  // ends the wait early.
  virtual void poll(Micros timeout, int wake_fd = -1) = 0;
};

// A link that may share its thread with many others: poll() is a wait for socket() and then
// serve(), and somebody else can do the waiting (transport_poller.hpp).
class PolledTransport : public MqttTransport {
 public:
  virtual int socket() const = 0;  // -1: nothing to wait for; a link that is down has no socket
  virtual bool wants_write() const = 0;
  virtual bool has_events() const = 0;  // a handler is due: serve() without waiting
  // Reads, writes and looks after keepalive and time-outs, then runs the handlers that are due.
  // `ready` as from poll(2); 0 when only time went by, which must not be longer than a second.
  virtual void serve(short ready) = 0;
  // `changed` is called when one of the first three may have changed; in any case when the socket
  // was closed and before another one is opened.
  virtual void on_change(std::function<void()> changed) = 0;
};

std::unique_ptr<PolledTransport> make_mosquitto_transport(const MqttOptions& options);

// Full jitter: a random wait in [0, min(cap, base * 2^attempt)] (AWS Architecture Blog,
// "Exponential Backoff And Jitter").
Micros backoff_with_jitter(int attempt, Micros base, Micros cap);

}  // namespace vitrine
