// The health of a screen: samples its figures once a minute, keeps them as health rows, decides the
// alerts, writes run/telemetry/status and answers on the metrics socket. What it asks of the other
// parts are figures they have anyway. One thread.
#pragma once

#include <deque>
#include <optional>
#include <string>
#include <vector>

#include "alerts.hpp"
#include "courier.hpp"
#include "fetch.hpp"
#include "inbox.hpp"
#include "link.hpp"
#include "metrics.hpp"
#include "play_figures.hpp"
#include "system_figures.hpp"
#include "time_keeper.hpp"

namespace vitrine {

class Health {
 public:
  struct Setup {
    StatePaths paths;
    SystemRoots roots;
    ScreenId screen;
    std::string software;
    Alerts::Notify notify;
  };
  struct Parts {
    Outbox& outbox;
    const Link& link;
    const MqttTransport& transport;
    const Courier& courier;
    const TimeKeeper& time_keeper;
    const FetchWorker& fetch;
    const Clock& clock;
  };
  Health(Setup setup, Parts parts);

  // For run/telemetry/status: the audience daemon hurries no more than that.
  void rows_wait(Micros batch_period) { status_.batch_period_s = batch_period / kSecond; }
  void tick(Inbox& inbox);
  // Keeps the rows that wait in memory.
  void close();

  void take_plays(const std::vector<PlayRow>& rows);
  // What the status page shows as the last thing to hear of.
  void noted(const std::string& text);

  const TelemetryStatus& status() const { return status_; }

 private:
  Figures sample(Inbox& inbox);
  void add_link(Micros now, Figures& to);
  void add_outbox(Micros now, Figures& to);
  void add_disk(Micros now, Figures& to);
  void add_others(Micros now, Figures& to);
  void keep_row(const Figures& figures, Micros now);
  void flush_rows();
  void write_status(Inbox& inbox);

  Setup setup_;
  Parts parts_;
  Micros started_at_;
  fs::path disk_;
  ProcessFigures processes_;
  PlayFigures plays_;
  TelemetryStatus status_;
  std::optional<Alerts> alerts_;
  std::optional<MetricsSocket> metrics_;
  std::vector<HealthRow> rows_;  // in memory until there are enough for one transaction
  struct Mark {
    Micros at = 0;
    std::int64_t count = 0;
  };
  std::deque<Mark> written_;   // bytes written to the disk, hourly
  std::deque<Mark> failures_;  // of the link, minute by minute
  Micros next_sample_ = 0;
  Micros next_status_ = 0;
  bool kept_one_ = false;
};

}  // namespace vitrine
