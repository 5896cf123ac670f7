#include "operator/command.hpp"

#include <cstdio>
#include <memory>

#include "operator/push_link.hpp"
#include "platform/crypto.hpp"
#include "protocol/command_picture.hpp"
#include "protocol/documents.hpp"
#include "protocol/envelope.hpp"
#include "protocol/topics.hpp"

namespace vitrine::op {
namespace {

constexpr Micros kConnectWait = 10 * kSecond;
constexpr Micros kBirthWait = 5 * kSecond;  // retained: it comes with the subscription
constexpr Micros kPushEvery = 3 * kSecond;
constexpr Micros kLook = 100 * kMillisecond;
// A command is of the moment; without a clock the birth it answers bounds it all the same.
constexpr std::int64_t kValidS = 300;

int refuse(const std::string& line) {
  std::fprintf(stderr, "vitrine command: %s\n", line.c_str());
  return kRefused;
}

Result<Command> command_of(const CommandOptions& options) {
  Command command;
  const auto verb = command_verb(options.verb);
  if (!verb) return fail(ErrorCode::invalid, options.verb + " is no verb");
  command.verb = *verb;
  if (command.verb != CommandVerb::resend) return command;
  for (std::size_t i = 0; i < kStreams; ++i) {
    if (name_of(static_cast<Stream>(i)) == options.stream) command.stream = static_cast<Stream>(i);
  }
  const auto log_id = from_hex(options.log_id);
  if (!log_id || log_id->size() != 8)
    return fail(ErrorCode::invalid, "--log-id is 16 hex digits, as reports and logs print it");
  for (const std::uint8_t byte : *log_id) command.log_id = command.log_id << 8 | byte;
  command.first = options.first;
  command.last = options.last;
  return command;
}

// One command on its way. Everything happens inside run().
class CommandLink {
 public:
  CommandLink(const CommandOptions& options, Command command, PrivateKey key, const Clock& clock)
      : options_(options), command_(command), key_(key), clock_(clock), topics_(options.screen) {}

  int run() {
    auto mqtt = mqtt_options(options_);
    if (!mqtt) return refuse(mqtt.error().message);
    transport_ = make_mosquitto_transport(*mqtt);
    MqttTransport::Handlers handlers;
    handlers.connected = [this] { subscribe(); };
    handlers.disconnected = [this](const std::string& reason) { trouble_ = reason; };
    handlers.refused = [this](int, const std::string& reason) {
      trouble_ = "the broker refused it (" + reason + "): may " + options_.operator_name +
                 " ask for this?";
    };
    handlers.message = [this](const MqttMessage& message) { heard(message); };
    transport_->set_handlers(std::move(handlers));
    if (auto begun = transport_->connect(); !begun) return refuse(begun.error().message);
    poll(kConnectWait, [this] { return transport_->connected(); });
    if (!transport_->connected())
      return refuse("cannot reach the broker at " + options_.broker +
                    (trouble_.empty() ? "" : ": " + trouble_));
    poll(kBirthWait, [this] { return birth_.has_value(); });
    if (!trouble_.empty()) return refuse(trouble_);
    if (!birth_)
      return refuse("the broker knows no birth of screen " + options_.screen +
                    ": it has not been connected in a week");
    if (!birth_->online) return refuse("screen " + options_.screen + " is offline");
    return ask();
  }

 private:
  void subscribe() {
    std::vector<std::string> filters = {operator_reply_topic(options_.operator_name),
                                        topics_.up_reply(), topics_.connection()};
    if (command_.verb == CommandVerb::screenshot) filters.push_back(topics_.up_picture());
    for (const std::string& filter : filters) {
      if (auto done = transport_->subscribe(filter); !done) trouble_ = done.error().message;
    }
  }

  // Signs for the birth that stands and says it until somebody answers.
  int ask() {
    command_.boot = birth_->boot;
    command_.link_nonce = birth_->link_nonce;
    const std::int64_t now = clock_.realtime() / kSecond;
    header_ = {DocumentKind::command,
               {Audience::Kind::screen, options_.screen},
               options_.key_id,
               static_cast<std::uint64_t>(now),
               now,
               now + kValidS};
    const std::string jws = sign_document(header_, write_command(command_), key_);
    hash_ = sha256(as_bytes(jws));
    const Micros deadline = clock_.boottime() + options_.wait_s * kSecond;
    while (!answer_ && clock_.boottime() < deadline) {
      if (!pushed_ && transport_->connected())
        (void)transport_->publish(operator_push_topic(options_.operator_name), as_bytes(jws));
      poll(std::min(kPushEvery, deadline - clock_.boottime()),
           [this] { return answer_ || (pushed_ && !pushed_->accepted) || !trouble_.empty(); });
      if (pushed_ && !pushed_->accepted) return refuse(options_.verb + ": " + pushed_->reason);
      if (!answer_ && !trouble_.empty()) return refuse(trouble_);
    }
    transport_->disconnect();
    if (answer_) return told();
    std::fprintf(stderr, "vitrine command: %s\n",
                 pushed_ ? ("screen " + options_.screen + " did not answer within " +
                            std::to_string(options_.wait_s) + " s")
                               .c_str()
                         : "no reply to the push: is vitrine-desired running and connected?");
    return kNotConfirmed;
  }

  int told() const {
    if (command_.verb == CommandVerb::screenshot && answer_->done) {
      if (auto kept = keep_picture(); !kept) return refuse(kept.error().message);
    }
    std::FILE* out = answer_->done ? stdout : stderr;
    std::fprintf(out, "%s: %s: %s%s\n", options_.screen.c_str(), options_.verb.c_str(),
                 answer_->done ? "done" : "not done", answer_->text.empty() ? "" : ":");
    std::fprintf(out, "%s%s", answer_->text.c_str(),
                 answer_->text.empty() || answer_->text.ends_with('\n') ? "" : "\n");
    return answer_->done ? kDone : kRefused;
  }

  // It came before the answer that says what it is.
  Status keep_picture() const {
    if (!picture_) return fail(ErrorCode::not_found, "the answer came without a picture");
    if (answer_->text.find(to_hex(sha256(picture_->jpeg))) == std::string::npos)
      return fail(ErrorCode::conflict, "the picture that came is not the one the answer names");
    if (!options_.keep_picture) return ok();
    return write_atomic(options_.out.empty() ? options_.screen + ".jpg" : options_.out,
                        picture_->jpeg, 0644);
  }

  void heard(const MqttMessage& message) {
    if (message.topic == topics_.connection()) {
      if (auto connection = read_connection(as_text(message.payload)); connection && !answer_)
        birth_ = *connection;
    } else if (message.topic == topics_.up_reply()) {
      auto reply = read_command_reply(as_text(message.payload));
      if (reply && reply->command == hash_) answer_ = *std::move(reply);
    } else if (message.topic == topics_.up_picture()) {
      auto picture = read_command_picture(message.payload);
      if (picture && picture->command == hash_) picture_ = std::move(picture);
    } else if (!message.retained) {
      auto reply = read_push_reply(as_text(message.payload));
      const bool ours = reply && reply->kind == name_of(DocumentKind::command) &&
                        reply->audience == header_.audience.text() &&
                        reply->version == header_.version;
      if (ours) pushed_ = *std::move(reply);
    }
  }

  template <class Condition>
  void poll(Micros limit, Condition done) {
    const Micros deadline = clock_.boottime() + limit;
    while (!done() && clock_.boottime() < deadline) transport_->poll(kLook);
  }

  const CommandOptions& options_;
  Command command_;
  PrivateKey key_;
  const Clock& clock_;
  DeviceTopics topics_;
  std::unique_ptr<MqttTransport> transport_;
  DocumentHeader header_;
  Hash256 hash_{};
  std::string trouble_;
  std::optional<Connection> birth_;
  std::optional<PushReply> pushed_;
  std::optional<CommandReply> answer_;
  std::optional<CommandPicture> picture_;
};

}  // namespace

int command(const CommandOptions& options, const Clock& clock) {
  if (!is_valid_name(options.screen))
    return refuse("--screen '" + options.screen + "' is no name (1 to 64 of a-z, 0-9 and -)");
  auto command = command_of(options);
  if (!command) return refuse(command.error().message);
  auto key = read_private_key(options.key_file);
  if (!key) return refuse(key.error().message);
  return CommandLink(options, *command, *key, clock).run();
}

int rollout(const RolloutOptions& options, const Clock& clock) {
  const auto refuse_order = [](const std::string& why) {
    std::fprintf(stderr, "vitrine rollout: %s\n", why.c_str());
    return kRefused;
  };
  RolloutOrder order;
  order.rollout = options.verb == "abort"    ? RolloutVerb::abort
                  : options.verb == "resume" ? RolloutVerb::resume
                                             : RolloutVerb::show;
  order.kind = options.kind == "settings" ? DocumentKind::settings : DocumentKind::schedule;
  order.version = options.version;
  const auto audience = Audience::parse(options.to);
  if (!audience || audience->kind != Audience::Kind::group)
    return refuse_order("--to " + options.to + " is not group/NAME");
  auto key = read_private_key(options.key_file);
  if (!key) return refuse_order(key.error().message);
  const std::int64_t now = clock.realtime() / kSecond;
  const DocumentHeader header{DocumentKind::command,           *audience, options.key_id,
                              static_cast<std::uint64_t>(now), now,       now + kValidS};
  PushOptions push;
  static_cast<BrokerOptions&>(push) = options;
  push.command = "rollout";
  push.subject = options.kind + " " + std::to_string(options.version) + " for " + options.to;
  PushLink link(push, header, {}, {}, clock);
  return link.run(sign_document(header, write_rollout_order(order), *key));
}

}  // namespace vitrine::op
