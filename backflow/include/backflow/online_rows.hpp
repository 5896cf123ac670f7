// What comes from the online side, as rows of the store (docs/online.md says each column with
// examples). A row is described once, by for_each_column in table order; its table, its SqlRow and
// the way back follow from that.
//
// Money is in millionths of the currency, exact. A personal id stands here only as a hash made
// elsewhere. `day` is days since 1970 in the zone of `[online] zone`; of a scan, in the screen's.
// `source` and `line` say which file (or "http") and which line of it brought the row.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <type_traits>

#include "backflow/sql_store.hpp"

namespace vitrine {

using MaybeText = std::optional<std::string>;
using MaybeInteger = std::optional<std::int64_t>;

struct OnlineEvent {
  std::string event_id;  // the sender's, unique: the same again is the same event
  std::int64_t time_us = 0;
  std::int64_t day = 0;
  std::string type;            // kOnlineEventTypes
  MaybeText id_type, id_hash;  // both or neither
  MaybeText brand, category, sku, channel, agent;
  MaybeInteger area;
  MaybeInteger grp;  // 0..9, the ten target groups
  MaybeText scan_id, coupon_id, order_id;
  MaybeInteger qty;
  MaybeInteger gross_micro, net_micro, margin_a_micro, margin_b_micro, margin_c_micro;
  MaybeInteger rating_milli;
  MaybeText currency;  // ISO 4217
  std::string source;
  std::int64_t line = 0;
};
template <class Row, class F>
void for_each_event_column(Row& row, F&& f) {
  f("event_id", row.event_id);
  f("time_us", row.time_us);
  f("day", row.day);
  f("type", row.type);
  f("id_type", row.id_type);
  f("id_hash", row.id_hash);
  f("brand", row.brand);
  f("category", row.category);
  f("sku", row.sku);
  f("channel", row.channel);
  f("agent", row.agent);
  f("area", row.area);
  f("grp", row.grp);
  f("scan_id", row.scan_id);
  f("coupon_id", row.coupon_id);
  f("order_id", row.order_id);
  f("qty", row.qty);
  f("gross_micro", row.gross_micro);
  f("net_micro", row.net_micro);
  f("margin_a_micro", row.margin_a_micro);
  f("margin_b_micro", row.margin_b_micro);
  f("margin_c_micro", row.margin_c_micro);
  f("rating_milli", row.rating_milli);
  f("currency", row.currency);
  f("source", row.source);
  f("line", row.line);
}

// One sum a day and its descriptions. `cost_id` is made of all of them but the amount, so a sum
// that is sent again is the same row.
struct OnlineCost {
  std::string cost_id;
  std::int64_t day = 0;
  MaybeText brand;
  MaybeInteger campaign;
  MaybeText channel, agent, creative_family;
  MaybeInteger area;
  std::string kind;  // media, commission, production, coupon
  std::int64_t amount_micro = 0;
  std::string currency;
  std::string source;
  std::int64_t line = 0;
};
template <class Row, class F>
void for_each_cost_column(Row& row, F&& f) {
  f("cost_id", row.cost_id);
  f("day", row.day);
  f("brand", row.brand);
  f("campaign", row.campaign);
  f("channel", row.channel);
  f("agent", row.agent);
  f("creative_family", row.creative_family);
  f("area", row.area);
  f("kind", row.kind);
  f("amount_micro", row.amount_micro);
  f("currency", row.currency);
  f("source", row.source);
  f("line", row.line);
}

// How far a category is bought within a group: by the head of the market, its median, the brand.
struct OnlineBenchmark {
  std::string benchmark_id;
  std::string category;
  std::int64_t grp = 0;
  std::string rank;                  // head, median, brand
  std::int64_t penetration_ppm = 0;  // 0..1'000'000
  std::string period;                // 2026, 2026-Q4, 2026-11 or 2026-11-21
  std::string source;
  std::int64_t line = 0;
};
template <class Row, class F>
void for_each_benchmark_column(Row& row, F&& f) {
  f("benchmark_id", row.benchmark_id);
  f("category", row.category);
  f("grp", row.grp);
  f("rank", row.rank);
  f("penetration_ppm", row.penetration_ppm);
  f("period", row.period);
  f("source", row.source);
  f("line", row.line);
}

// Two hashed ids that `origin` says are one person's.
struct OnlineLink {
  std::string link_id;
  std::string id_type_a, id_a, id_type_b, id_b;
  std::int64_t time_us = 0;
  std::int64_t day = 0;
  std::string origin;  // the file's column `source`
  std::string source;
  std::int64_t line = 0;
};
template <class Row, class F>
void for_each_link_column(Row& row, F&& f) {
  f("link_id", row.link_id);
  f("id_type_a", row.id_type_a);
  f("id_a", row.id_a);
  f("id_type_b", row.id_type_b);
  f("id_b", row.id_b);
  f("time_us", row.time_us);
  f("day", row.day);
  f("origin", row.origin);
  f("source", row.source);
  f("line", row.line);
}

// A QR code that was scanned with a good token. Nothing of the passer-by: no address, no browser.
struct Scan {
  std::string scan_id;  // 128 random bits in hex; what the shop gives back in its events
  std::int64_t time_us = 0;
  std::string device;
  std::int64_t creative = 0;
  std::int64_t campaign = 0;   // whose target it was sent to; once tied, the play's
  std::int64_t bucket_us = 0;  // when the five minutes of the token began
  std::string landing;         // product, follow, coupon, store, none
  std::string state;           // pending, tied, rejected
  MaybeText cause;             // of a rejected one: no_play
  // Of the play it is tied to.
  MaybeInteger log_id, seq, area, arm;
  std::int64_t day = 0;  // of time_us
};
template <class Row, class F>
void for_each_scan_column(Row& row, F&& f) {
  f("scan_id", row.scan_id);
  f("time_us", row.time_us);
  f("device", row.device);
  f("creative", row.creative);
  f("campaign", row.campaign);
  f("bucket_us", row.bucket_us);
  f("landing", row.landing);
  f("state", row.state);
  f("cause", row.cause);
  f("log_id", row.log_id);
  f("seq", row.seq);
  f("area", row.area);
  f("arm", row.arm);
  f("day", row.day);
}

// Tokens that became no scan, counted by `vitrine-redirect`: one row for each minute and cause.
struct ScanRefused {
  std::string count_id;  // minute and process: the same count read again is the same row
  std::string cause;     // a ScanCause's name
  std::int64_t tokens = 0;
  std::int64_t time_us = 0;
  std::int64_t day = 0;  // UTC
};
template <class Row, class F>
void for_each_refused_column(Row& row, F&& f) {
  f("count_id", row.count_id);
  f("cause", row.cause);
  f("tokens", row.tokens);
  f("time_us", row.time_us);
  f("day", row.day);
}

// That an id was erased, without the id.
struct OnlineErasure {
  std::string erased_sha256;  // of "id_type:id_hash"
  std::int64_t time_us = 0;
  std::int64_t erased_rows = 0;  // how many went, over all tables
};
template <class Row, class F>
void for_each_erasure_column(Row& row, F&& f) {
  f("erased_sha256", row.erased_sha256);
  f("time_us", row.time_us);
  f("erased_rows", row.erased_rows);
}

#define VITRINE_ONLINE_COLUMNS(Row, walk)       \
  template <class F>                            \
  void for_each_column(Row& row, F&& f) {       \
    walk(row, f);                               \
  }                                             \
  template <class F>                            \
  void for_each_column(const Row& row, F&& f) { \
    walk(row, f);                               \
  }
VITRINE_ONLINE_COLUMNS(OnlineEvent, for_each_event_column)
VITRINE_ONLINE_COLUMNS(OnlineCost, for_each_cost_column)
VITRINE_ONLINE_COLUMNS(OnlineBenchmark, for_each_benchmark_column)
VITRINE_ONLINE_COLUMNS(OnlineLink, for_each_link_column)
VITRINE_ONLINE_COLUMNS(Scan, for_each_scan_column)
VITRINE_ONLINE_COLUMNS(ScanRefused, for_each_refused_column)
VITRINE_ONLINE_COLUMNS(OnlineErasure, for_each_erasure_column)
#undef VITRINE_ONLINE_COLUMNS

const SqlTable& online_event_table();      // "online_event", by event_id and day
const SqlTable& online_cost_table();       // "online_cost"
const SqlTable& online_benchmark_table();  // "online_benchmark"
const SqlTable& online_link_table();       // "online_link"
const SqlTable& scan_table();              // "scan"
const SqlTable& scan_refused_table();      // "scan_refused"
const SqlTable& online_erasure_table();    // "online_erasure"
Status create_online_tables(SqlStore& store);

template <class Row>
SqlRow to_sql_row(const Row& row) {
  SqlRow values;
  for_each_column(row, [&](std::string_view, const auto& member) {
    using Member = std::remove_cvref_t<decltype(member)>;
    if constexpr (std::is_same_v<Member, MaybeText> || std::is_same_v<Member, MaybeInteger>) {
      values.push_back(member ? SqlValue(*member) : SqlValue());
    } else {
      values.emplace_back(member);
    }
  });
  return values;
}

// `values` in table order, as many as there are columns.
template <class Row>
Row from_sql_row(const SqlRow& values) {
  Row row;
  std::size_t at = 0;
  for_each_column(row, [&](std::string_view, auto& member) {
    using Member = std::remove_cvref_t<decltype(member)>;
    const SqlValue& value = values[at++];
    if constexpr (std::is_same_v<Member, MaybeText> || std::is_same_v<Member, MaybeInteger>) {
      if (const auto* held = std::get_if<typename Member::value_type>(&value)) member = *held;
    } else {
      if (const auto* held = std::get_if<Member>(&value)) member = *held;
    }
  });
  return row;
}

// "event_id, time_us, ...": what to select so that from_sql_row can read it.
std::string column_names(const SqlTable& table);

}  // namespace vitrine
