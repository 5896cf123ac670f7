// What the store answers against the same figures counted out by hand.
#include <doctest/doctest.h>

#include <map>

#include "backflow/report_queries.hpp"
#include "clickhouse.hpp"
#include "report_kit.hpp"

using namespace vitrine;
using namespace vitrine::testing;

TEST_CASE("a report of a campaign has every play of it once, in each of its tables") {
  ReportStore kit;
  ReportScope scope;
  scope.campaign = 41;
  const auto report = read_play_report(kit.store(), scope);
  REQUIRE(report.ok());
  std::int64_t stored = 0, paid = 0, observed = 0, modelled = 0;
  for (const auto& play : kit.plays()) {
    if (play.campaign != 41) continue;
    ++stored;
    if (play.cause != Reason::none) continue;
    ++paid;
    if (play.observed == 1) observed += play.imp_milli;
    if (play.observed == 0) modelled += play.imp_milli;
  }
  CHECK(report->all.rows == stored);
  CHECK(report->all.paid == paid);
  CHECK(report->all.observed.imp_milli == observed);
  CHECK(report->all.modelled.imp_milli == modelled);
  CHECK(report->all.paid ==
        report->all.observed.plays + report->all.modelled.plays + report->all.unknown);
  for (const auto* table : {&report->by_day, &report->by_hour, &report->by_area,
                            &report->by_creative, &report->by_phase}) {
    std::int64_t rows = 0, contacts = 0;
    for (const auto& [key, figures] : *table) {
      rows += figures.rows;
      contacts += figures.observed.imp_milli;
    }
    CHECK(rows == stored);
    CHECK(contacts == observed);
  }
  std::int64_t causes = 0;
  for (const auto& [cause, plays] : report->causes) causes += plays;
  CHECK(causes == stored);  // billable + rejected by cause = all
  CHECK(report->causes.at(0) == paid);
  const auto micro = paid * 75'750;
  CHECK(report->all.amount.at("EUR") ==
        std::to_string(micro / 1'000'000) + "." +
            std::string(6 - std::to_string(micro % 1'000'000).size(), '0') +
            std::to_string(micro % 1'000'000) + "000000");
}

TEST_CASE("a report of a screen and of days holds no others") {
  ReportStore kit;
  ReportScope scope;
  scope.screen = "lobby-3";
  scope.first_day = kFirstDay + 2;
  scope.last_day = kFirstDay + 3;
  const auto report = read_play_report(kit.store(), scope);
  REQUIRE(report.ok());
  std::int64_t stored = 0;
  for (const auto& play : kit.plays())
    if (play.device == "lobby-3" && play.day >= kFirstDay + 2 && play.day <= kFirstDay + 3)
      ++stored;
  CHECK(report->all.rows == stored);
  CHECK(report->by_day.size() == 2);
}

TEST_CASE("a screen's name cannot become SQL") {
  ReportStore kit(10);
  ReportScope scope;
  scope.screen = "x' OR '1'='1";
  const auto report = read_play_report(kit.store(), scope);
  REQUIRE(report.ok());
  CHECK(report->all.rows == 0);
}

TEST_CASE("the exposure table adds up at each grain") {
  ReportStore kit;
  ReportScope scope;
  scope.campaign = 41;
  const std::map<AreaId, Profile> none;
  std::int64_t observed = 0;
  for (const auto& play : kit.plays())
    if (play.campaign == 41 && play.observed == 1) observed += play.imp_milli;
  for (const auto grain : {ExposureGrain::hour, ExposureGrain::day, ExposureGrain::minute}) {
    ExposureTableMaker maker(none);
    REQUIRE(read_exposure(kit.store(), scope, grain, [&](const ExposureSum& sum) {
              maker.add(sum);
            }).ok());
    std::int64_t sum = 0;
    for (const auto& row : maker.finish().rows) {
      sum += row.observed.imp_milli;
      if (grain == ExposureGrain::minute) CHECK(row.key.minute > 0);
      if (grain == ExposureGrain::day) CHECK(row.key.day >= kFirstDay);
    }
    CHECK(sum == observed);
  }
}

TEST_CASE("scans are counted by the local hour of their play; those that events name come whole") {
  Clickhouse server;
  for (const std::string& address : {std::string(), server.address("scans")}) {
    CAPTURE(address);
    ReportStore kit(3000, 1, address);
    kit.add_scans();
    const auto input = read_chain_input(kit.store(), {});
    REQUIRE_MESSAGE(input.ok(), input.error().message);
    std::map<std::int64_t, std::int64_t> by_hour, counted;
    for (const auto& play : kit.plays())
      if (play.campaign == 41 && play.area == 1) ++by_hour[play.hour];
    for (const auto& count : input->counts) {
      CHECK(count.area == 1);
      CHECK(count.state == "tied");
      counted[count.hour] += count.scans;
    }
    CHECK(counted == by_hour);
    CHECK(input->scans.size() == input->events.size());  // every second one became an order
    for (const auto& one : input->scans) {
      const auto& play = kit.plays()[static_cast<std::size_t>(*one.scan.seq - 1)];
      CHECK(one.scan.scan_id == "s" + std::to_string(play.seq));
      CHECK(one.hour == play.hour);
    }
    const auto report = chain_report(input->counts, input->scans, input->events);
    CHECK(report.all.scans == kit.scans());
    CHECK(report.all.stages[static_cast<std::size_t>(ChainStage::order)].count ==
          static_cast<std::int64_t>(input->events.size()));
    CHECK(report.without_scan == 0);
    // Of another campaign nothing is counted, but an event may have come of any.
    ReportScope other;
    other.campaign = 42;
    const auto others = read_chain_input(kit.store(), other);
    REQUIRE_MESSAGE(others.ok(), others.error().message);
    CHECK(others->counts.empty());
    CHECK(others->scans.size() == input->scans.size());
  }
}

TEST_CASE("an area's events of a day are counted with their distinct persons") {
  ReportStore kit;
  kit.add_scans();
  const auto events = read_area_day_events(kit.store(), {}, "");
  REQUIRE(events.ok());
  std::int64_t sum = 0;
  for (const auto& cell : *events) {
    CHECK(cell.key.area == 1);
    CHECK(cell.persons <= cell.events);
    CHECK(cell.net_micro == cell.events * 18'000'000);
    sum += cell.events;
  }
  CHECK(sum > 100);
  CHECK(read_area_day_events(kit.store(), {}, "nobody's brand")->empty());
}

TEST_CASE("a store that never heard of the online side has none of it, and is told all the same") {
  const TempDirectory dir;
  auto store = open_sql_store("sqlite:" + (dir / "plays.db").string());
  REQUIRE(store.ok());
  CHECK(read_play_report(**store, {}).error().code == ErrorCode::not_found);  // nor of bills
  REQUIRE((*store)->create(billed_play_table()).ok());
  std::mt19937 random(1);
  REQUIRE((*store)->append(billed_play_table(), {{to_sql(made_up_play(0, random))}}).ok());
  const auto plays = read_play_report(**store, {});
  REQUIRE_MESSAGE(plays.ok(), plays.error().message);
  const auto scans = read_chain_input(**store, {});
  REQUIRE_MESSAGE(scans.ok(), scans.error().message);
  CHECK(scans->counts.empty());
  CHECK(scans->scans.empty());
  const auto events = read_area_day_events(**store, {}, "");
  REQUIRE_MESSAGE(events.ok(), events.error().message);
  CHECK(events->empty());
}
