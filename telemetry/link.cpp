#include "link.hpp"

#include <algorithm>

#include "platform/crypto.hpp"
#include "platform/log.hpp"
#include "protocol/documents.hpp"

namespace vitrine {
namespace {

// A link that stayed up this long was a good one: the next loss starts with short waits again. One
// that is thrown out at once, as when two devices share a certificate, backs off instead of
// flapping.
constexpr Micros kGoodLink = 30 * kSecond;
// So many births within a minute that are not of this process: somebody else lives under our name.
// One alone may be our own, of before the last restart.
constexpr std::size_t kForeignBirths = 3;
constexpr Micros kForeignWindow = kMinute;
// Births and wills of links that long ago come no more.
constexpr std::size_t kOwnNonces = 256;
// Two devices with one certificate: seldom enough that the other one works meanwhile.
constexpr Micros kTwiceBase = 30 * kSecond, kTwiceCap = 15 * kMinute;
// A screen that is gone for good disappears from the broker after a week.
constexpr std::uint32_t kBirthExpiryS = 7 * 24 * 3600;

}  // namespace

Link::Link(MqttTransport& transport, const Clock& clock, LinkOptions options)
    : transport_(transport), clock_(clock), options_(std::move(options)), topics_(options_.screen) {
  MqttTransport::Handlers handlers;
  handlers.connected = [this] { up(); };
  handlers.disconnected = [this](const std::string& reason) { down(reason); };
  handlers.message = [this](const MqttMessage& message) {
    if (message.topic == topics_.connection()) return heard_connection(message);
    if (message_) message_(message);
  };
  handlers.refused = [](int, const std::string& reason) {
    log_warn("the broker refuses: {}", reason);
  };
  transport_.set_handlers(std::move(handlers));
  changed_at_ = clock_.boottime();
}

std::string Link::connection_text(bool online) const {
  Connection connection{online, clock_.boot_id(), nonce_, options_.software, {}};
  if (identity_twice_) connection.identity_twice = true;
  return write_connection(connection);
}

void Link::tick() {
  const Micros now = clock_.boottime();
  if (transport_.connected()) {
    if (now - born_at_ > kDay) publish_birth();
    if (identity_twice_ && now - up_since_ >= kTwiceCap) {
      identity_twice_ = false;
      log_info("nobody else uses this screen's certificate any more");
      publish_birth();
    }
  } else if (!trying_ && now >= next_attempt_) {
    attempt();
  }
}

void Link::attempt() {
  // A nonce for every link: commands answer one birth and no other.
  nonce_ = random_u64() >> 1;
  own_nonces_.push_back(nonce_);
  if (own_nonces_.size() > kOwnNonces) own_nonces_.pop_front();
  const std::string will = connection_text(false);
  const ByteView bytes = as_bytes(will);
  transport_.set_will({topics_.connection(), Bytes(bytes.begin(), bytes.end()), true,
                       options_.will_delay_s, kBirthExpiryS});
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
  away_ = false;
  up_since_ = changed_at_ = clock_.boottime();
  last_reason_.clear();
  ++connections_;
  log_info("connected");
  // Before our own birth takes its place: what is retained here says who was here last. A broker
  // may tell who is thrown out for another (0x8E); Debian's mosquitto 2.0.11 just closes.
  if (auto done = transport_.subscribe(topics_.connection()); !done)
    log_warn("{}", done.error().message);
  publish_birth();
  std::vector<std::string> filters = {topics_.ack(), topics_.command(), topics_.time(),
                                      topics_.desired_filter()};
  for (const auto& group : options_.groups) filters.push_back(group_desired_filter(group));
  for (const auto& filter : filters) {
    if (auto done = transport_.subscribe(filter); !done) log_warn("{}", done.error().message);
  }
  if (connected_) connected_();
}

void Link::down(const std::string& reason) {
  const Micros now = clock_.boottime();
  const Micros good = identity_twice_ ? kTwiceCap : kGoodLink;
  if (!trying_ && now - up_since_ >= good) failures_ = 0;
  if (!trying_) changed_at_ = now;
  ++losses_;
  reason_ = reason;
  trying_ = false;
  if (!away_) away_since_ = now;
  away_ = true;
  next_attempt_ = now + wait_after_loss(now);
  if (failures_ < 30) ++failures_;
  // The same reason every few seconds for a week tells nobody anything.
  if (reason != last_reason_) log_warn("no link: {}; trying again", reason);
  last_reason_ = reason;
}

Micros Link::wait_after_loss(Micros now) {
  if (identity_twice_) return options_.jitter(failures_, kTwiceBase, kTwiceCap);
  const Micros cap = std::clamp((now - away_since_) / 10, options_.backoff_cap,
                                std::max(options_.backoff_cap, options_.backoff_cap_long));
  return options_.jitter(failures_, options_.backoff_base, cap);
}

void Link::heard_connection(const MqttMessage& message) {
  const auto connection = read_connection(as_text(message.payload));
  if (!connection) return;
  const std::uint64_t nonce = connection->link_nonce;
  if (std::find(own_nonces_.begin(), own_nonces_.end(), nonce) != own_nonces_.end()) return;
  const Micros now = clock_.boottime();
  std::erase_if(foreign_, [&](const auto& one) { return now - one.second > kForeignWindow; });
  foreign_.try_emplace(nonce, now);
  if (identity_twice_ || foreign_.size() < kForeignBirths) return;
  identity_twice_ = true;
  failures_ = 0;
  if (transport_.connected()) publish_birth();  // now with the news in it
  if (notice_) {
    notice_("identity-twice",
            "another device uses this screen's certificate: " + std::to_string(foreign_.size()) +
                " of its links in a minute; playing on, waiting up to 15 minutes between attempts");
  }
}

void Link::restart(const std::string& why) {
  log_info("connecting anew: {}", why);
  if (transport_.connected() || trying_) transport_.disconnect();
  trying_ = false;
  failures_ = 0;
  next_attempt_ = clock_.boottime();
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
