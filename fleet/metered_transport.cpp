#include "metered_transport.hpp"

namespace vitrine::fleet {

void MeteredTransport::set_handlers(Handlers handlers) {
  Handlers counting = handlers;
  counting.connected = [this, tell = handlers.connected] {
    up_ = true;
    ++traffic_.connected;
    if (tell) tell();
  };
  counting.disconnected = [this, tell = handlers.disconnected](const std::string& reason) {
    if (std::exchange(up_, false)) --traffic_.connected;
    ++traffic_.losses;
    if (tell) tell(reason);
  };
  counting.refused = [this, tell = handlers.refused](int id, const std::string& reason) {
    ++traffic_.refused;
    if (tell) tell(id, reason);
  };
  link_.set_handlers(std::move(counting));
}

Status MeteredTransport::connect() {
  ++traffic_.attempts;
  return link_.connect();
}

Result<int> MeteredTransport::publish(const std::string& topic, ByteView payload, bool retain,
                                      std::uint32_t expiry_s) {
  auto sent = link_.publish(topic, payload, retain, expiry_s);
  // What a screen publishes unretained is batches.
  if (sent && !retain) {
    ++traffic_.batches;
    traffic_.batch_bytes += static_cast<std::int64_t>(payload.size());
  }
  return sent;
}

}  // namespace vitrine::fleet
