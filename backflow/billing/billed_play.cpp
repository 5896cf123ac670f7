#include "backflow/billed_play.hpp"

#include "protocol/column.hpp"

namespace vitrine {
namespace {

// Name, type and how it travels, said once.
template <class Play, class F>
void for_each_billed_column(Play& play, F&& f) {
  using enum SqlType;
  f("device", text, "", play.device);
  f("log_id", integer, "", play.log_id);
  f("seq", integer, "", play.seq);
  f("kind", integer, "UInt8", play.kind);
  f("day", integer, "Int32", play.day);
  f("hour", maybe_integer, "UInt8", play.hour);
  f("utc_us", maybe_integer, "", play.utc_us);
  f("error_us", maybe_integer, "", play.error_us);
  f("time_quality", integer, "UInt8", play.time_quality);
  f("area", integer, "UInt32", play.area);
  f("campaign", integer, "UInt32", play.campaign);
  f("flight_phase", integer, "UInt8", play.flight_phase);
  f("creative", integer, "UInt32", play.creative);
  f("variant", integer, "UInt32", play.variant);
  f("arm", integer, "UInt8", play.arm);
  f("schedule_version", integer, "", play.schedule_version);
  f("cause", integer, "UInt8", play.cause);
  f("grade", integer, "UInt8", play.grade);
  f("play_ms", maybe_integer, "", play.play_ms);
  f("received_at_us", integer, "", play.received_at_us);
  f("imp_milli", maybe_integer, "", play.imp_milli);
  f("target_imp_milli", maybe_integer, "", play.target_imp_milli);
  f("observed", maybe_integer, "UInt8", play.observed);
  f("quality", maybe_integer, "UInt8", play.quality);
  f("method", maybe_integer, "UInt8", play.method);
  f("coverage_permille", maybe_integer, "UInt16", play.coverage_permille);
  f("price_micro", maybe_integer, "", play.price_micro);
  f("amount_pico", integer, "", play.amount_pico);
  f("currency", text, "", play.currency);
  f("closed", integer, "UInt8", play.closed);
  f("restated", integer, "UInt8", play.restated);
}

SqlTable make_table() {
  SqlTable table{"billed_play", {}, {"device", "log_id", "seq"}, "day"};
  // The exposure table of a campaign, without sorting and without reading the rows
  // (report_queries.cpp): 31 bytes a play.
  table.orders = {{"campaign", "area", "day", "hour", "creative", "cause", "observed", "kind",
                   "play_ms", "imp_milli", "target_imp_milli", "restated"}};
  table.sorted = {"campaign", "device", "log_id", "seq"};
  BilledPlay none;
  for_each_billed_column(none, [&](const char* name, SqlType type, const char* narrow, auto&) {
    table.columns.push_back({name, type, narrow});
  });
  return table;
}

}  // namespace

const SqlTable& billed_play_table() {
  static const SqlTable table = make_table();
  return table;
}

void add_to(SqlBlock& block, const BilledPlay& play) {
  for_each_billed_column(play, [&](const char*, SqlType, const char*, const auto& member) {
    if constexpr (std::is_same_v<std::remove_cvref_t<decltype(member)>, std::string>) {
      block.add(std::string_view(member));
    } else {
      block.add(column_value(member));
    }
  });
  block.end_row();
}

SqlRow to_sql(const BilledPlay& play) {
  SqlRow row;
  row.reserve(billed_play_table().columns.size());
  for_each_billed_column(play, [&](const char*, SqlType, const char*, const auto& member) {
    if constexpr (std::is_same_v<std::remove_cvref_t<decltype(member)>, std::string>) {
      row.emplace_back(member);
    } else {
      const std::int64_t value = column_value(member);
      if (value == kAbsent) {
        row.emplace_back();
      } else {
        row.emplace_back(value);
      }
    }
  });
  return row;
}

Result<BilledPlay> billed_play_of(const SqlRow& row) {
  if (row.size() != billed_play_table().columns.size()) {
    return fail(ErrorCode::corrupt, "billed_play has " + std::to_string(row.size()) +
                                        " columns, expected " +
                                        std::to_string(billed_play_table().columns.size()));
  }
  BilledPlay play;
  std::size_t column = 0;
  for_each_billed_column(play, [&](const char*, SqlType, const char*, auto& member) {
    const SqlValue& value = row[column++];
    if constexpr (std::is_same_v<std::remove_cvref_t<decltype(member)>, std::string>) {
      member = sql_text(value);
    } else if (const auto* number = std::get_if<std::int64_t>(&value)) {
      set_column(member, *number);
    } else {
      set_column(member, kAbsent);
    }
  });
  return play;
}

}  // namespace vitrine
