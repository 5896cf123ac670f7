#include "billing/adjustments.hpp"

namespace vitrine::billing {
namespace {

SqlValue maybe(std::int64_t value) {
  return value == kAbsent ? SqlValue() : SqlValue(value);
}

std::int64_t known(const SqlValue& value) {
  const auto* number = std::get_if<std::int64_t>(&value);
  return number == nullptr ? kAbsent : *number;
}

}  // namespace

PlayKey key_of(const BilledPlay& play) {
  return {play.device, column_value(play.log_id), column_value(play.seq)};
}

SettledPlay settled(const BilledPlay& play) {
  return {play.day, play.cause, play.imp_milli, play.amount_pico};
}

const SqlTable& adjustment_table() {
  using enum SqlType;
  static const SqlTable table{"bill_adjustment",
                              {{"device", text},
                               {"log_id", integer},
                               {"seq", integer},
                               {"n", integer},
                               {"campaign", integer},
                               {"month", integer},
                               {"day_before", maybe_integer},
                               {"cause_before", maybe_integer},
                               {"imp_milli_before", maybe_integer},
                               {"amount_pico_before", maybe_integer},
                               {"day_after", integer},
                               {"cause_after", integer},
                               {"imp_milli_after", maybe_integer},
                               {"amount_pico_after", integer},
                               {"price_micro", maybe_integer},
                               {"currency", text},
                               {"noted_at_us", integer}},
                              {"device", "log_id", "seq", "n"}};
  return table;
}

SqlRow to_sql(const Adjustment& adjustment) {
  const auto& [device, log_id, seq] = adjustment.key;
  SqlRow row{device,          log_id, seq, adjustment.n, std::int64_t{adjustment.campaign},
             adjustment.month};
  if (adjustment.before) {
    const SettledPlay& before = *adjustment.before;
    row.insert(row.end(), {before.day, column_value(before.cause), maybe(before.imp_milli),
                           before.amount_pico});
  } else {
    row.insert(row.end(), {SqlValue(), SqlValue(), SqlValue(), SqlValue()});
  }
  const SettledPlay& after = adjustment.after;
  row.insert(row.end(),
             {after.day, column_value(after.cause), maybe(after.imp_milli), after.amount_pico,
              maybe(adjustment.price_micro), adjustment.currency, adjustment.noted_at_us});
  return row;
}

Result<Adjustment> adjustment_of(const SqlRow& row) {
  if (row.size() != adjustment_table().columns.size())
    return fail(ErrorCode::corrupt,
                "bill_adjustment has " + std::to_string(row.size()) + " columns");
  Adjustment adjustment;
  adjustment.key = {sql_text(row[0]), known(row[1]), known(row[2])};
  adjustment.n = known(row[3]);
  adjustment.campaign = static_cast<CampaignId>(known(row[4]));
  adjustment.month = known(row[5]);
  if (known(row[6]) != kAbsent)
    adjustment.before = SettledPlay{known(row[6]), static_cast<Reason>(known(row[7])),
                                    known(row[8]), known(row[9])};
  adjustment.after = {known(row[10]), static_cast<Reason>(known(row[11])), known(row[12]),
                      known(row[13])};
  adjustment.price_micro = known(row[14]);
  adjustment.currency = sql_text(row[15]);
  adjustment.noted_at_us = known(row[16]);
  return adjustment;
}

Result<std::map<PlayKey, Adjustment>> last_adjustments(SqlStore& store) {
  std::map<PlayKey, Adjustment> last;
  auto done = store.query("SELECT * FROM bill_adjustment ORDER BY device, log_id, seq, n",
                          [&](const SqlRow& row) -> Status {
                            auto adjustment = adjustment_of(row);
                            if (!adjustment) return std::move(adjustment).error();
                            last.insert_or_assign(adjustment->key, *adjustment);
                            return ok();
                          });
  if (!done) return std::move(done).error();
  return last;
}

}  // namespace vitrine::billing
