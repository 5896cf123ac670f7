// Private to the backend's programs: a link that connects for ever, with full jitter, and
// subscribes again each time (the broker keeps no session for us, and forgets retained messages
// when it is killed).
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "mqtt/transport.hpp"
#include "platform/clock.hpp"

namespace vitrine {

class ServerLink {
 public:
  struct Handlers {
    std::function<void()> connected;
    std::function<void(const MqttMessage&)> message;
  };
  // `clock` outlives the link.
  ServerLink(std::unique_ptr<MqttTransport> transport, const Clock& clock,
             std::vector<std::string> filters, Handlers handlers);
  // The transport's handlers hold the address of this object.
  ServerLink(const ServerLink&) = delete;
  ServerLink& operator=(const ServerLink&) = delete;

  // Waits up to `timeout`; `wake_fd` ends the wait early.
  void step(Micros timeout, int wake_fd);
  bool connected() const { return transport_->connected(); }
  // Error: not sent, nothing is queued.
  Status publish(const std::string& topic, ByteView payload, bool retain);
  void close() { transport_->disconnect(); }

 private:
  void came_up();
  void went_down(const std::string& reason);

  std::unique_ptr<MqttTransport> transport_;
  const Clock& clock_;
  std::vector<std::string> filters_;
  Handlers handlers_;
  bool trying_ = false;
  int failures_ = 0;
  Micros next_try_ = 0;
};

}  // namespace vitrine
