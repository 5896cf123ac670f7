// What the tests of the online side share: a reader that collects, and a store of the test's own.
#pragma once

#include <doctest/doctest.h>

#include "backflow/online_reader.hpp"
#include "backflow/online_rows.hpp"
#include "base/time.hpp"
#include "temp_directory.hpp"

namespace vitrine::testing {

inline constexpr Micros kToday = 1'796'000'000 * kSecond;  // 2026-11-30T00:53:20Z

struct ReadFile {
  std::vector<OnlineEvent> events;  // of kind events
  std::vector<SqlRow> rows;
  struct Rejected {
    std::int64_t line;
    RowCause cause;
    std::string column, text;
    bool operator==(const Rejected&) const = default;
  };
  std::vector<Rejected> rejected;
  std::string refused;  // why the file was
};

// `piece`: how many bytes are fed at once.
inline ReadFile read_online(OnlineKind kind, std::string_view text,
                            OnlineFormat format = OnlineFormat::csv, std::size_t piece = 1 << 20,
                            OnlineRules rules = {{}, kToday, 400}) {
  ReadFile file;
  OnlineReader reader(kind, format, "orders.csv", std::move(rules),
                      {[&](const OnlineRow& row) {
                         file.rows.push_back(row.values);
                         if (kind == OnlineKind::events)
                           file.events.push_back(from_sql_row<OnlineEvent>(row.values));
                         return ok();
                       },
                       [&](const RejectedRow& row) {
                         file.rejected.push_back(
                             {row.line, row.cause, std::string(row.column), std::string(row.text)});
                         return ok();
                       }});
  Status done = ok();
  for (std::size_t at = 0; at < text.size() && done; at += piece)
    done = reader.feed(text.substr(at, piece));
  if (done) done = reader.finish();
  if (!done) file.refused = done.error().message;
  return file;
}

// A store in SQLite with the tables of the online side.
struct OnlineStore {
  TempDirectory directory;
  std::unique_ptr<SqlStore> sql;

  OnlineStore() {
    auto opened = open_sql_store(address());
    REQUIRE(opened);
    sql = *std::move(opened);
    REQUIRE(create_online_tables(*sql));
  }
  std::string address() const { return "sqlite:" + (directory.path() / "store.db").string(); }
  std::int64_t count(const std::string& from_where) const {
    auto value = sql_scalar(*sql, "SELECT count(*) FROM " + from_where);
    REQUIRE(value);
    return sql_integer(*value);
  }
};

}  // namespace vitrine::testing
