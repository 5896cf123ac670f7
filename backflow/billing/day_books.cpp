#include "billing/day_books.hpp"

namespace vitrine::billing {
namespace {

std::uint64_t mix(std::uint64_t value) {  // splitmix64's finaliser
  value = (value ^ value >> 30) * 0xbf58476d1ce4e5b9;
  value = (value ^ value >> 27) * 0x94d049bb133111eb;
  return value ^ value >> 31;
}

}  // namespace

const SqlTable& bill_day_table() {
  using enum SqlType;
  static const SqlTable table{"bill_day",
                              {{"day", integer, "Int32"},
                               {"complete", integer},
                               {"closed", integer},
                               {"row_count", integer},
                               {"billable", integer},
                               {"unread", integer},
                               {"fingerprint", integer},
                               {"prices", integer},
                               {"hash", hash},
                               {"closed_at_us", maybe_integer}},
                              {"day"},
                              "day"};
  return table;
}

Result<std::map<std::int64_t, BilledDay>> read_days(SqlStore& store) {
  std::map<std::int64_t, BilledDay> days;
  auto done = store.query(
      "SELECT day, complete, closed, row_count, billable, unread, fingerprint, prices, hash, "
      "closed_at_us FROM bill_day ORDER BY day",
      [&](const SqlRow& row) {
        BilledDay day;
        day.day = sql_integer(row[0]);
        day.complete = sql_integer(row[1]) != 0;
        day.closed = sql_integer(row[2]) != 0;
        day.rows = sql_integer(row[3]);
        day.billable = sql_integer(row[4]);
        day.unread = sql_integer(row[5]);
        day.fingerprint = sql_integer(row[6]);
        day.prices = sql_integer(row[7]);
        day.hash = hash_from_hex(sql_text(row[8])).value_or(Hash256{});
        if (const auto* at = std::get_if<std::int64_t>(&row[9])) day.closed_at_us = *at;
        days.emplace(day.day, day);
        return ok();
      });
  if (!done) return std::move(done).error();
  return days;
}

Status write_day(SqlStore& store, const BilledDay& day) {
  const SqlRow row{day.day,
                   std::int64_t{day.complete},
                   std::int64_t{day.closed},
                   day.rows,
                   day.billable,
                   day.unread,
                   day.fingerprint,
                   day.prices,
                   day.hash == Hash256{} ? SqlValue() : SqlValue(to_hex(day.hash)),
                   day.closed_at_us == kAbsent ? SqlValue() : SqlValue(day.closed_at_us)};
  return store.replace_day(bill_day_table(), day.day, std::span(&row, 1));
}

void DayHash::add(const BilledPlay& play) {
  BilledPlay bare = play;
  bare.closed = bare.restated = false;
  bare.received_at_us = 0;
  std::string line;
  for (const SqlValue& value : to_sql(bare)) {
    if (const auto* number = std::get_if<std::int64_t>(&value)) line += std::to_string(*number);
    line += sql_text(value) + "|";
  }
  line += "\n";
  hash_.add(as_bytes(line));
}

std::uint64_t fingerprint_of(const BilledPlay& play) {
  std::uint64_t sum = 0;
  const auto add = [&](std::int64_t value) {
    sum = mix(sum * 31 + static_cast<std::uint64_t>(value) + 1);
  };
  for (const char letter : play.device) add(letter);
  for (const std::int64_t value :
       {column_value(play.log_id), column_value(play.seq), column_value(play.kind), play.day,
        play.hour, play.utc_us, play.error_us, column_value(play.time_quality),
        column_value(play.area), column_value(play.cause), play.imp_milli, play.target_imp_milli,
        play.observed, play.quality, play.method, play.coverage_permille})
    add(value);
  return sum;
}

std::int64_t closes_at_us(std::int64_t day) {
  // It ends last at UTC-12.
  return (day + 1 + kCloseAfterDays) * kDay + 12 * kHour;
}

}  // namespace vitrine::billing
