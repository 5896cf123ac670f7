#include "backflow/chain.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <random>

using namespace vitrine;

namespace {

constexpr std::int64_t kNow = 1'764'547'200'000'000;  // 2025-12-01

ChainScan scan(const std::string& id, std::int64_t at_s, std::int64_t creative = 7,
               std::int64_t area = 3, std::int64_t hour = 9) {
  ChainScan one;
  one.scan.scan_id = id;
  one.scan.time_us = kNow + at_s * kSecond;
  one.scan.device = "lobby-1";
  one.scan.creative = creative;
  one.scan.campaign = 41;
  one.scan.landing = "product";
  one.scan.state = "tied";
  one.scan.area = area;
  one.hour = hour;
  return one;
}

OnlineEvent event(const std::string& id, const std::string& type, std::int64_t at_s) {
  OnlineEvent one;
  one.event_id = id;
  one.type = type;
  one.time_us = kNow + at_s * kSecond;
  return one;
}

OnlineEvent order(const std::string& id, const std::string& order_id, std::int64_t at_s,
                  std::int64_t gross) {
  OnlineEvent one = event(id, "order", at_s);
  one.order_id = order_id;
  one.gross_micro = gross;
  one.net_micro = gross - 1;
  one.currency = "EUR";
  return one;
}

// Of all these scans, each counted by itself.
ChainReport report_of(const std::vector<ChainScan>& scans, const std::vector<OnlineEvent>& events,
                      const ScanFilter& wanted = {}) {
  std::vector<ScanCount> counts;
  for (const ChainScan& one : scans)
    if (!wanted || wanted(one.scan)) counts.push_back(count_of(one));
  return chain_report(counts, scans, events, wanted);
}

const ChainFigures::Stage& stage(const ChainFigures& figures, ChainStage which) {
  return figures.stages[static_cast<std::size_t>(which)];
}

}  // namespace

TEST_CASE("a scan leads by its own number to a follow, by its coupon to an order") {
  auto follow = event("e1", "follow", 30);
  follow.scan_id = "s1";
  auto claimed = event("e2", "coupon_claimed", 60);
  claimed.scan_id = "s1";
  claimed.coupon_id = "c1";
  auto bought = order("e3", "o1", 600, 5'000'000);
  bought.coupon_id = "c1";
  const auto report = report_of({scan("s1", 0)}, {bought, claimed, follow});
  CHECK(report.all.scans == 1);
  CHECK(stage(report.all, ChainStage::follow).count == 1);
  CHECK(stage(report.all, ChainStage::coupon).count == 1);
  CHECK(stage(report.all, ChainStage::order).count == 1);
  CHECK(stage(report.all, ChainStage::order).half_delay_s == 600);
  CHECK(report.all.value.at("EUR") == Value{5'000'000, 4'999'999});
  CHECK(report.by_creative.at(7) == report.all);
  CHECK(report.by_area.at(3) == report.all);
  CHECK(report.by_hour.at(9) == report.all);
}

TEST_CASE("an order of several lines is one order, and what comes back is taken off its value") {
  auto first = order("e1", "o1", 100, 5'000'000);
  first.scan_id = "s1";
  const auto second = order("e2", "o1", 100, 2'000'000);  // names the order alone
  auto back = event("e3", "return", 40 * 86400);          // long after the window
  back.order_id = "o1";
  back.gross_micro = -2'000'000;  // some shops say it as a negative amount
  back.net_micro = 1'999'999;
  back.currency = "EUR";
  const auto report = report_of({scan("s1", 0)}, {back, second, first});
  CHECK(stage(report.all, ChainStage::order).count == 1);
  CHECK(stage(report.all, ChainStage::returned).count == 1);
  CHECK(report.all.value.at("EUR") == Value{5'000'000, 4'999'999});
}

TEST_CASE("a return whose order is not there yet is counted apart and takes nothing off") {
  auto back = event("e3", "return", 100);
  back.scan_id = "s1";
  back.order_id = "o9";
  back.gross_micro = 2'000'000;
  const auto report = report_of({scan("s1", 0)}, {back});
  CHECK(report.returns_without_order == 1);
  CHECK(report.all.value.empty());
}

TEST_CASE("what comes before its scan or after the window was not caused by it") {
  auto early = event("e1", "follow", -120);
  early.scan_id = "s1";
  auto slack = event("e2", "follow", -30);  // clocks differ
  slack.scan_id = "s2";
  auto late = event("e3", "follow", 31 * 86400);
  late.scan_id = "s3";
  const auto report =
      report_of({scan("s1", 0), scan("s2", 0), scan("s3", 0)}, {early, slack, late});
  CHECK(stage(report.all, ChainStage::follow).count == 1);
  CHECK(stage(report.all, ChainStage::follow).half_delay_s == 0);
  CHECK(report.without_scan == 2);
}

TEST_CASE("pending and rejected scans lead to nothing and are counted") {
  auto pending = scan("s1", 0);
  pending.scan.state = "pending";
  auto rejected = scan("s2", 0);
  rejected.scan.state = "rejected";
  rejected.scan.cause = "no_play";
  auto follow = event("e1", "follow", 30);
  follow.scan_id = "s1";
  const auto report = report_of({pending, rejected}, {follow});
  CHECK(report.all.scans == 0);
  CHECK(report.pending == 1);
  CHECK(report.rejected.at("no_play") == 1);
  CHECK(report.without_scan == 1);
}

TEST_CASE("a coupon that two campaigns handed out belongs to the first of them") {
  auto other = scan("s2", 10);
  other.scan.campaign = 42;
  auto first = event("e1", "coupon_claimed", 20);
  first.scan_id = "s1";
  first.coupon_id = "c1";
  auto second = event("e2", "coupon_claimed", 30);
  second.scan_id = "s2";
  second.coupon_id = "c1";
  auto bought = order("e3", "o1", 100, 1'000'000);
  bought.coupon_id = "c1";
  const std::vector<ChainScan> scans = {scan("s1", 0), other};
  const std::vector<OnlineEvent> events = {first, second, bought};
  const auto of = [&](std::int64_t campaign) {
    return report_of(scans, events, [&](const Scan& one) { return one.campaign == campaign; });
  };
  CHECK(stage(of(41).all, ChainStage::order).count == 1);
  CHECK(stage(of(42).all, ChainStage::order).count == 0);
  CHECK(of(42).all.scans == 1);
}

TEST_CASE("the report is the same whatever the order of arrival, with everything sent twice") {
  std::mt19937 random(20261202);
  const auto below = [&](unsigned most) { return static_cast<std::int64_t>(random() % most); };
  for (int round = 0; round < 60; ++round) {
    std::vector<ChainScan> scans;
    for (int i = 0; i < 30; ++i)
      scans.push_back(scan("s" + std::to_string(i), below(1000), below(3), below(4), below(24)));
    std::vector<OnlineEvent> events;
    const char* types[] = {"follow", "coupon_claimed", "coupon_redeemed", "order", "return"};
    for (int i = 0; i < 120; ++i) {
      auto one = event("e" + std::to_string(i), types[below(5)], below(4000));
      if (below(2) == 0) one.scan_id = "s" + std::to_string(below(35));
      if (below(2) == 0) one.coupon_id = "c" + std::to_string(below(12));
      if (one.type == "order" || one.type == "return")
        one.order_id = "o" + std::to_string(below(25));
      one.gross_micro = below(1'000'000);
      one.currency = below(3) == 0 ? "USD" : "EUR";
      if (below(3) != 0) {
        one.id_type = "mobile";
        one.id_hash = "h" + std::to_string(below(40));
      }
      events.push_back(std::move(one));
    }
    const auto truth = report_of(scans, events);
    auto twice = events;
    twice.insert(twice.end(), events.begin(), events.end());
    std::shuffle(twice.begin(), twice.end(), random);
    std::shuffle(scans.begin(), scans.end(), random);
    const auto again = report_of(scans, twice);
    CHECK(again.all == truth.all);
    CHECK(again.by_creative == truth.by_creative);
    CHECK(again.by_area == truth.by_area);
    CHECK(again.by_hour == truth.by_hour);
    CHECK(again.without_scan == truth.without_scan);
    CHECK(again.returns_without_order == truth.returns_without_order);
    // Every table adds up to the whole.
    ChainFigures sum;
    for (const auto& [key, line] : truth.by_hour) {
      sum.scans += line.scans;
      for (std::size_t i = 0; i < kChainStages; ++i) sum.stages[i].count += line.stages[i].count;
    }
    CHECK(sum.scans == truth.all.scans);
    for (std::size_t i = 0; i < kChainStages; ++i)
      CHECK(sum.stages[i].count == truth.all.stages[i].count);
  }
}

TEST_CASE("a stage that fewer than twenty persons reached is not told, and nothing gives it away") {
  std::vector<ChainScan> scans;
  std::vector<OnlineEvent> events;
  // Creative 1: 60 orders, creative 2: 30, creative 3: five.
  for (int i = 0; i < 95; ++i) {
    const int creative = i < 60 ? 1 : i < 90 ? 2 : 3;
    scans.push_back(scan("s" + std::to_string(i), 0, creative));
    auto bought = order("e" + std::to_string(i), "o" + std::to_string(i), 60, 1'000'000);
    bought.scan_id = scans.back().scan.scan_id;
    events.push_back(bought);
  }
  const auto report = told(report_of(scans, events));
  const auto orders = static_cast<std::size_t>(ChainStage::order);
  CHECK(report.all.stages[orders]->count == 95);
  CHECK(report.by_creative.at(1).stages[orders]->count == 60);
  // 95 less 60 and 30 would tell the five.
  CHECK_FALSE(report.by_creative.at(2).stages[orders].has_value());
  CHECK_FALSE(report.by_creative.at(3).stages[orders].has_value());
  CHECK_FALSE(report.by_creative.at(3).value.has_value());
  CHECK(report.by_creative.at(3).scans == 5);  // of plays, not of persons
  CHECK(report.by_area.at(3).stages[orders]->count == 95);
}

TEST_CASE("twenty orders of one person are one person") {
  std::vector<ChainScan> scans;
  std::vector<OnlineEvent> events;
  for (int i = 0; i < 40; ++i) {
    scans.push_back(scan("s" + std::to_string(i), 0));
    auto bought = order("e" + std::to_string(i), "o" + std::to_string(i), 60, 1'000'000);
    bought.scan_id = scans.back().scan.scan_id;
    bought.id_type = "mobile";
    bought.id_hash = "the same";
    events.push_back(bought);
  }
  const auto report = told(report_of(scans, events));
  CHECK_FALSE(report.all.stages[static_cast<std::size_t>(ChainStage::order)].has_value());
  CHECK_FALSE(report.all.value.has_value());
}
