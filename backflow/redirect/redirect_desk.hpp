// Answers what phones ask for: GET /<token>. Keeps no address and no browser's name; addresses are
// in the rate limit's memory for a minute and nowhere else. Thread-safe.
#pragma once

#include <array>
#include <atomic>
#include <memory>
#include <mutex>
#include <unordered_map>

#include "backflow/scan_journal.hpp"
#include "base/zone_table.hpp"
#include "http/http_server.hpp"
#include "http/rate_limit.hpp"
#include "platform/clock.hpp"
#include "redirect/scan_rules.hpp"

namespace vitrine::redirect {

class RedirectDesk {
 public:
  struct Setup {
    Hash256 tenant_key{};  // a screen's QR key is HKDF(this, its name)
    Window window;
    int a_minute_by_token = 600;
    int a_minute_by_address = 120;
  };
  RedirectDesk(Setup setup, ScanJournal& journal, const Clock& clock);

  // From now on.
  void renew(const Registry& registry, std::shared_ptr<const TargetBook> book);

  // 302 to a target: with a fresh scan_id when it is a scan, without when the code is a screen's
  // own but too old, too early or too many. 404 and two sentences otherwise. Waits for the disk
  // ScanJournal::kMostWait at most, and never for anything else.
  HttpAnswer answer(const HttpRequest& request);

  // Tokens that became no scan since the last call, into the journal. Call every minute.
  void write_counts();

  // Since the start, as a page of metrics (http/metrics_text.hpp). Names no screen and no token.
  std::string metrics() const;

 private:
  struct World {
    Registry registry;
    std::unordered_map<std::string, const RegisteredScreen*> by_name;  // into `registry`
    std::map<std::string, ZoneTable> zones;
    std::shared_ptr<const TargetBook> book;
  };
  std::shared_ptr<const World> world() const;
  bool admitted(RateLimit& limit, const std::string& key);
  std::string note_scan(const Judged& judged, Micros now, const World& world);

  Setup setup_;
  ScanJournal& journal_;
  const Clock& clock_;
  mutable std::mutex mutex_;  // of what follows
  std::shared_ptr<const World> world_;
  RateLimit by_token_, by_address_;
  using Counts = std::array<std::atomic<std::int64_t>, kScanCauseNames.size()>;
  Counts refused_{};  // since they were last written
  Counts refused_in_all_{};
  std::atomic<std::int64_t> requests_{0}, scans_{0};
  std::string process_;
  std::int64_t counts_ = 0;
};

}  // namespace vitrine::redirect
