#include "backflow/online_reader.hpp"

#include <doctest/doctest.h>

#include <algorithm>

#include "online/row_form.hpp"
#include "online_kit.hpp"
#include "random.hpp"

namespace vitrine {
namespace {

using online::parse_decimal;
using online::parse_utc_us;
using testing::Random;
using testing::read_online;
using testing::ReadFile;

const std::string kHash(64, 'a');

// A row of the columns below, which are all that most of these tests need.
const std::string kShort = "event_id,time_utc,type,gross,currency,brand\n";
std::string good(int number) {
  return "e" + std::to_string(number) + ",2026-11-21T08:00:00Z,order,12.50,CNY,Tea\n";
}

TEST_CASE("an event's columns become a row, in any order and with those left out that may be") {
  const ReadFile file = read_online(
      OnlineKind::events,
      "type,event_id,time_utc,id_type,id_hash,area,group,qty,gross,net,rating,currency,scan_id\r\n"
      "order,e-1,2026-11-21T16:00:00.25+08:00,member," +
          std::string(64, 'A') + ",7,3,2,19.9,0.000001,4.5,CNY,00ff\r\n");
  CHECK(file.refused == "");
  CHECK(file.rejected.empty());
  REQUIRE(file.events.size() == 1);
  const OnlineEvent& event = file.events[0];
  CHECK(event.event_id == "e-1");
  CHECK(event.time_us == 1'795'248'000'250'000);
  CHECK(event.day == 20'778);
  CHECK(event.type == "order");
  CHECK(event.id_hash == kHash);  // one spelling, or an id could not be erased
  CHECK(event.area == 7);
  CHECK(event.grp == 3);
  CHECK(event.qty == 2);
  CHECK(event.gross_micro == 19'900'000);
  CHECK(event.net_micro == 1);
  CHECK(event.rating_milli == 4500);
  CHECK(event.scan_id == "00ff");
  CHECK_FALSE(event.brand.has_value());
  CHECK(event.source == "orders.csv");
  CHECK(event.line == 2);
}

TEST_CASE("the day of an event is that of the zone that was set") {
  const OnlineRules china{{"Asia/Shanghai", "", {{0, 8 * 3600}}}, testing::kToday, 0};
  const ReadFile file =
      read_online(OnlineKind::events, kShort + "a,2026-11-21T17:00:00Z,visit,,,\n",
                  OnlineFormat::csv, 1 << 20, china);
  REQUIRE(file.events.size() == 1);
  CHECK(file.events[0].day == 20'779);
}

TEST_CASE("cost, benchmark and links are read") {
  const ReadFile cost =
      read_online(OnlineKind::cost,
                  "date,brand,campaign,channel,agent,creative_family,area,kind,amount,currency\n"
                  "2026-11-21,Tea,41,screens,north,a,7,media,1200.00,CNY\n"
                  "2026-11-21,Tea,41,screens,north,a,7,media,1300.00,CNY\n"
                  "2026-11-21,Tea,41,screens,north,a,,media,1200.00,CNY\n");
  REQUIRE(cost.rows.size() == 3);
  const auto one = from_sql_row<OnlineCost>(cost.rows[0]);
  CHECK(one.day == 20'778);
  CHECK(one.amount_micro == 1'200'000'000);
  CHECK(one.cost_id == from_sql_row<OnlineCost>(cost.rows[1]).cost_id);  // the amount is no key
  CHECK(one.cost_id != from_sql_row<OnlineCost>(cost.rows[2]).cost_id);

  const ReadFile benchmark = read_online(OnlineKind::benchmark,
                                         "category,group,rank,penetration,period\n"
                                         "tea,4,median,0.125,2026-Q4\ntea,4,top,0.1,2026\n"
                                         "tea,4,head,1.1,2026-11\ntea,4,head,1,2026-13\n");
  REQUIRE(benchmark.rows.size() == 1);
  CHECK(from_sql_row<OnlineBenchmark>(benchmark.rows[0]).penetration_ppm == 125'000);
  REQUIRE(benchmark.rejected.size() == 3);
  CHECK(benchmark.rejected[0].column == "rank");
  CHECK(benchmark.rejected[1].column == "penetration");
  CHECK(benchmark.rejected[2].column == "period");

  const ReadFile links = read_online(
      OnlineKind::links, "id_type_a,id_a,id_type_b,id_b,time,source\nmember," + kHash + ",phone," +
                             std::string(32, 'b') + ",2026-11-21 08:00:00,crm\n");
  REQUIRE(links.rows.size() == 1);
  CHECK(from_sql_row<OnlineLink>(links.rows[0]).origin == "crm");
}

TEST_CASE(
    "a file with wrong columns is refused with all that is wrong, and nothing of it is read") {
  const ReadFile file = read_online(OnlineKind::events, "event_id,when,type,type\n" + good(1));
  CHECK(file.refused ==
        "cannot read orders.csv: missing columns: time_utc; unknown columns: 'when'; columns that "
        "stand twice: type; nothing of it is stored");
  CHECK(file.rows.empty());
  CHECK(file.rejected.empty());
  CHECK(read_online(OnlineKind::events, "").refused.find("it is empty") != std::string::npos);
}

TEST_CASE("a file in another encoding is refused by name, or its rows are counted one by one") {
  CHECK(read_online(OnlineKind::events, "event_id,time_utc,type,\xc6\xb7\xc5\xc6\n")
            .refused.find("not UTF-8 (GB18030") != std::string::npos);
  CHECK(read_online(OnlineKind::events, std::string("\xff\xfe"
                                                    "e\0v\0",
                                                    6))
            .refused.find("UTF-16") != std::string::npos);
  const ReadFile mixed =
      read_online(OnlineKind::events, "\xef\xbb\xbf" + kShort + good(1) +
                                          "e2,2026-11-21T08:00:00Z,order,1,CNY,\xb2\xe8\n" +
                                          "e3,2026-11-21T08:00:00Z,order,1,CNY,caf\xe9\n" +
                                          "e4,2026-11-21T08:00:00Z,order,1,CNY,\xe8\x8c\xb6\n");
  CHECK(mixed.refused == "");
  REQUIRE(mixed.events.size() == 2);
  CHECK(mixed.events[1].brand == "\xe8\x8c\xb6");
  REQUIRE(mixed.rejected.size() == 2);
  CHECK(mixed.rejected[0].cause == RowCause::not_utf8);
  CHECK(mixed.rejected[1].line == 4);
}

TEST_CASE("each fault of a row has its cause and its column, and costs no other row") {
  const std::string day = "2026-11-21T08:00:00Z";
  const struct {
    std::string row;
    RowCause cause;
    const char* column;
  } faults[] = {
      {"," + day + ",order,1,CNY,x", RowCause::missing_value, "event_id"},
      {"b,2026-11-31T08:00:00Z,order,1,CNY,x", RowCause::bad_time, "time_utc"},
      {"b,1764547200,order,1,CNY,x", RowCause::bad_time, "time_utc"},
      {"b,2026-12-02T00:00:00Z,order,1,CNY,x", RowCause::future_time, "time_utc"},
      {"b,2025-01-01T00:00:00Z,order,1,CNY,x", RowCause::expired, "time_utc"},
      {"b," + day + ",purchase,1,CNY,x", RowCause::bad_word, "type"},
      {"b," + day + ",order,\"1,000.00\",CNY,x", RowCause::bad_money, "gross"},
      {"b," + day + ",order,0.0000001,CNY,x", RowCause::bad_money, "gross"},
      {"b," + day + ",order,1e3,CNY,x", RowCause::bad_money, "gross"},
      {"b," + day + ",order,9300000000000,CNY,x", RowCause::bad_money, "gross"},
      {"b," + day + ",order,1,cny,x", RowCause::bad_currency, "currency"},
      {"b," + day + ",order,1,,x", RowCause::missing_value, "currency"},
      {"b," + day + ",order,1,CNY", RowCause::wrong_columns, ""},
      {"b," + day + ",order,1,CNY,x,y", RowCause::wrong_columns, ""},
      {"b," + day + ",order,1,CNY," + std::string(257, 'x'), RowCause::text_too_long, "brand"},
      {"b," + day + ",order,1,CNY," + std::string("a\0b", 3), RowCause::control_character, "brand"},
      {"b," + day + ",order,1,CNY,a\"b", RowCause::bad_quotes, ""},
  };
  for (const auto& fault : faults) {
    CAPTURE(fault.row);
    const ReadFile file =
        read_online(OnlineKind::events, kShort + good(1) + fault.row + "\n" + good(2));
    CHECK(file.events.size() == 2);
    REQUIRE(file.rejected.size() == 1);
    CHECK(file.rejected[0] == ReadFile::Rejected{3, fault.cause, fault.column, fault.row});
  }
}

TEST_CASE("an id that is not hashed never gets in") {
  const std::string head = "event_id,time_utc,type,id_type,id_hash\n";
  for (const char* id : {"13812345678", "anna@example.org", "zzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzz"}) {
    CAPTURE(id);
    const ReadFile file =
        read_online(OnlineKind::events, head + "a,2026-11-21T08:00:00Z,visit,phone," + id + "\n");
    REQUIRE(file.rejected.size() == 1);
    CHECK(file.rejected[0].cause == RowCause::id_not_hashed);
  }
  const ReadFile half =
      read_online(OnlineKind::events, head + "a,2026-11-21T08:00:00Z,visit,," + kHash + "\n");
  REQUIRE(half.rejected.size() == 1);
  CHECK(half.rejected[0].column == "id_type");
}

TEST_CASE("formulas, SQL and control characters in a field are its text") {
  for (const std::string text :
       {"=cmd|' /C calc'!A0", "'; DROP TABLE online_event; --", "a\tb\x01\x1b[31m", "+1-2@3"}) {
    CAPTURE(text);
    const ReadFile file = read_online(OnlineKind::events,
                                      kShort + "a,2026-11-21T08:00:00Z,order,1,CNY," + text + "\n");
    REQUIRE(file.events.size() == 1);
    CHECK(file.events[0].brand == text);
  }
}

TEST_CASE("a quote that is never closed costs its own line and no other") {
  std::string text = kShort + good(1) + "b,2026-11-21T08:00:00Z,order,1,CNY,\"never closed\n";
  for (int i = 2; i <= 3000; ++i) text += good(i);  // beyond what a row may hold
  const ReadFile file = read_online(OnlineKind::events, text);
  CHECK(file.events.size() == 3000);
  REQUIRE(file.rejected.size() == 1);
  CHECK(file.rejected[0].line == 3);
  CHECK(file.rejected[0].cause == RowCause::bad_quotes);
  CHECK(file.events[1].line == 4);
}

TEST_CASE("a line that is too long costs itself and no other") {
  const std::string text = kShort + good(1) + "b," + std::string(300'000, 'x') + "\n" + good(2) +
                           std::string(70'000, 'y');
  for (const OnlineFormat format : {OnlineFormat::csv, OnlineFormat::ndjson}) {
    const ReadFile file = read_online(OnlineKind::events, text, format, 1000);
    const auto long_ones =
        std::ranges::count(file.rejected, RowCause::too_long, &ReadFile::Rejected::cause);
    CHECK(long_ones == 2);
    if (format == OnlineFormat::csv) CHECK(file.events.size() == 2);
  }
}

TEST_CASE("NDJSON holds the same, with money as it was written") {
  const ReadFile file = read_online(
      OnlineKind::events,
      R"({"event_id":"a","time_utc":"2026-11-21T08:00:00Z","type":"order","gross":0.1,"net":12.345678,"margin_a":"-3","currency":"CNY","qty":2})"
      "\n\n"
      R"({"event_id":"b","time_utc":"2026-11-21T08:00:00Z","type":"visit","brand":null})"
      "\r\n"
      R"({"event_id":"c","time_utc":"2026-11-21T08:00:00Z","type":"visit","colour":"red"})"
      "\n"
      R"({"event_id":"d","time_utc":"2026-11-21T08:00:00Z","type":"visit","brand":{"a":1}})"
      "\n[1]\nnull\n{\n"
      R"({"event_id":"e","event_id":"f","time_utc":"2026-11-21T08:00:00Z","type":"visit"})"
      "\n"
      R"({"event_id":"g","time_utc":"2026-11-21T08:00:00Z","type":"visit"})",
      OnlineFormat::ndjson);
  REQUIRE(file.events.size() == 3);
  CHECK(file.events[0].gross_micro == 100'000);
  CHECK(file.events[0].net_micro == 12'345'678);
  CHECK(file.events[0].margin_a_micro == -3'000'000);
  CHECK(file.events[0].qty == 2);
  CHECK(file.events[1].line == 3);
  CHECK_FALSE(file.events[1].brand.has_value());
  CHECK(file.events[2].event_id == "g");
  REQUIRE(file.rejected.size() == 6);
  CHECK(file.rejected[0].cause == RowCause::unknown_column);
  for (std::size_t i = 1; i < 6; ++i) CHECK(file.rejected[i].cause == RowCause::bad_json);
}

TEST_CASE("how a file is cut into pieces makes no difference") {
  Random random(9);
  for (int round = 0; round < 40; ++round) {
    std::string text = round % 2 == 0 ? kShort : "\xef\xbb\xbf" + kShort;
    for (int row = 0; row < 30; ++row) {
      const std::uint32_t dice = random.below(6);
      if (dice == 0) text += "x,\"two\nlines\",\"\"\"\",1,CNY,y\r\n";
      if (dice == 1) text += "b,2026-11-21T08:00:00Z,order,1,CNY,\"open\n";
      if (dice == 2) text += "\n";
      text += dice == 3 ? "q,2026-11-21T08:00:00Z,order,\"1\",\"CNY\",\"a\nb \"\"c\"\"\"\r\n"
                        : good(row);
    }
    const ReadFile whole = read_online(OnlineKind::events, text);
    const ReadFile pieces =
        read_online(OnlineKind::events, text, OnlineFormat::csv, 1 + random.below(40));
    CHECK(whole.rows == pieces.rows);
    CHECK(whole.rejected == pieces.rejected);
    CHECK(whole.rows.size() >= 25);
  }
}

TEST_CASE("a decimal number is exact or it is none") {
  CHECK(parse_decimal("0.07575", 6) == 75'750);
  CHECK(parse_decimal("-0.000001", 6) == -1);
  CHECK(parse_decimal("12.5000000000", 6) == 12'500'000);
  CHECK(parse_decimal("9223372036854.775807", 6) == INT64_MAX);
  CHECK(parse_decimal("007", 0) == 7);
  for (const char* none : {"", "-", ".5", "5.", "1.2.3", "+1", "1 ", " 1", "0x10", "1e3", "--1",
                           "9223372036854.775808", "NaN", "1.2345678"})
    CHECK_FALSE(parse_decimal(none, 6).has_value());
}

TEST_CASE("a time is one moment of UTC or it is none") {
  CHECK(parse_utc_us("2026-11-21T08:00:00Z") == 1'795'248'000 * kSecond);
  CHECK(parse_utc_us("2026-11-21 08:00:00") == 1'795'248'000 * kSecond);
  CHECK(parse_utc_us("2026-11-21T00:30:00-07:30") == 1'795'248'000 * kSecond);
  CHECK(parse_utc_us("2028-02-29T23:59:59.123456789Z").has_value());
  for (const char* none : {"", "2026-11-21", "2026-11-21T08:00Z", "2027-02-29T08:00:00Z",
                           "2026-11-21T24:00:00Z", "2026-11-21T08:00:60Z", "1999-12-31T23:59:59Z",
                           "2026-11-21T08:00:00+8", "2026-1-21T08:00:00Z", "2026-11-21T08:00:00.Z",
                           "2026-11-21T08:00:00ZZ", "21.11.2026 08:00:00"})
    CHECK_FALSE(parse_utc_us(none).has_value());
}

}  // namespace
}  // namespace vitrine
