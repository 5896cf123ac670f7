// A store with plays, scans and events of a made-up fortnight, the same for the same seed.
#pragma once

#include <doctest/doctest.h>

#include <random>

#include "backflow/billed_play.hpp"
#include "backflow/online_rows.hpp"
#include "backflow/sql_store.hpp"
#include "platform/file.hpp"
#include "temp_directory.hpp"

namespace vitrine::testing {

inline constexpr std::int64_t kFirstDay = 20'760;  // 2026-11-03
inline constexpr std::int64_t kDays = 14;

// The n-th play of campaign 41 or 42: every figure follows from n.
inline BilledPlay made_up_play(std::int64_t n, std::mt19937& random) {
  const auto below = [&](unsigned most) { return static_cast<std::int64_t>(random() % most); };
  BilledPlay play;
  play.device = "lobby-" + std::to_string(1 + n % 9);
  play.log_id = 77;
  play.seq = static_cast<std::uint64_t>(n + 1);
  play.day = kFirstDay + below(kDays);
  play.hour = 7 + below(14);
  play.utc_us = (play.day * 24 + play.hour) * kHour + below(3600) * kSecond;
  play.error_us = 1000;
  play.time_quality = TimeQuality::within_second;
  play.area = static_cast<AreaId>(1 + n % 3);
  play.campaign = below(4) == 0 ? 42 : 41;
  play.flight_phase = play.day < kFirstDay + 5 ? FlightPhase::warm_up : FlightPhase::launch;
  play.creative = static_cast<CreativeId>(101 + below(3));
  play.cause = below(20) == 0 ? Reason::bill_verdict : Reason::none;
  play.grade = below(10) == 0 ? Grade::presented : Grade::scanned_out;
  play.play_ms = 10'000;
  if (below(3) != 0) {
    play.observed = play.area == 1 ? 1 : 0;
    play.imp_milli = 1000 + below(4000);
    play.target_imp_milli = play.imp_milli / 3;
    play.quality = play.observed == 1 ? 2 : 0;
  }
  if (play.cause == Reason::none) {
    play.amount_pico = 75'750'000'000;
    play.currency = "EUR";
    play.price_micro = 2'500'000;
  }
  return play;
}

class ReportStore {
 public:
  // `address`: of another store than a SQLite file of its own.
  explicit ReportStore(std::int64_t plays = 3000, unsigned seed = 1,
                       const std::string& address = "") {
    auto opened = open_sql_store(address.empty() ? "sqlite:" + file().string() : address);
    REQUIRE(opened.ok());
    store_ = *std::move(opened);
    REQUIRE(store_->create(billed_play_table()).ok());
    REQUIRE(create_online_tables(*store_).ok());
    std::mt19937 random(seed);
    std::vector<SqlRow> rows;
    for (std::int64_t n = 0; n < plays; ++n) {
      plays_.push_back(made_up_play(n, random));
      rows.push_back(to_sql(plays_.back()));
    }
    REQUIRE(store_->append(billed_play_table(), rows).ok());
  }

  // Each play of campaign 41 on area 1 was scanned; every second scan became an order.
  void add_scans() {
    std::vector<SqlRow> scans, events;
    for (const BilledPlay& play : plays_) {
      if (play.campaign != 41 || play.area != 1) continue;
      Scan scan;
      scan.scan_id = "s" + std::to_string(play.seq);
      scan.time_us = play.utc_us + kMinute;
      scan.device = play.device;
      scan.creative = play.creative;
      scan.campaign = play.campaign;
      scan.landing = "product";
      scan.state = "tied";
      scan.log_id = static_cast<std::int64_t>(play.log_id);
      scan.seq = static_cast<std::int64_t>(play.seq);
      scan.area = play.area;
      scan.arm = 0;
      scan.day = play.day;
      scans.push_back(to_sql_row(scan));
      if (play.seq % 2 == 0) continue;
      OnlineEvent order;
      order.event_id = "e" + std::to_string(play.seq);
      order.type = "order";
      order.time_us = scan.time_us + kHour;
      order.day = play.day;
      order.scan_id = scan.scan_id;
      order.order_id = "o" + std::to_string(play.seq);
      order.id_type = "mobile";
      order.id_hash = "h" + std::to_string(play.seq % 500);
      order.area = 1;
      order.qty = 1;
      order.gross_micro = 20'000'000;
      order.net_micro = 18'000'000;
      order.currency = "EUR";
      order.brand = "=cmd|' /C calc'!A0";  // as somebody might try
      events.push_back(to_sql_row(order));
    }
    REQUIRE(store_->append(scan_table(), scans).ok());
    REQUIRE(store_->append(online_event_table(), events).ok());
    scans_ = static_cast<std::int64_t>(scans.size());
  }

  SqlStore& store() { return *store_; }
  const std::vector<BilledPlay>& plays() const { return plays_; }
  std::int64_t scans() const { return scans_; }
  fs::path file() const { return directory_ / "store.db"; }
  fs::path operator/(const std::string& name) const { return directory_ / name; }

 private:
  TempDirectory directory_;
  std::unique_ptr<SqlStore> store_;
  std::vector<BilledPlay> plays_;
  std::int64_t scans_ = 0;
};

}  // namespace vitrine::testing
