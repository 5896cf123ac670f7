#include "screen.hpp"

#include "platform/log.hpp"

namespace vitrine::fleet {

Result<std::unique_ptr<Screen>> Screen::open(const ScreenId& name, const Setup& setup,
                                             std::size_t plays) {
  auto outbox = Outbox::open(setup.outbox);
  if (!outbox) return std::move(outbox).error().context(name);
  const LogId log_id = random_u64();
  auto rows = make_plays(name, log_id, setup.installation.proof_key(name), plays,
                         setup.clock.boot_id(), setup.clock.boottime());
  auto log = std::make_unique<PreparedLog>(log_id, std::move(rows));
  return std::unique_ptr<Screen>(new Screen(name, setup, *std::move(outbox), std::move(log)));
}

Screen::Screen(const ScreenId& name, const Setup& setup, Outbox outbox,
               std::unique_ptr<PreparedLog> log)
    : installation_(setup.installation),
      clock_(setup.clock),
      outbox_(std::move(outbox)),
      transport_(make_mosquitto_transport(setup.installation.mqtt(name, setup.host, setup.port))),
      metered_(*transport_, setup.traffic),
      link_(metered_, setup.clock, {.screen = name, .software = "fleet"}),
      courier_(outbox_, metered_, setup.clock, name,
               [](const std::string&, const std::string& text) { log_warn("{}", text); }),
      log_(log.get()),
      freezer_(outbox_, setup.clock, name, only(std::move(log))) {
  link_.on_connected([this] { courier_.link_up(); });
  link_.on_message([this](const MqttMessage& message) { receive(message); });
}

std::vector<std::unique_ptr<LogSource>> Screen::only(std::unique_ptr<PreparedLog> log) {
  std::vector<std::unique_ptr<LogSource>> sources;
  sources.push_back(std::move(log));
  return sources;
}

void Screen::play(std::size_t count) {
  const std::size_t before = log_->released() / kBatchRows;
  log_->release(count);
  freezer_.tick(kNoBatchPeriod);
  for (std::size_t i = before; i < log_->released() / kBatchRows; ++i)
    frozen_at_.push_back(clock_.boottime());
  courier_.tick(kNoBatchPeriod);
}

void Screen::receive(const MqttMessage& message) {
  const auto before = courier_.acked();
  courier_.receive_ack(message.payload, installation_.trust());
  const Micros now = clock_.boottime();
  for (auto i = before; i < courier_.acked() && !frozen_at_.empty(); ++i) {
    if (acked_) acked_(now - frozen_at_.front());
    frozen_at_.pop_front();
  }
  if (!frozen_at_.empty()) courier_.tick(kNoBatchPeriod);  // the window may have room again
}

}  // namespace vitrine::fleet
