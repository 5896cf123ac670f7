// One row for each day that was billed: how many rows it has, the hash that closes it, and what it
// was made from, so that a run does again only the days with news.
#pragma once

#include <map>

#include "backflow/billed_play.hpp"
#include "platform/crypto.hpp"

namespace vitrine::billing {

struct BilledDay {
  std::int64_t day = 0;
  bool complete = false;  // false: a run was ended in the middle of it; the next one does it again
  bool closed = false;
  std::int64_t rows = 0;
  std::int64_t billable = 0;
  std::int64_t unread = 0;       // rows whose documents are not there: the day cannot be closed
  std::int64_t fingerprint = 0;  // of what its rows follow from, prices aside
  std::int64_t prices = 0;       // of the prices that held
  Hash256 hash{};                // of its rows; zero until it is complete
  std::int64_t closed_at_us = kAbsent;
};

const SqlTable& bill_day_table();
Result<std::map<std::int64_t, BilledDay>> read_days(SqlStore& store);
Status write_day(SqlStore& store, const BilledDay& day);

// SHA-256 over the rows of a day in the order of their keys, each as one line of its columns,
// absent as nothing, each column followed by '|'. Left out are closed, restated and the time of
// receipt, which is another one whenever a batch had to be sent again.
class DayHash {
 public:
  void add(const BilledPlay& play);
  Hash256 finish() { return hash_.finish(); }

 private:
  Sha256 hash_;
};

// Of one row, to be added up: the same sum in any order. Leaves out what a price says.
std::uint64_t fingerprint_of(const BilledPlay& play);

// A day is closed when it is over everywhere and seven days more are.
inline constexpr std::int64_t kCloseAfterDays = 7;
std::int64_t closes_at_us(std::int64_t day);

}  // namespace vitrine::billing
