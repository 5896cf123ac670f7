#include <chrono>
#include <cstdio>

#include "backflow/billed_play.hpp"
#include "backflow/report_queries.hpp"
#include "intake.hpp"
#include "random.hpp"

namespace vitrine::bench {
namespace {

constexpr std::size_t kRowsAnAppend = 100'000;
constexpr std::int64_t kFirstDay = 20'788, kDays = 28;
constexpr std::int64_t kScreens = 1000, kAreas = 100;
constexpr CampaignId kFirstCampaign = 41;
constexpr std::uint32_t kCampaigns = 12;

// Figures as unlike one another as those of a real network: nine in ten plays have contacts, some
// of them seen by a camera; one in fifty is not paid.
BilledPlay billed(testing::Random& random, std::int64_t screen, std::int64_t day,
                  std::int64_t seq) {
  BilledPlay play;
  play.device = "screen-" + std::to_string(100'000 + screen);
  play.log_id = static_cast<LogId>(screen + 1);
  play.seq = static_cast<std::uint64_t>(seq);
  play.day = day;
  play.hour = static_cast<std::int64_t>(8 + random.below(14));
  play.utc_us = day * kDay + play.hour * kHour + static_cast<Micros>(random.below(3'600)) * kSecond;
  play.error_us = 20'000;
  play.time_quality = TimeQuality::within_second;
  play.area = static_cast<AreaId>(1 + screen % kAreas);
  play.campaign = kFirstCampaign + random.below(kCampaigns);
  play.creative = 2 * play.campaign + random.below(2);
  play.variant = 1;
  play.schedule_version = 3;
  play.grade = Grade::scanned_out;
  play.play_ms = static_cast<std::int64_t>(9900 + random.below(200));
  play.received_at_us = play.utc_us + kMinute;
  if (random.one_in(50)) {
    play.cause = Reason::bill_verdict;
    return play;
  }
  if (!random.one_in(10)) {
    play.observed = static_cast<std::int64_t>(random.below(2));
    play.imp_milli = static_cast<std::int64_t>(random.below(6000));
    play.target_imp_milli = play.imp_milli / 2;
    play.quality = play.observed == 1 ? 2 : 0;
    play.amount_pico = play.imp_milli * 2'500'000;
  }
  play.price_micro = 2'500'000;
  play.currency = "EUR";
  return play;
}

// Day by day and screen by screen, as billing does it.
Status fill(SqlStore& store, std::int64_t plays) {
  testing::Random random(1);
  SqlBlock block(billed_play_table());
  const auto append = [&] {
    auto added = store.append(block);
    block.cut(0);
    return added;
  };
  const std::int64_t a_day = plays / (kDays * kScreens);
  for (std::int64_t day = 0; day < kDays; ++day) {
    for (std::int64_t screen = 0; screen < kScreens; ++screen) {
      for (std::int64_t n = 1; n <= a_day; ++n)
        add_to(block, billed(random, screen, kFirstDay + day, day * a_day + n));
      if (block.rows() < kRowsAnAppend) continue;
      if (auto added = append(); !added) return added;
    }
    if (auto added = append(); !added) return added;
  }
  return ok();
}

// Asks three times, each answer read to its end.
Status ask(SqlStore& store, const char* what, const std::string& sql) {
  for (int round = 0; round < 3; ++round) {
    std::int64_t lines = 0;
    const auto began = std::chrono::steady_clock::now();
    auto asked = store.query(sql, [&](const SqlRow&) {
      ++lines;
      return ok();
    });
    if (!asked) return asked;
    const std::chrono::duration<double> took = std::chrono::steady_clock::now() - began;
    std::printf("%s %.3f s, %lld lines\n", what, took.count(), static_cast<long long>(lines));
    std::fflush(stdout);
  }
  return ok();
}

}  // namespace

Status exposure_table(const std::string& address, std::size_t plays) {
  auto store = open_sql_store(address);
  if (!store) return std::move(store).error();
  if (auto made = (*store)->create(billed_play_table()); !made) return made;
  const auto began = std::chrono::steady_clock::now();
  if (auto filled = fill(**store, static_cast<std::int64_t>(plays)); !filled) return filled;
  const std::chrono::duration<double> took = std::chrono::steady_clock::now() - began;
  auto stored = sql_scalar(**store, "SELECT count(*) FROM billed_play");
  if (!stored) return std::move(stored).error();
  std::printf("filled %.1f s, %lld plays\n", took.count(),
              static_cast<long long>(sql_integer(*stored)));
  std::fflush(stdout);
  ReportScope scope;
  if (auto asked = ask(**store, "all", exposure_sql(scope, ExposureGrain::hour)); !asked)
    return asked;
  scope.campaign = kFirstCampaign + kCampaigns / 2;
  if (auto asked = ask(**store, "table", exposure_sql(scope, ExposureGrain::hour)); !asked)
    return asked;
  return ask(**store, "report", play_report_sql(scope));
}

}  // namespace vitrine::bench
