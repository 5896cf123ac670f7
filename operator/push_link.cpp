#include "operator/push_link.hpp"

#include <unistd.h>

#include <cstdio>

#include "backflow/desired.hpp"
#include "protocol/topics.hpp"

namespace vitrine::op {
namespace {

constexpr Micros kConnectWait = 10 * kSecond;
constexpr Micros kReplyWait = 15 * kSecond;
constexpr Micros kPublishEvery = 3 * kSecond;
constexpr Micros kLook = 200 * kMillisecond;

}  // namespace

PushLink::PushLink(const PushOptions& options, const DocumentHeader& header,
                   std::set<std::string> hashes, const Registry& registry, const Clock& clock)
    : options_(options),
      header_(header),
      clock_(clock),
      rollout_(header.kind, header.audience, header.version, std::move(hashes)),
      bar_(options.wait_s > 0 && ::isatty(STDERR_FILENO) != 0) {
  for (const RegisteredScreen* screen : screens_in(header.audience, registry))
    rollout_.expect(screen->screen);
}

int PushLink::refuse(const std::string& line) const {
  std::fprintf(stderr, "vitrine %s: %s\n", options_.command.c_str(), line.c_str());
  return kRefused;
}

std::string PushLink::title() const {
  if (!options_.subject.empty()) return options_.subject;
  return std::string(name_of(header_.kind)) + " " + std::to_string(header_.version) + " for " +
         header_.audience.text();
}

void PushLink::say(const std::string& line) {
  if (bar_) std::fputs("\r\033[K", stderr);
  std::printf("%s\n", line.c_str());
  std::fflush(stdout);
}

void PushLink::draw() {
  if (!bar_) return;
  std::fprintf(stderr, "\r\033[K%s", rollout_.bar(40).c_str());
  std::fflush(stderr);
}

int PushLink::run(const std::string& jws) {
  if (auto opened = open(jws); !opened) return refuse(opened.error().message);
  const Micros connect_until = clock_.boottime() + kConnectWait;
  while (published_ == 0 && trouble_.empty() && clock_.boottime() < connect_until)
    transport_->poll(kLook);
  if (published_ == 0) {
    return refuse("cannot reach the broker at " + options_.broker + ": " +
                  (trouble_.empty() ? "no answer within 10 s" : trouble_) +
                  "; nothing was published");
  }
  if (!wait_for_reply(clock_.boottime() + kReplyWait)) {
    return refuse(title() + " was published " + std::to_string(published_) + " times, but " +
                  (trouble_.empty()
                       ? "no reply came within 15 s: is vitrine-desired running, and its link up?"
                       : trouble_) +
                  " Nothing is kept on the way: push it again");
  }
  if (!reply_->accepted) return refuse(title() + " refused: " + reply_->reason);
  say(title() + " accepted" + (reply_->reason.empty() ? "" : ": " + reply_->reason));
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
    if (auto heard = transport_->subscribe(operator_reply_topic(options_.operator_name)); !heard) {
      trouble_ = heard.error().message;
      return;
    }
    if (!reply_) publish();
  };
  handlers.disconnected = [this](const std::string& reason) {
    lost_ = true;
    // A link that was up once may come back; one that never was is a wrong address or certificate.
    if (published_ == 0) trouble_ = reason;
  };
  handlers.refused = [this](int, const std::string& reason) {
    trouble_ =
        "the broker refused it (" + reason + "): may " + options_.operator_name + " publish?";
  };
  handlers.message = [this](const MqttMessage& message) { heard(message); };
  transport_->set_handlers(std::move(handlers));
  return transport_->connect();
}

void PushLink::publish() {
  next_publish_ = clock_.boottime() + kPublishEvery;
  auto sent = transport_->publish(operator_push_topic(options_.operator_name), as_bytes(jws_));
  if (sent) {
    ++published_;
  } else if (sent.error().code != ErrorCode::unavailable) {
    trouble_ = sent.error().message;
  }
}

// A broker that restarts in the middle is no reason to give up: what screens reported is retained.
void PushLink::reconnect() {
  const Micros now = clock_.boottime();
  if (!lost_ || now < next_connect_) return;
  next_connect_ = now + kSecond + backoff_with_jitter(attempts_++, kSecond, 10 * kSecond);
  (void)transport_->connect();
}

bool PushLink::wait_for_reply(Micros deadline) {
  while (!reply_ && trouble_.empty() && clock_.boottime() < deadline) {
    reconnect();
    if (!lost_ && clock_.boottime() >= next_publish_) publish();
    transport_->poll(kLook);
  }
  return reply_.has_value();
}

int PushLink::follow() {
  const Micros deadline = clock_.boottime() + options_.wait_s * kSecond;
  while (!rollout_.finished() && stopped_.empty() && clock_.boottime() < deadline) {
    reconnect();
    draw();
    transport_->poll(kLook);
  }
  if (bar_) std::fputs("\r\033[K", stderr);
  if (!stopped_.empty()) {
    (void)refuse(title() + ": " + stopped_);
    return refuse(rollout_.summary());
  }
  if (rollout_.finished() && !rollout_.refused()) {
    say(rollout_.summary());
    return kDone;
  }
  if (rollout_.refused()) return refuse(rollout_.summary());
  (void)refuse(rollout_.summary() + " within " + std::to_string(options_.wait_s) + " s");
  return kNotConfirmed;
}

void PushLink::heard(const MqttMessage& message) {
  if (message.topic == operator_reply_topic(options_.operator_name)) {
    if (message.retained) return;
    auto reply = read_push_reply(as_text(message.payload));
    if (!reply) return;
    // A push that could not be read has no name; this session has only the one under way.
    const bool ours = reply->kind == name_of(header_.kind) &&
                      reply->audience == header_.audience.text() &&
                      reply->version == header_.version;
    if (!ours && (reply_ || !reply->kind.empty() || reply->accepted)) return;
    if (!reply_) {
      reply_ = *std::move(reply);
    } else if (reply->reason != reply_->reason) {
      // News of its rollout in rings; the answer to the same bytes said twice is none.
      reply_ = *std::move(reply);
      if (reply_->accepted) {
        say(title() + ": " + reply_->reason);
      } else {
        stopped_ = reply_->reason;
      }
    }
    return;
  }
  const auto topic = parse_device_topic(message.topic);
  if (!topic || topic->leaf != "state/reported") return;
  auto reported = read_reported(as_text(message.payload));
  if (!reported) return;
  for (const auto& line : rollout_.heard(topic->device, *reported)) say(line);
}

}  // namespace vitrine::op
