// One screen of the fleet: the device's own outbox, freezer, courier and link, over a log that was
// made before.
#pragma once

#include <deque>
#include <limits>
#include <memory>

#include "courier.hpp"
#include "freezer.hpp"
#include "installation.hpp"
#include "link.hpp"
#include "metered_transport.hpp"
#include "prepared_log.hpp"

namespace vitrine::fleet {

class Screen {
 public:
  struct Setup {
    const Installation& installation;
    const Clock& clock;
    Traffic& traffic;
    fs::path outbox;  // of this screen; ":memory:" is one that needs no descriptor
    std::string host;
    int port = 8883;
  };
  // What is handed in outlives the screen.
  static Result<std::unique_ptr<Screen>> open(const ScreenId& name, const Setup& setup,
                                              std::size_t plays);
  Screen(const Screen&) = delete;
  Screen& operator=(const Screen&) = delete;

  PolledTransport& transport() { return *transport_; }
  bool connected() const { return transport_->connected(); }
  void tick_link() { link_.tick(); }
  // Plays up to number `count` have ended: freezes full batches and sends them.
  void play(std::size_t count);
  // Sends again what waited too long for its ack.
  void resend() { courier_.tick(kNoBatchPeriod); }

  std::size_t plays() const { return log_->size(); }
  std::size_t played() const { return log_->released(); }
  // When the oldest batch without an ack was frozen; the end of time when all are acknowledged.
  Micros waits_since() const {
    return frozen_at_.empty() ? std::numeric_limits<Micros>::max() : frozen_at_.front();
  }
  // Calls with the time between freezing and ack, for each batch that is acknowledged.
  void on_ack(std::function<void(Micros)> handler) { acked_ = std::move(handler); }
  void leave() { link_.leave(); }

 private:
  // Rows come in whole batches, so no batch ever closes by its age.
  static constexpr Micros kNoBatchPeriod = kDay;
  Screen(const ScreenId& name, const Setup& setup, Outbox outbox, std::unique_ptr<PreparedLog> log);
  static std::vector<std::unique_ptr<LogSource>> only(std::unique_ptr<PreparedLog> log);
  void receive(const MqttMessage& message);

  const Installation& installation_;
  const Clock& clock_;
  Outbox outbox_;
  std::unique_ptr<PolledTransport> transport_;
  MeteredTransport metered_;
  Link link_;
  Courier courier_;
  PreparedLog* log_;  // the freezer owns it
  Freezer freezer_;
  std::deque<Micros> frozen_at_;  // of batches without an ack; acks come in that order
  std::function<void(Micros)> acked_;
};

}  // namespace vitrine::fleet
