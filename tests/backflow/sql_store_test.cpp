#include "backflow/sql_store.hpp"

#include <doctest/doctest.h>

#include <fstream>

#include "clickhouse.hpp"
#include "store/clickhouse_format.hpp"

namespace vitrine {
namespace {

using testing::Clickhouse;
using testing::TempDirectory;

// One server for all cases, each with a database of its own.
Clickhouse& server() {
  static Clickhouse one;
  return one;
}

SqlTable sales() {
  return {"sales",
          {{"day", SqlType::integer, "Int32"},
           {"id", SqlType::integer},
           {"what", SqlType::text},
           {"note", SqlType::maybe_text},
           {"count", SqlType::maybe_integer, "UInt8"},
           {"proof", SqlType::hash}},
          {"day", "id"},
          "day"};
}

SqlRow sale(std::int64_t day, std::int64_t id, const std::string& what = "x") {
  return {day, id, what, SqlValue(), std::int64_t{7}, std::string(64, 'a')};
}

std::string text_of(const SqlRow& row) {
  std::string text;
  for (const SqlValue& value : row) {
    if (const auto* integer = std::get_if<std::int64_t>(&value)) {
      text += std::to_string(*integer);
    } else {
      text += value.index() == 0 ? "NULL" : sql_text(value);
    }
    text += "|";
  }
  return text;
}

std::string ask(SqlStore& store, const std::string& sql) {
  std::string text;
  auto done = store.query(sql, [&](const SqlRow& row) {
    text += text_of(row) + "\n";
    return ok();
  });
  return done ? text : "error: " + done.error().message;
}

// Runs the same case on both engines.
template <class Case>
void on_both(const std::string& database, Case&& run) {
  const TempDirectory directory;
  for (const std::string& address :
       {"sqlite:" + (directory / "store.db").string(), server().address(database)}) {
    CAPTURE(address);
    auto store = open_sql_store(address);
    REQUIRE_MESSAGE(store, (store ? "" : store.error().message));
    run(**store, address);
  }
}

TEST_CASE("what is appended comes back as it was: absent, negative, wide, quotes, tabs, letters") {
  on_both("roundtrip", [](SqlStore& store, const std::string&) {
    const SqlTable table = sales();
    REQUIRE(store.create(table));
    REQUIRE(store.create(table));  // there already
    const std::string odd =
        "it's a \"tab\"\t, a \\ backslash,\nlines, 屏幕, 'quoted'; DROP TABLE x";
    const std::vector<SqlRow> rows = {
        {std::int64_t{1}, std::int64_t{-5}, odd, odd, SqlValue(), SqlValue()},
        {std::int64_t{2}, std::numeric_limits<std::int64_t>::max(), std::string(), std::string(),
         std::int64_t{255}, std::string(62, 'e') + "01"}};
    REQUIRE(store.append(table, rows));
    CHECK(ask(store, "SELECT day, id, what, note, count, proof FROM sales ORDER BY day") ==
          text_of(rows[0]) + "\n" + text_of(rows[1]) + "\n");
    CHECK(ask(store, "SELECT id FROM sales WHERE what = " + sql_quoted(odd)) == "-5|\n");
    CHECK(ask(store, "SELECT " + sql_quoted(odd)) == odd + "|\n");
    CHECK(ask(store, "SELECT count(*), sum(count), min(id) FROM sales") == "2|255|-5|\n");
  });
}

TEST_CASE("rows that are wrong in any place leave nothing behind") {
  on_both("whole", [](SqlStore& store, const std::string& address) {
    const SqlTable table = sales();
    REQUIRE(store.create(table));
    SqlRow absent = sale(3, 3);
    absent[2] = SqlValue();
    SqlRow kind = sale(3, 3);
    kind[1] = std::string("3");
    SqlRow narrow = sale(3, 3);
    narrow[4] = std::int64_t{256};
    for (const SqlRow& bad : {absent, kind, narrow, SqlRow{std::int64_t{1}}}) {
      const auto done = store.append(table, std::vector<SqlRow>{sale(1, 1), sale(2, 1), bad});
      REQUIRE_FALSE(done);
      CHECK(done.error().code == ErrorCode::invalid);
      CHECK(done.error().message.find("row 2 for table sales") != std::string::npos);
    }
    const bool is_sqlite = address.starts_with("sqlite");
    if (is_sqlite) {  // which has a primary key
      const auto twice = store.append(table, std::vector<SqlRow>{sale(1, 1), sale(1, 1)});
      REQUIRE_FALSE(twice);
      CHECK(twice.error().code == ErrorCode::conflict);
    }
    CHECK(ask(store, "SELECT count(*) FROM sales") == "0|\n");
  });
}

TEST_CASE("a day is replaced as a whole and no other day is touched") {
  on_both("days", [](SqlStore& store, const std::string&) {
    const SqlTable table = sales();
    REQUIRE(store.create(table));
    std::vector<SqlRow> rows;
    for (std::int64_t day = 1; day <= 150; ++day) rows.push_back(sale(day, day));
    REQUIRE(store.append(table, rows));
    REQUIRE(store.replace_day(table, 2, std::vector<SqlRow>{sale(2, 8), sale(2, 9)}));
    REQUIRE(store.replace_day(table, 3, {}));
    REQUIRE(store.replace_day(table, 200, std::vector<SqlRow>{sale(200, 1)}));
    REQUIRE(store.replace_day(table, 201, {}));
    CHECK(ask(store, "SELECT day, id FROM sales WHERE day < 5 OR day > 149 ORDER BY day, id") ==
          "1|1|\n2|8|\n2|9|\n4|4|\n150|150|\n200|1|\n");
    CHECK_FALSE(store.replace_day(table, 4, std::vector<SqlRow>{SqlRow{}}));
  });
}

TEST_CASE("what is removed is gone when the call returns") {
  on_both("erasure", [](SqlStore& store, const std::string&) {
    const SqlTable table = sales();
    REQUIRE(store.create(table));
    std::vector<SqlRow> rows;
    for (std::int64_t i = 0; i < 1000; ++i)
      rows.push_back(sale(i % 3, i, i % 2 == 0 ? "a'b" : "c"));
    REQUIRE(store.append(table, rows));
    REQUIRE(store.remove("sales", "what = " + sql_quoted("a'b")));
    CHECK(ask(store, "SELECT count(*), count(what) FROM sales") == "500|500|\n");
    CHECK(ask(store, "SELECT count(*) FROM sales WHERE what = 'a''b'") == "0|\n");
  });
}

TEST_CASE("a join gives NULL where there is nothing, in both") {
  on_both("joins", [](SqlStore& store, const std::string&) {
    const SqlTable table = sales();
    REQUIRE(store.create(table));
    REQUIRE(store.append(table, std::vector<SqlRow>{sale(1, 1), sale(1, 2, "y")}));
    CHECK(ask(store,
              "SELECT a.id, b.what FROM sales AS a LEFT JOIN (SELECT id, what FROM sales WHERE "
              "what = 'y') AS b ON a.id = b.id ORDER BY a.id") == "1|NULL|\n2|y|\n");
  });
}

TEST_CASE("an answer is streamed and stops where its reader wants it to") {
  on_both("stream", [](SqlStore& store, const std::string&) {
    const SqlTable table = sales();
    REQUIRE(store.create(table));
    std::vector<SqlRow> rows;
    for (std::int64_t i = 0; i < 20'000; ++i) rows.push_back(sale(1, i));
    REQUIRE(store.append(table, rows));
    std::int64_t seen = 0, sum = 0;
    REQUIRE(store.query("SELECT id FROM sales", [&](const SqlRow& row) {
      ++seen;
      sum += sql_integer(row[0]);
      return ok();
    }));
    CHECK(seen == 20'000);
    CHECK(sum == 20'000LL * 19'999 / 2);
    const auto stopped = store.query("SELECT id FROM sales", [&](const SqlRow&) {
      return Status(fail(ErrorCode::exhausted, "enough"));
    });
    REQUIRE_FALSE(stopped);
    CHECK(stopped.error().message == "enough");
    CHECK(ask(store, "SELECT max(id) FROM sales") == "19999|\n");  // it can be used on
  });
}

TEST_CASE("errors say what and where in one line, and the kind is what a caller decides on") {
  on_both("errors", [](SqlStore& store, const std::string&) {
    const SqlTable table = sales();
    REQUIRE(store.create(table));
    SqlTable other = table;
    other.columns.push_back({"more", SqlType::integer});
    const auto changed = store.create(other);
    REQUIRE_FALSE(changed);
    CHECK(changed.error().code == ErrorCode::conflict);
    CHECK(changed.error().message.find("table sales is there with other columns: no more") !=
          std::string::npos);
    SqlTable bad = table;
    bad.name = "sales; DROP TABLE sales";
    CHECK_FALSE(store.create(bad));
    const auto unknown = store.query("SELECT id FROM nowhere", [](const SqlRow&) { return ok(); });
    REQUIRE_FALSE(unknown);
    CHECK(unknown.error().message.find("nowhere") != std::string::npos);
    CHECK(unknown.error().message.size() < 400);
    CHECK(unknown.error().message.find('\n') == std::string::npos);
    CHECK(unknown.error().code == ErrorCode::not_found);
  });
}

TEST_CASE("for reading alone a store has to be there") {
  const TempDirectory directory;
  for (const std::string& address :
       {"sqlite:" + (directory / "none.db").string(), server().address("nobody_made_it")}) {
    const auto store = open_sql_store(address, SqlAccess::read);
    REQUIRE_FALSE(store);
    CHECK(store.error().code == ErrorCode::not_found);
  }
}

TEST_CASE("a password is used, from the address or a file, and never told") {
  Clickhouse closed({.password = "s3cret"});
  const TempDirectory directory;
  std::ofstream(directory / "password") << "s3cret\n";
  CHECK(open_sql_store(closed.address("a", "default:s3cret@")));
  const std::string by_file =
      closed.address("a", "default@") + "?password_file=" + (directory / "password").string();
  CHECK(open_sql_store(by_file));
  CHECK(sql_store_name(closed.address("a", "default:s3cret@")) == closed.address("a"));
  for (const std::string credentials : {"", "default:wr0ng@", "mallory:wr0ng@"}) {
    const auto refused = open_sql_store(closed.address("a", credentials));
    REQUIRE_FALSE(refused);
    CHECK(refused.error().code == ErrorCode::denied);
    CHECK(refused.error().message.find("wr0ng") == std::string::npos);
  }
  closed.kill();
  const auto gone = open_sql_store(closed.address("a", "default:s3cret@"));
  REQUIRE_FALSE(gone);
  CHECK(gone.error().code == ErrorCode::unavailable);
  CHECK(gone.error().message.find("s3cret") == std::string::npos);
  for (const std::string wrong : {"clickhouse:", "clickhouse:http://127.0.0.1:1/", "sqlite:",
                                  "clickhouse:ftp://a:s3cret@b/c", "clickhouse:http://a/b?c=d"}) {
    const auto refused = open_sql_store(wrong);
    REQUIRE_FALSE(refused);
    CHECK(refused.error().code == ErrorCode::invalid);
    CHECK(refused.error().message.find("s3cret") == std::string::npos);
  }
}

TEST_CASE("an error of ClickHouse in the middle of an answer is an error, not a short answer") {
  auto store = open_sql_store(server().address("late"));
  REQUIRE(store);
  const auto done =
      (*store)->query("SELECT throwIf(number = 300000) FROM system.numbers LIMIT 400000",
                      [](const SqlRow&) { return ok(); });
  REQUIRE_FALSE(done);
  CHECK(done.error().message.find("throwIf") != std::string::npos);
}

TEST_CASE("an append is one block however many rows it has") {
  auto store = open_sql_store(server().address("blocks"));
  REQUIRE(store);
  SqlTable table{"many", {{"id", SqlType::integer}}, {"id"}};
  REQUIRE((*store)->create(table));
  const std::vector<SqlRow> rows(1'200'000, SqlRow{std::int64_t{1}});
  REQUIRE((*store)->append(table, rows));
  CHECK(ask(**store, "SELECT count(*) FROM many") == "1200000|\n");
  CHECK(ask(**store,
            "SELECT max(level), count(*) FROM system.parts WHERE table = 'many' AND active"
            " AND database = 'blocks'") == "0|1|\n");
}

TEST_CASE("what is kept as a difference comes back whole, however far apart the two are") {
  on_both("differences", [](SqlStore& store, const std::string&) {
    constexpr std::int64_t kMost = std::numeric_limits<std::int64_t>::max();
    const SqlTable table{
        "shown", {{"id"}, {"planned"}, {"flip", SqlType::maybe_integer, "", {"planned"}}}, {"id"}};
    REQUIRE(store.create(table));
    // The third difference is the number that stands for an absent value.
    const std::vector<SqlRow> rows = {{std::int64_t{1}, std::int64_t{100}, std::int64_t{105}},
                                      {std::int64_t{2}, kMost, -kMost},
                                      {std::int64_t{3}, kMost, std::int64_t{-1}},
                                      {std::int64_t{4}, std::int64_t{100}, SqlValue()}};
    REQUIRE(store.append(table, rows));
    std::string expected;
    for (const SqlRow& row : rows) expected += text_of(row) + "\n";
    CHECK(ask(store, "SELECT id, planned, flip FROM shown ORDER BY id") == expected);
  });
}

TEST_CASE(
    "ClickHouse keeps rows in the order in which they are asked for, where a table says one") {
  auto store = open_sql_store(server().address("sorted"));
  REQUIRE(store);
  SqlTable table{"plays", {{"id"}, {"campaign"}}, {"id"}};
  table.sorted = {"campaign", "id"};
  REQUIRE((*store)->create(table));
  for (const std::int64_t id : {3, 1, 2})
    REQUIRE((*store)->append(table, std::vector<SqlRow>{{id, id % 2}, {id + 10, id % 2}}));
  CHECK(ask(**store,
            "SELECT name FROM system.columns WHERE table = 'plays' AND database = "
            "'sorted' AND is_in_sorting_key ORDER BY name") == "campaign|\nid|\n");
  CHECK(ask(**store, "SELECT id FROM plays WHERE campaign = 0") == "2|\n12|\n");
}

TEST_CASE("literals are made ClickHouse's own, whatever they hold") {
  CHECK(store::clickhouse_sql("SELECT 'it''s', \"x\", 'a\\b', '' ; ") ==
        "SELECT 'it\\'s', \"x\", 'a\\\\b', ''");
  CHECK(store::clickhouse_sql("x = " + sql_quoted("\\'; --")) == "x = '\\\\\\'; --'");
  CHECK(sql_quoted(std::string("a\0b", 3)) ==
        "'a\xef\xbf\xbd"
        "b'");
}

TEST_CASE("an answer cut into any pieces has the same rows") {
  const std::string answer =
      "n\tt\th\nUInt64\tNullable(String)\tFixedString(32)\n18446744073709551615\t\\N\t" +
      std::string(31, 'a') + "\\t\n5\ta\\\\tb\\n\t" + std::string(32, 'b') + "\n";
  std::string whole;
  for (std::size_t piece = 1; piece <= answer.size(); ++piece) {
    std::string text;
    store::TabSeparatedRows rows([&](const SqlRow& row) {
      text += text_of(row) + "\n";
      return ok();
    });
    for (std::size_t at = 0; at < answer.size(); at += piece)
      REQUIRE(rows.take(std::string_view(answer).substr(at, piece)));
    if (whole.empty()) whole = text;
    CHECK(text == whole);
  }
  CHECK(whole.starts_with("-1|NULL|6161"));
  CHECK(whole.find("5|a\\tb\n|6262") != std::string::npos);
}

}  // namespace
}  // namespace vitrine
