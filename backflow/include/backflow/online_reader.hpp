// Reads a file of the online side, CSV (RFC 4180) or NDJSON, UTF-8 with or without a byte order
// mark, into rows of its table. Pure: bytes in, rows and rejected rows out, in their order; memory
// stays below a few hundred KiB however long the file is. What every column may hold is in
// docs/online.md.
//
// A file whose columns are wrong, or that is in another encoding from its first line on, is refused
// as a whole. After that a row with a fault is rejected alone with its line and cause, and the next
// good row is read: a quote that is never closed costs its own line and no more.
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "backflow/sql_store.hpp"
#include "base/result.hpp"
#include "base/zone_table.hpp"

namespace vitrine {

enum class OnlineKind { events, cost, benchmark, links };
inline constexpr std::array<std::string_view, 4> kOnlineKindNames = {"events", "cost", "benchmark",
                                                                     "links"};
enum class OnlineFormat { csv, ndjson };

// Why a row is kept aside. The last three are found when it is to be stored.
enum class RowCause {
  bad_quotes,
  too_long,  // a row of more than kMostRowBytes
  wrong_columns,
  not_utf8,
  control_character,  // NUL, the one character that no database keeps
  bad_json,
  unknown_column,
  missing_value,
  text_too_long,
  bad_word,
  bad_time,
  future_time,
  expired,  // older than the retention
  bad_number,
  bad_money,
  bad_currency,
  id_not_hashed,
  conflict,  // its key is stored with other content
  erased     // of an id that was erased after this row's time
};
inline constexpr std::array<std::string_view, 19> kRowCauseNames = {
    "bad_quotes",   "too_long",       "wrong_columns", "not_utf8",      "control_character",
    "bad_json",     "unknown_column", "missing_value", "text_too_long", "bad_word",
    "bad_time",     "future_time",    "expired",       "bad_number",    "bad_money",
    "bad_currency", "id_not_hashed",  "conflict",      "erased"};
constexpr std::string_view name_of(RowCause cause) {
  return kRowCauseNames[static_cast<std::size_t>(cause)];
}

inline constexpr std::size_t kMostRowBytes = 64 * 1024;

struct OnlineRules {
  ZoneTable zone;              // of `day`
  std::int64_t now_us = 0;     // what is later than this and a day has no time yet
  std::int64_t keep_days = 0;  // 0 = whatever its age
};

struct OnlineRow {
  SqlRow values;          // in the order of online_table(kind)
  std::int64_t line = 0;  // from 1, the header included
  std::string_view text;  // as it stood in the file, without its line end; valid during the call
};
struct RejectedRow {
  std::int64_t line = 0;
  RowCause cause = RowCause::bad_quotes;
  std::string_view column;  // empty: the row as a whole
  std::string_view text;
};

// Either may end the reading by an error, which feed() or finish() then returns.
struct OnlineSink {
  std::function<Status(const OnlineRow&)> row;
  std::function<Status(const RejectedRow&)> rejected;
};

const SqlTable& online_table(OnlineKind kind);
std::optional<OnlineKind> online_kind(std::string_view name);

class OnlineReader {
 public:
  // `source` goes into the column of that name and into errors.
  OnlineReader(OnlineKind kind, OnlineFormat format, std::string source, OnlineRules rules,
               OnlineSink sink);
  ~OnlineReader();
  OnlineReader(OnlineReader&&) noexcept;

  // The next bytes, as many as there are. An `invalid` error refuses the file; nothing of it has
  // gone to the sink then.
  Status feed(std::string_view bytes);
  // After the last byte.
  Status finish();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace vitrine
