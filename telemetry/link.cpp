#include "link.hpp"

#include "platform/crypto.hpp"
#include "platform/log.hpp"
#include "protocol/documents.hpp"

namespace vitrine {
namespace {

// A link that stayed up this long was a good one: the next loss starts with short waits again. One
// that is thrown out at once, as when two devices share a certificate, backs off instead of
// flapping.
constexpr Micros kGoodLink = 30 * kSecond;
// A screen that is gone for good disappears from the broker after a week.
constexpr std::uint32_t kBirthExpiryS = 7 * 24 * 3600;

}  // namespace

Link::Link(MqttTransport& transport, const Clock& clock, LinkOptions options)
    : transport_(transport), clock_(clock), options_(std::move(options)), topics_(options_.screen) {
  MqttTransport::Handlers handlers;
  handlers.connected = [this] { up(); };
  handlers.disconnected = [this](const std::string& reason) { down(reason); };
  handlers.message = [this](const MqttMessage& message) {
    if (message_) message_(message);
  };
  handlers.refused = [](int, const std::string& reason) {
    log_warn("the broker refuses: {}", reason);
  };
  transport_.set_handlers(std::move(handlers));
}

std::string Link::connection_text(bool online) const {
  return write_connection({online, clock_.boot_id(), nonce_, options_.software});
}

void Link::tick() {
  const Micros now = clock_.boottime();
  if (transport_.connected()) {
    if (now - born_at_ > kDay) publish_birth();
  } else if (!trying_ && now >= next_attempt_) {
    attempt();
  }
}

void Link::attempt() {
  // A nonce for every link: commands answer one birth and no other.
  nonce_ = random_u64() >> 1;
  const std::string will = connection_text(false);
  const ByteView bytes = as_bytes(will);
  transport_.set_will(
      {topics_.connection(), Bytes(bytes.begin(), bytes.end()), true, options_.will_delay_s});
  trying_ = true;
  if (auto begun = transport_.connect(); !begun) down(begun.error().message);
}

void Link::publish_birth() {
  born_at_ = clock_.boottime();
  const std::string birth = connection_text(true);
  if (auto sent = transport_.publish(topics_.connection(), as_bytes(birth), true, kBirthExpiryS);
      !sent) {
    log_warn("cannot announce this screen: {}", sent.error().message);
  }
}

void Link::up() {
  trying_ = false;
  up_since_ = clock_.boottime();
  last_reason_.clear();
  ++connections_;
  log_info("connected");
  publish_birth();
  std::vector<std::string> filters = {topics_.ack(), topics_.command(), topics_.desired_filter()};
  for (const auto& group : options_.groups) filters.push_back(group_desired_filter(group));
  for (const auto& filter : filters) {
    if (auto done = transport_.subscribe(filter); !done) log_warn("{}", done.error().message);
  }
  if (connected_) connected_();
}

void Link::down(const std::string& reason) {
  const Micros now = clock_.boottime();
  if (!trying_ && now - up_since_ >= kGoodLink) failures_ = 0;
  trying_ = false;
  const Micros wait = options_.jitter(failures_, options_.backoff_base, options_.backoff_cap);
  if (failures_ < 30) ++failures_;
  next_attempt_ = now + wait;
  // The same reason every few seconds for a week tells nobody anything.
  if (reason != last_reason_) log_warn("no link: {}; trying again", reason);
  last_reason_ = reason;
}

void Link::leave() {
  if (!transport_.connected()) return;
  const std::string farewell = connection_text(false);
  if (auto sent = transport_.publish(topics_.connection(), as_bytes(farewell), true, kBirthExpiryS);
      !sent) {
    log_warn("cannot say goodbye: {}", sent.error().message);
  }
  transport_.disconnect();
}

}  // namespace vitrine
