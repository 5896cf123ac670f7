// From a code on the glass to an order: scan -> follow -> coupon -> order, by scan_id and
// coupon_id alone. What the shop gave back is counted, nothing is estimated.
//
// Pure, and the same whatever the order in which things arrived: an event counts once by its
// event_id, a return is set off against its order however late either comes.
#pragma once

#include <array>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "backflow/online_rows.hpp"
#include "backflow/privacy.hpp"
#include "base/math.hpp"
#include "base/time.hpp"

namespace vitrine {

// How long after a scan something still belongs to it, and by how much the clocks of redirect and
// shop may differ. Returns are set off whenever they come.
struct ChainRules {
  Micros window_us = 30 * kDay;
  Micros clock_slack_us = kMinute;
};

// How many scans agree in all of these; kAbsent: not known. Scans are many, what may come of most
// of them is nothing, and then they are only counted.
struct ScanCount {
  std::int64_t creative = 0, area = kAbsent;
  std::int64_t hour = kAbsent;  // of the play's day, where it is
  std::string landing, state, cause;
  std::int64_t scans = 0;
  bool operator==(const ScanCount&) const = default;
};

// A scan with the local hour of the play that it is tied to; absent: not known.
struct ChainScan {
  Scan scan;
  std::int64_t hour = kAbsent;
};

ScanCount count_of(const ChainScan& scan);

// An event with the scan that led to it, nullptr: none. Found by its order, for an order is one
// thing however many lines it has; else by its own scan_id; else by its coupon, which belongs to
// the scan of the earliest event that names both. An order belongs to its earliest line's scan.
struct LinkedEvent {
  const OnlineEvent* event = nullptr;
  const ChainScan* scan = nullptr;
};
// One for each event_id, in the order of event_id. Of two events with one id the lower row counts.
// Points into what it is given. Scans that are not tied lead to nothing.
std::vector<LinkedEvent> link_events(const std::vector<ChainScan>& scans,
                                     const std::vector<OnlineEvent>& events,
                                     const ChainRules& rules = {});

enum class ChainStage { follow, coupon, redeemed, order, returned };
inline constexpr std::size_t kChainStages = 5;
std::string_view name_of(ChainStage stage);

struct Value {
  std::int64_t gross_micro = 0;
  std::int64_t net_micro = 0;
  auto operator<=>(const Value&) const = default;
};

// What came of some scans. A stage counts things, not events: scans that were followed, coupons,
// orders, orders of which anything came back.
struct ChainFigures {
  struct Stage {
    std::int64_t count = 0;
    // Distinct hashed ids; where the shop gave none, distinct scans.
    std::int64_t persons = 0;
    // From the scan to the stage's first event: at least half took no longer, and nine in ten.
    std::int64_t half_delay_s = kAbsent;
    std::int64_t most_delay_s = kAbsent;
    bool operator==(const Stage&) const = default;
  };
  std::int64_t scans = 0;
  std::array<Stage, kChainStages> stages;
  // Of the orders, less what was returned, by currency.
  std::map<std::string, Value> value;
  bool operator==(const ChainFigures&) const = default;
};

struct ChainReport {
  ChainFigures all;
  std::map<std::int64_t, ChainFigures> by_creative, by_area, by_hour;  // kAbsent: not known
  std::map<std::string, ChainFigures> by_landing;
  std::int64_t pending = 0;                      // scans that wait for their play
  std::map<std::string, std::int64_t> rejected;  // by cause
  std::int64_t without_scan = 0;                 // events that no scan led to
  std::int64_t returns_without_order = 0;        // of the linked ones; the order may still come
};
// Of the scans that are counted, and `wanted` says which these are (empty: all). `scans` are those
// that an event names, wanted or not: a coupon that two campaigns handed out belongs to one of
// them.
using ScanFilter = std::function<bool(const Scan&)>;
ChainReport chain_report(const std::vector<ScanCount>& counts, const std::vector<ChainScan>& scans,
                         const std::vector<OnlineEvent>& events, const ScanFilter& wanted = {},
                         const ChainRules& rules = {});

// The same as it may be told. Scans have no person behind them and are exact; a stage that few
// persons reached is absent, with its delays, and with orders their value.
struct ToldFigures {
  std::int64_t scans = 0;
  std::array<std::optional<ChainFigures::Stage>, kChainStages> stages;
  std::optional<std::map<std::string, Value>> value;
};
struct ToldChain {
  ToldFigures all;
  std::map<std::int64_t, ToldFigures> by_creative, by_area, by_hour;
  std::map<std::string, ToldFigures> by_landing;
  std::int64_t pending = 0;
  std::map<std::string, std::int64_t> rejected;
};
ToldChain told(const ChainReport& report, std::int64_t k = kPrivacyK);

}  // namespace vitrine
