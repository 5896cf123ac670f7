// Counts what goes through a link, and passes everything on.
#pragma once

#include <cstdint>
#include <string>

#include "mqtt/transport.hpp"

namespace vitrine::fleet {

// Of all links of a fleet together.
struct Traffic {
  std::int64_t attempts = 0;   // connections begun
  std::int64_t connected = 0;  // now
  std::int64_t losses = 0;     // links lost and attempts that failed
  std::int64_t batches = 0;    // published, resent ones included
  std::int64_t batch_bytes = 0;
  std::int64_t refused = 0;  // PUBACKs and SUBACKs with an error
};

class MeteredTransport final : public MqttTransport {
 public:
  // Both outlive it.
  MeteredTransport(MqttTransport& link, Traffic& traffic) : link_(link), traffic_(traffic) {}

  void set_handlers(Handlers handlers) override;
  void set_will(MqttWill will) override { link_.set_will(std::move(will)); }
  Status connect() override;
  void disconnect() override { link_.disconnect(); }
  bool connected() const override { return link_.connected(); }
  Result<int> publish(const std::string& topic, ByteView payload, bool retain,
                      std::uint32_t expiry_s) override;
  Status subscribe(const std::string& filter) override { return link_.subscribe(filter); }
  void poll(Micros timeout, int wake_fd) override { link_.poll(timeout, wake_fd); }

 private:
  MqttTransport& link_;
  Traffic& traffic_;
  bool up_ = false;
};

}  // namespace vitrine::fleet
