#include <mosquitto.h>
#include <mqtt_protocol.h>
#include <poll.h>

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <map>
#include <mutex>
#include <optional>
#include <set>
#include <utility>
#include <vector>

#include "mqtt/transport.hpp"
#include "reach.hpp"

namespace vitrine {
namespace {

using SteadyClock = std::chrono::steady_clock;

constexpr int kReachLimitMs = 3000;
// TCP, TLS and CONNACK together; a broker that accepts and then says nothing must not hold us for
// ever.
constexpr auto kConnectLimit = std::chrono::seconds(10);
// Keepalive is looked after in serve(), so a wait is never longer than this.
constexpr int kLongestWaitMs = 1000;

struct PropertyDeleter {
  void operator()(mosquitto_property* list) const { mosquitto_property_free_all(&list); }
};
using Properties = std::unique_ptr<mosquitto_property, PropertyDeleter>;

Properties with_int32(Properties list, int id, std::uint32_t value) {
  mosquitto_property* raw = list.release();
  // Fails only for want of memory or for an identifier that is no int32: ours are constants.
  (void)mosquitto_property_add_int32(&raw, id, value);
  return Properties(raw);
}

// libmosquitto wants this once in a process and offers no way to ask whether it has been done.
void init_library_once() {
  static std::once_flag once;
  std::call_once(once, [] { mosquitto_lib_init(); });
}

class MosquittoTransport final : public PolledTransport {
 public:
  explicit MosquittoTransport(const MqttOptions& options) : options_(options) {
    init_library_once();
  }
  ~MosquittoTransport() override { mosquitto_destroy(link_); }
  MosquittoTransport(const MosquittoTransport&) = delete;
  MosquittoTransport& operator=(const MosquittoTransport&) = delete;

  void set_handlers(Handlers handlers) override {
    handlers_ = std::make_shared<const Handlers>(std::move(handlers));
  }
  void set_will(MqttWill will) override { will_ = std::move(will); }
  Status connect() override;
  void disconnect() override;
  bool connected() const override { return state_ == State::up; }
  Result<int> publish(const std::string& topic, ByteView payload, bool retain,
                      std::uint32_t expiry_s) override;
  Status subscribe(const std::string& filter) override;
  void poll(Micros timeout, int wake_fd) override;
  int socket() const override { return link_ == nullptr ? -1 : mosquitto_socket(link_); }
  bool wants_write() const override { return link_ != nullptr && mosquitto_want_write(link_); }
  bool has_events() const override { return !events_.empty(); }
  void serve(short ready) override;
  void on_change(std::function<void()> changed) override { changed_ = std::move(changed); }

 private:
  enum class State { down, connecting, up };
  using Event = std::function<void(const Handlers&)>;

  Status open_link();
  Status set_options();
  void lost(const std::string& reason);
  void serve_socket(short ready);
  void check(int code);
  void dispatch();
  void close_if_down();
  void tell_change() const {
    if (changed_) changed_();
  }

  static MosquittoTransport& self(void* object) {
    return *static_cast<MosquittoTransport*>(object);
  }
  static void on_connect(mosquitto*, void* object, int code, int flags, const mosquitto_property*);
  static void on_disconnect(mosquitto*, void* object, int code, const mosquitto_property*);
  static void on_message(mosquitto*, void* object, const mosquitto_message* message,
                         const mosquitto_property*);
  static void on_publish(mosquitto*, void* object, int id, int code, const mosquitto_property*);
  static void on_subscribe(mosquitto*, void* object, int id, int count, const int* granted,
                           const mosquitto_property*);

  MqttOptions options_;
  std::shared_ptr<const Handlers> handlers_ = std::make_shared<const Handlers>();
  std::optional<MqttWill> will_;
  mosquitto* link_ = nullptr;
  State state_ = State::down;
  SteadyClock::time_point connect_deadline_;
  // Bounded, because libmosquitto walks its list for every PUBACK and never refuses.
  std::set<int> in_flight_;
  SteadyClock::time_point progress_at_;  // the last PUBACK, or when something began to wait for one
  std::map<int, std::string> subscribing_;
  // What happened inside libmosquitto, told after it has returned: a handler may then do anything,
  // connect() included.
  std::vector<Event> events_;
  std::function<void()> changed_;
};

std::string reason_text(int code) {
  return code >= 0x80 ? mosquitto_reason_string(code) : mosquitto_strerror(code);
}

Status MosquittoTransport::set_options() {
  int code = mosquitto_int_option(link_, MOSQ_OPT_PROTOCOL_VERSION, MQTT_PROTOCOL_V5);
  if (code == 0)
    code = mosquitto_int_option(link_, MOSQ_OPT_RECEIVE_MAXIMUM, options_.receive_maximum);
  if (code == 0) code = mosquitto_int_option(link_, MOSQ_OPT_TCP_NODELAY, 1);
  if (code == 0 && !options_.ca_file.empty() && options_.certificate_time) {
    // Its own context, to which libmosquitto adds everything it would have set in one it made.
    const auto context = make_tls_context(options_.certificate_time(), options_.host);
    if (!context) return fail(ErrorCode::unavailable, "OpenSSL has no memory for a link");
    code = mosquitto_void_option(link_, MOSQ_OPT_SSL_CTX, context.get());
    if (code == 0) code = mosquitto_int_option(link_, MOSQ_OPT_SSL_CTX_WITH_DEFAULTS, 1);
  }
  if (code == 0 && !options_.ca_file.empty()) {
    const auto path = [](const std::string& name) { return name.empty() ? nullptr : name.c_str(); };
    code = mosquitto_tls_set(link_, options_.ca_file.c_str(), nullptr,
                             path(options_.certificate_file), path(options_.key_file), nullptr);
    if (code != 0) {
      return fail(ErrorCode::unavailable, "cannot use " + options_.ca_file + ", " +
                                              options_.certificate_file + " and " +
                                              options_.key_file + " for TLS: " + reason_text(code));
    }
  }
  if (code == 0 && will_) {
    Properties properties;
    if (will_->expiry_s > 0) {
      properties =
          with_int32(std::move(properties), MQTT_PROP_MESSAGE_EXPIRY_INTERVAL, will_->expiry_s);
    }
    if (will_->delay_s > 0) {
      properties = with_int32(std::move(properties), MQTT_PROP_WILL_DELAY_INTERVAL, will_->delay_s);
    }
    code =
        mosquitto_will_set_v5(link_, will_->topic.c_str(), static_cast<int>(will_->payload.size()),
                              will_->payload.data(), 1, will_->retain, properties.get());
    if (code == 0) (void)properties.release();  // libmosquitto owns them now
  }
  if (code != 0)
    return fail(ErrorCode::internal, "cannot set up the MQTT link: " + reason_text(code));
  return ok();
}

// A fresh handle for every attempt: an old one would resend what it still holds, and that queue is
// not ours to see.
Status MosquittoTransport::open_link() {
  mosquitto_destroy(std::exchange(link_, nullptr));
  in_flight_.clear();
  subscribing_.clear();
  if (auto there = reach(options_.host, options_.port, kReachLimitMs); !there) return there;
  link_ = mosquitto_new(options_.client_id.c_str(), options_.session_expiry_s == 0, this);
  if (link_ == nullptr)
    return fail(ErrorCode::invalid, "client id " + options_.client_id + " cannot be used");
  if (auto set = set_options(); !set) return set;
  mosquitto_connect_v5_callback_set(link_, on_connect);
  mosquitto_disconnect_v5_callback_set(link_, on_disconnect);
  mosquitto_message_v5_callback_set(link_, on_message);
  mosquitto_publish_v5_callback_set(link_, on_publish);
  mosquitto_subscribe_v5_callback_set(link_, on_subscribe);

  Properties properties = with_int32(nullptr, MQTT_PROP_MAXIMUM_PACKET_SIZE, options_.max_packet);
  // A will waits no longer than the session it belongs to (MQTT 5, 3.1.3.2.2).
  const std::uint32_t session = std::max(options_.session_expiry_s, will_ ? will_->delay_s : 0);
  if (session > 0)
    properties = with_int32(std::move(properties), MQTT_PROP_SESSION_EXPIRY_INTERVAL, session);
  const int code = mosquitto_connect_bind_v5(link_, options_.host.c_str(), options_.port,
                                             options_.keepalive_s, nullptr, properties.get());
  if (code != MOSQ_ERR_SUCCESS) {
    return fail(ErrorCode::unavailable, "cannot connect to " + options_.host + ":" +
                                            std::to_string(options_.port) + ": " +
                                            reason_text(code));
  }
  return ok();
}

Status MosquittoTransport::connect() {
  if (state_ != State::down)
    return fail(ErrorCode::invalid, "connect() on a link that is not down");
  state_ = State::connecting;
  connect_deadline_ = SteadyClock::now() + kConnectLimit;
  // Every outcome is told by a handler, so a caller has one place to count attempts.
  if (auto opened = open_link(); !opened) lost(opened.error().message);
  close_if_down();
  tell_change();
  return ok();
}

void MosquittoTransport::disconnect() {
  if (link_ == nullptr) return;
  state_ = State::down;
  (void)mosquitto_disconnect_v5(link_, 0, nullptr);
  const auto deadline = SteadyClock::now() + std::chrono::milliseconds(500);
  while (mosquitto_want_write(link_) && SteadyClock::now() < deadline) {
    pollfd wait{mosquitto_socket(link_), POLLOUT, 0};
    if (wait.fd < 0 || ::poll(&wait, 1, 50) < 0 ||
        mosquitto_loop_write(link_, 1) != MOSQ_ERR_SUCCESS)
      break;
  }
  mosquitto_destroy(std::exchange(link_, nullptr));
  in_flight_.clear();
  tell_change();
}

Result<int> MosquittoTransport::publish(const std::string& topic, ByteView payload, bool retain,
                                        std::uint32_t expiry_s) {
  if (state_ != State::up) return fail(ErrorCode::unavailable, "not connected; nothing was queued");
  if (in_flight_.size() >= options_.most_in_flight) {
    return fail(ErrorCode::exhausted,
                std::to_string(in_flight_.size()) + " messages are on their way already");
  }
  Properties properties;
  if (expiry_s > 0) {
    properties = with_int32(std::move(properties), MQTT_PROP_MESSAGE_EXPIRY_INTERVAL, expiry_s);
  }
  int id = 0;
  const int code = mosquitto_publish_v5(link_, &id, topic.c_str(), static_cast<int>(payload.size()),
                                        payload.data(), 1, retain, properties.get());
  if (code != MOSQ_ERR_SUCCESS) {
    const bool size = code == MOSQ_ERR_OVERSIZE_PACKET || code == MOSQ_ERR_PAYLOAD_SIZE;
    return fail(size ? ErrorCode::invalid : ErrorCode::unavailable,
                "cannot publish " + std::to_string(payload.size()) + " bytes on " + topic + ": " +
                    reason_text(code));
  }
  if (in_flight_.empty()) progress_at_ = SteadyClock::now();
  in_flight_.insert(id);
  tell_change();
  return id;
}

Status MosquittoTransport::subscribe(const std::string& filter) {
  if (state_ != State::up)
    return fail(ErrorCode::unavailable, "not connected; nothing was subscribed");
  int id = 0;
  const int code = mosquitto_subscribe_v5(link_, &id, filter.c_str(), 1, 0, nullptr);
  if (code != MOSQ_ERR_SUCCESS) {
    return fail(ErrorCode::unavailable, "cannot subscribe to " + filter + ": " + reason_text(code));
  }
  subscribing_[id] = filter;
  tell_change();
  return ok();
}

void MosquittoTransport::poll(Micros timeout, int wake_fd) {
  pollfd wait[2] = {{socket(), POLLIN, 0},
                    {wake_fd, POLLIN, 0}};  // poll() skips negative descriptors
  if (wants_write()) wait[0].events |= POLLOUT;
  Micros wait_ms = std::max<Micros>(0, (timeout + kMillisecond - 1) / kMillisecond);
  if (wait[0].fd >= 0) wait_ms = std::min<Micros>(wait_ms, kLongestWaitMs);
  if (has_events()) wait_ms = 0;
  const int ready = ::poll(wait, 2, static_cast<int>(std::min<Micros>(wait_ms, 24 * 3600 * 1000)));
  serve(ready > 0 ? wait[0].revents : short{0});
}

void MosquittoTransport::serve(short ready) {
  if (link_ != nullptr) serve_socket(ready);
  close_if_down();
  dispatch();
}

// A link that is down keeps no socket: nobody would read it, and whoever waits for it would spin.
// Not done in lost(), which libmosquitto may have called.
void MosquittoTransport::close_if_down() {
  if (state_ != State::down || link_ == nullptr) return;
  mosquitto_destroy(std::exchange(link_, nullptr));
  tell_change();
}

void MosquittoTransport::serve_socket(short ready) {
  if ((ready & (POLLIN | POLLHUP | POLLERR)) != 0) check(mosquitto_loop_read(link_, 1));
  if (state_ != State::down && mosquitto_want_write(link_)) check(mosquitto_loop_write(link_, 1));
  if (state_ != State::down) check(mosquitto_loop_misc(link_));
  if (state_ == State::connecting && SteadyClock::now() > connect_deadline_) {
    lost("no answer from " + options_.host + ":" + std::to_string(options_.port) + " in time");
  }
  if (state_ == State::up && !in_flight_.empty() &&
      SteadyClock::now() - progress_at_ > std::chrono::microseconds(options_.congestion)) {
    lost("congested: " + std::to_string(in_flight_.size()) +
         " messages on their way and none acknowledged for " +
         std::to_string(options_.congestion / kSecond) + " s");
  }
  // The other end shall not take a dead link for a live one.
  if (state_ == State::down) mosquitto_destroy(std::exchange(link_, nullptr));
}

void MosquittoTransport::check(int code) {
  if (code != MOSQ_ERR_SUCCESS) lost(reason_text(code));
}

// The first reason counts; libmosquitto may report one loss by several ways.
void MosquittoTransport::lost(const std::string& reason) {
  if (state_ == State::down) return;
  state_ = State::down;
  in_flight_.clear();
  subscribing_.clear();
  events_.push_back([reason](const Handlers& handlers) {
    if (handlers.disconnected) handlers.disconnected(reason);
  });
}

void MosquittoTransport::dispatch() {
  // A handler may set other handlers or cause new events.
  const std::vector<Event> due = std::exchange(events_, {});
  for (const Event& event : due) {
    const auto handlers = handlers_;
    event(*handlers);
  }
}

void MosquittoTransport::on_connect(mosquitto*, void* object, int code, int,
                                    const mosquitto_property*) {
  auto& link = self(object);
  if (code != 0) return link.lost("the broker refuses the connection: " + reason_text(code));
  link.state_ = State::up;
  link.events_.push_back([](const Handlers& handlers) {
    if (handlers.connected) handlers.connected();
  });
}

void MosquittoTransport::on_disconnect(mosquitto*, void* object, int code,
                                       const mosquitto_property*) {
  self(object).lost(code == 0 ? "the link was closed" : reason_text(code));
}

void MosquittoTransport::on_message(mosquitto*, void* object, const mosquitto_message* message,
                                    const mosquitto_property*) {
  const auto* bytes = static_cast<const std::uint8_t*>(message->payload);
  MqttMessage copy{message->topic, Bytes(bytes, bytes + message->payloadlen), message->retain};
  self(object).events_.push_back([copy = std::move(copy)](const Handlers& handlers) {
    if (handlers.message) handlers.message(copy);
  });
}

void MosquittoTransport::on_publish(mosquitto*, void* object, int id, int code,
                                    const mosquitto_property*) {
  auto& link = self(object);
  link.in_flight_.erase(id);
  link.progress_at_ = SteadyClock::now();
  link.events_.push_back([id, code](const Handlers& handlers) {
    if (code < 0x80) {
      if (handlers.published) handlers.published(id);
    } else if (handlers.refused) {
      handlers.refused(id, reason_text(code));
    }
  });
}

void MosquittoTransport::on_subscribe(mosquitto*, void* object, int id, int count,
                                      const int* granted, const mosquitto_property*) {
  auto& link = self(object);
  const auto entry = link.subscribing_.find(id);
  const std::string filter = entry == link.subscribing_.end() ? "?" : entry->second;
  link.subscribing_.erase(id);
  if (count < 1 || granted[0] < 0x80) return;
  link.events_.push_back([id, filter, code = granted[0]](const Handlers& handlers) {
    if (handlers.refused)
      handlers.refused(id, "subscription to " + filter + ": " + reason_text(code));
  });
}

}  // namespace

std::unique_ptr<PolledTransport> make_mosquitto_transport(const MqttOptions& options) {
  return std::make_unique<MosquittoTransport>(options);
}

}  // namespace vitrine
