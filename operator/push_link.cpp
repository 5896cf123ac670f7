#include "operator/push_link.hpp"

#include <cstdio>
#include <cstdlib>

#include "protocol/topics.hpp"

namespace vitrine::op {
namespace {

constexpr Micros kConnectWait = 10 * kSecond;
constexpr Micros kReplyWait = 15 * kSecond;
constexpr Micros kLook = 200 * kMillisecond;

// "127.0.0.1:8883" or "[::1]:8883".
Result<MqttOptions> mqtt_options(const PushOptions& options) {
  MqttOptions mqtt;
  const auto colon = options.broker.rfind(':');
  char* end = nullptr;
  const long port =
      colon == std::string::npos ? 0 : std::strtol(options.broker.c_str() + colon + 1, &end, 10);
  if (colon == 0 || port < 1 || port > 65535 || *end != '\0') {
    return fail(ErrorCode::invalid, "--broker " + options.broker + " is not HOST:PORT");
  }
  mqtt.host = options.broker.substr(0, colon);
  if (mqtt.host.starts_with('[') && mqtt.host.ends_with(']'))
    mqtt.host = mqtt.host.substr(1, mqtt.host.size() - 2);
  mqtt.port = static_cast<int>(port);
  mqtt.client_id = options.operator_name;
  mqtt.ca_file = options.ca_file;
  mqtt.certificate_file = options.certificate_file;
  mqtt.key_file = options.tls_key_file;
  return mqtt;
}

void say(const std::string& line) {
  std::printf("%s\n", line.c_str());
  std::fflush(stdout);
}

int refuse(const std::string& line) {
  std::fprintf(stderr, "vitrine push: %s\n", line.c_str());
  return kRefused;
}

}  // namespace

PushLink::PushLink(const PushOptions& options, const DocumentHeader& header,
                   std::set<std::string> hashes, const Clock& clock)
    : options_(options),
      header_(header),
      clock_(clock),
      rollout_(header.kind, header.audience, header.version, std::move(hashes)) {}

std::string PushLink::title() const {
  return std::string(name_of(header_.kind)) + " " + std::to_string(header_.version) + " for " +
         header_.audience.text();
}

int PushLink::run(const std::string& jws) {
  if (auto opened = open(jws); !opened) return refuse(opened.error().message);
  const Micros connect_until = clock_.boottime() + kConnectWait;
  while (!published_ && trouble_.empty() && clock_.boottime() < connect_until)
    transport_->poll(kLook);
  if (!published_) {
    return refuse("cannot reach the broker at " + options_.broker + ": " +
                  (trouble_.empty() ? "no answer within 10 s" : trouble_) +
                  "; nothing was published");
  }
  if (!wait_for_reply(clock_.boottime() + kReplyWait)) {
    return refuse(
        title() + " was published, but " +
        (trouble_.empty() ? "no reply came within 15 s: is vitrine-desired running?" : trouble_));
  }
  if (!reply_->accepted) return refuse(title() + " refused: " + reply_->reason);
  say(title() + " accepted");
  const int code = options_.wait_s > 0 ? follow() : kDone;
  transport_->disconnect();
  return code;
}

Status PushLink::open(const std::string& jws) {
  auto mqtt = mqtt_options(options_);
  if (!mqtt) return std::move(mqtt).error();
  jws_ = jws;
  transport_ = make_mosquitto_transport(*mqtt);
  MqttTransport::Handlers handlers;
  handlers.connected = [this] {
    lost_ = false;
    if (options_.wait_s > 0) (void)transport_->subscribe(all_reported_filter());
    if (published_) return;
    if (auto heard = transport_->subscribe(operator_reply_topic(options_.operator_name)); !heard) {
      trouble_ = heard.error().message;
      return;
    }
    auto sent = transport_->publish(operator_push_topic(options_.operator_name), as_bytes(jws_));
    if (!sent) {
      trouble_ = sent.error().message;
    } else {
      published_ = true;
    }
  };
  handlers.disconnected = [this](const std::string& reason) {
    lost_ = true;
    if (!reply_) trouble_ = reason;
  };
  handlers.refused = [this](int, const std::string& reason) {
    trouble_ =
        "the broker refused it (" + reason + "): may " + options_.operator_name + " publish?";
  };
  handlers.message = [this](const MqttMessage& message) { heard(message); };
  transport_->set_handlers(std::move(handlers));
  return transport_->connect();
}

bool PushLink::wait_for_reply(Micros deadline) {
  while (!reply_ && trouble_.empty() && clock_.boottime() < deadline) transport_->poll(kLook);
  return reply_.has_value();
}

int PushLink::follow() {
  const Micros deadline = clock_.boottime() + options_.wait_s * kSecond;
  Micros again = 0;
  int attempt = 0;
  while (!rollout_.finished() && clock_.boottime() < deadline) {
    // A broker that restarts in the middle is no reason to give up: what screens reported is
    // retained.
    if (lost_ && clock_.boottime() >= again) {
      again = clock_.boottime() + kSecond + backoff_with_jitter(attempt++, kSecond, 10 * kSecond);
      (void)transport_->connect();
    }
    transport_->poll(kLook);
  }
  if (rollout_.refused()) return refuse(rollout_.summary());
  if (!rollout_.finished()) {
    std::fprintf(stderr, "vitrine push: %s within %d s\n", rollout_.summary().c_str(),
                 options_.wait_s);
    return kNotConfirmed;
  }
  say(rollout_.summary());
  return kDone;
}

void PushLink::heard(const MqttMessage& message) {
  if (message.topic == operator_reply_topic(options_.operator_name)) {
    if (message.retained || reply_) return;
    auto reply = read_push_reply(as_text(message.payload));
    if (!reply) return;
    // A push that could not be read has no name; this session has only the one under way.
    const bool ours = reply->kind == name_of(header_.kind) &&
                      reply->audience == header_.audience.text() &&
                      reply->version == header_.version;
    if (ours || (reply->kind.empty() && !reply->accepted)) reply_ = *std::move(reply);
    return;
  }
  const auto topic = parse_device_topic(message.topic);
  if (!topic || topic->leaf != "state/reported") return;
  auto reported = read_reported(as_text(message.payload));
  if (!reported) return;
  for (const auto& line : rollout_.heard(topic->device, *reported)) say(line);
}

}  // namespace vitrine::op
