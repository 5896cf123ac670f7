#include "link/server_link.hpp"

#include <algorithm>

#include "platform/log.hpp"

namespace vitrine {
namespace {

constexpr Micros kFirstWait = 200 * kMillisecond;
// Small, because nothing is taken and nothing is acked while the backend is away.
constexpr Micros kLongestWait = 5 * kSecond;

}  // namespace

ServerLink::ServerLink(std::unique_ptr<MqttTransport> transport, const Clock& clock,
                       std::vector<std::string> filters, Handlers handlers)
    : transport_(std::move(transport)),
      clock_(clock),
      filters_(std::move(filters)),
      handlers_(std::move(handlers)) {
  MqttTransport::Handlers to;
  to.connected = [this] { came_up(); };
  to.disconnected = [this](const std::string& reason) { went_down(reason); };
  to.message = [this](const MqttMessage& message) { handlers_.message(message); };
  to.refused = [](int, const std::string& reason) { log_error("the broker refuses: {}", reason); };
  transport_->set_handlers(std::move(to));
}

void ServerLink::step(Micros timeout, int wake_fd) {
  const Micros now = clock_.boottime();
  if (!trying_ && now >= next_try_) {
    trying_ = true;
    if (auto begun = transport_->connect(); !begun) went_down(begun.error().message);
  }
  if (!trying_) timeout = std::min(timeout, std::max<Micros>(0, next_try_ - now));
  transport_->poll(timeout, wake_fd);
}

Status ServerLink::publish(const std::string& topic, ByteView payload, bool retain) {
  auto sent = transport_->publish(topic, payload, retain);
  if (!sent) return std::move(sent).error();
  return ok();
}

void ServerLink::came_up() {
  failures_ = 0;
  log_info("connected to the broker");
  for (const std::string& filter : filters_) {
    // A failure here is a link that is already going down; the next one subscribes again.
    if (auto asked = transport_->subscribe(filter); !asked) log_warn("{}", asked.error().message);
  }
  if (handlers_.connected) handlers_.connected();
}

void ServerLink::went_down(const std::string& reason) {
  trying_ = false;
  const Micros wait = backoff_with_jitter(failures_++, kFirstWait, kLongestWait);
  next_try_ = clock_.boottime() + wait;
  log_warn("no link to the broker: {}; trying again in {} ms", reason, wait / kMillisecond);
}

}  // namespace vitrine
