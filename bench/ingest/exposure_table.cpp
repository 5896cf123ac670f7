#include <algorithm>
#include <chrono>
#include <cstdio>

#include "backflow/sql_store.hpp"
#include "intake.hpp"
#include "random.hpp"

namespace vitrine::bench {
namespace {

constexpr std::size_t kRowsAnAppend = 100'000;
constexpr std::int64_t kFirstDay = 20'780, kDays = 30;

// The columns of billed_play that the question reads, and what makes its rows unlike one another.
SqlTable billed_play() {
  return {"billed_play",
          {{"day", SqlType::integer, "UInt16"},
           {"campaign", SqlType::integer, "UInt32"},
           {"area", SqlType::integer, "UInt32"},
           {"hour", SqlType::integer, "UInt8"},
           {"creative", SqlType::integer, "UInt32"},
           {"cause", SqlType::integer, "UInt8"},
           {"observed", SqlType::maybe_integer, "UInt8"},
           {"play_ms", SqlType::integer, "UInt32"},
           {"imp_milli", SqlType::maybe_integer},
           {"target_imp_milli", SqlType::maybe_integer},
           {"device", SqlType::text},
           {"log_id"},
           {"seq"}},
          {"day", "campaign", "device", "log_id", "seq"},
          "day"};
}

SqlRow billed(testing::Random& random, std::int64_t day, std::int64_t n) {
  const auto campaign = 4001 + static_cast<std::int64_t>(random.below(12));
  const auto screen = static_cast<std::int64_t>(random.below(1000));
  SqlValue observed, impressions, target;
  if (!random.one_in(10)) {
    observed = static_cast<std::int64_t>(random.below(2));
    impressions = static_cast<std::int64_t>(random.below(6000));
    target = static_cast<std::int64_t>(random.below(3000));
  }
  return {day,
          campaign,
          1 + screen % 50,
          static_cast<std::int64_t>(8 + random.below(14)),
          10'000 + 2 * campaign + static_cast<std::int64_t>(random.below(2)),
          random.one_in(50) ? std::int64_t{41} : std::int64_t{0},
          observed,
          std::int64_t{15'000},
          impressions,
          target,
          "screen-" + std::to_string(screen),
          screen,
          n};
}

}  // namespace

Status exposure_table(const std::string& address, std::size_t plays) {
  auto store = open_sql_store(address);
  if (!store) return std::move(store).error();
  const SqlTable table = billed_play();
  if (auto made = (*store)->create(table); !made) return made;
  testing::Random random(1);
  std::vector<SqlRow> rows;
  for (std::size_t done = 0; done < plays; done += rows.size()) {
    const auto day = kFirstDay + static_cast<std::int64_t>(done * kDays / plays);
    rows.clear();
    for (std::size_t i = 0; i < std::min(kRowsAnAppend, plays - done); ++i)
      rows.push_back(billed(random, day, static_cast<std::int64_t>(done + i)));
    if (auto added = (*store)->append(table, rows); !added) return added;
  }
  for (int round = 0; round < 3; ++round) {
    std::size_t lines = 0;
    std::int64_t counted = 0;
    const auto began = std::chrono::steady_clock::now();
    auto asked = (*store)->query(
        "SELECT area, hour, creative, observed, count(*), sum(play_ms), sum(imp_milli), "
        "sum(target_imp_milli) FROM billed_play WHERE campaign = 4007 AND cause = 0 "
        "GROUP BY area, hour, creative, observed ORDER BY area, hour, creative, observed",
        [&](const SqlRow& row) {
          ++lines;
          counted += sql_integer(row[4]);
          return ok();
        });
    if (!asked) return asked;
    const std::chrono::duration<double> took = std::chrono::steady_clock::now() - began;
    std::printf("exposure table: %.3f s, %zu lines of %lld plays\n", took.count(), lines,
                static_cast<long long>(counted));
  }
  return ok();
}

}  // namespace vitrine::bench
