// vitrine-telemetry: one loop that owns link, outbox and documents; downloads run beside it
// (fetch.hpp).
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "assembly.hpp"
#include "beacon_taker.hpp"
#include "bodies.hpp"
#include "command_desk.hpp"
#include "courier.hpp"
#include "fetch.hpp"
#include "field_note_sender.hpp"
#include "freezer.hpp"
#include "health.hpp"
#include "inbox.hpp"
#include "link.hpp"
#include "metered_link.hpp"
#include "player_troubles.hpp"
#include "rehash.hpp"
#include "renewal.hpp"
#include "time_keeper.hpp"
#include "update_news.hpp"

namespace vitrine {

struct DaemonOptions {
  StatePaths paths;
  Micros backoff_cap = 5 * kSecond;
  Micros built_at_utc = 0;
  std::string software;
  SystemRoots roots;
  MqttOptions mqtt;  // host, port, client id and TLS files; see mqtt_options()
};
// mTLS with the device's key, to the broker named in device.toml.
MqttOptions mqtt_options(const StatePaths& paths, const DeviceIdentity& identity);

class Daemon {
 public:
  static Result<std::unique_ptr<Daemon>> open(DaemonOptions options, const Clock& clock);

  // One turn: everything that is due, then at most `wait` for the network or a download.
  void turn(Micros wait);
  // Freezes what is left, keeps delivering for at most `limit` while the link stands, says offline.
  void close(Micros limit);

  Outbox::Load outbox_load();  // what is not acknowledged yet

 private:
  Daemon(DaemonOptions options, DeviceIdentity identity, const Clock& clock, Outbox outbox);
  Status start();
  void receive(const MqttMessage& message);
  void report();
  bool notify(const std::string& code, const std::string& text);
  Micros batch_period();
  void replace_outbox();
  std::optional<LocalTime> local_now() const;
  MqttOptions dated_mqtt();
  void look_after_time();
  Result<std::string> resend(Stream stream, LogId log_id, std::uint64_t first, std::uint64_t last);

  DaemonOptions options_;
  DeviceIdentity identity_;
  const Clock& clock_;
  DeviceTopics topics_;
  Outbox outbox_;
  TimeKeeper time_keeper_;
  std::unique_ptr<MqttTransport> transport_;
  Link link_;
  BeaconTaker beacons_;
  Courier courier_;
  Freezer freezer_;
  Renewal renewal_;
  FetchWorker fetch_;
  FetchWorker body_fetch_;  // documents never stand in line behind films
  Bodies bodies_;
  ZoneTable zone_;
  MeteredLink metered_;
  std::unique_ptr<Rehash> rehash_;
  std::unique_ptr<Inbox> inbox_;
  std::unique_ptr<Assembly> assembly_;
  std::unique_ptr<CommandDesk> commands_;
  Health health_;
  PlayerTroubles troubles_{
      [this](const std::string& code, const std::string& text) { return notify(code, text); }};
  FieldNoteSender field_notes_{
      [this](const std::string& code, const std::string& text) { return notify(code, text); }};
  UpdateNews update_news_{
      [this](const std::string& code, const std::string& text) { return notify(code, text); }};
  bool dated_ = true;     // the link's certificates were checked by a trusted clock
  std::string reported_;  // as last retained on this link
  fs::path told_aside_;   // the damaged outbox that was reported
  Micros next_look_ = 0, last_look_ = 0;
  Micros next_forget_ = 0;
};

}  // namespace vitrine
