#include "backflow/beacons.hpp"

#include "platform/log.hpp"
#include "protocol/documents.hpp"
#include "protocol/topics.hpp"
#include "protocol/wire.hpp"

namespace vitrine {
namespace {

// Two births of a screen in fewer seconds are a link that flaps: it was told the time just now.
constexpr Micros kLeastWait = 5 * kSecond;

}  // namespace

Beacons::Beacons(Options options, const Clock& clock)
    : options_(std::move(options)), clock_(clock), registry_(options_.registry) {}

bool Beacons::sure_of_time() {
  const auto kernel = options_.kernel_time();
  const bool sure = kernel && kernel->synchronised;
  if (was_sure_ && !sure)
    log_warn("this server's clock is not synchronised: screens are sent no time until it is");
  if (!was_sure_ && sure)
    log_info("this server's clock is synchronised: screens are sent the time");
  was_sure_ = sure;
  return sure;
}

std::optional<OutgoingAck> Beacons::answer(const MqttMessage& message) {
  if (message.retained) return std::nullopt;
  const auto topic = parse_device_topic(message.topic);
  if (!topic || topic->leaf != "state/conn") return std::nullopt;
  const auto birth = read_connection(as_text(message.payload));
  if (!birth || !birth->online) return std::nullopt;
  const RegisteredScreen* screen = registry_.current().find(topic->device);
  if (screen == nullptr || screen->revoked || !sure_of_time()) return std::nullopt;
  const Micros now = clock_.boottime();
  const auto last = answered_at_.find(topic->device);
  if (last != answered_at_.end() && now - last->second < kLeastWait) return std::nullopt;
  answered_at_[topic->device] = now;
  const TimeBeacon beacon{birth->link_nonce, birth->boot, clock_.realtime()};
  return OutgoingAck{DeviceTopics(topic->device).time(),
                     encode_beacon(beacon, topic->device, options_.key_id, options_.sign_key)};
}

}  // namespace vitrine
