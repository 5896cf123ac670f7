// `vitrine allocate`: a network folder becomes each screen's signed numbers and a report.
#pragma once

#include <optional>

#include "operator/plan_report.hpp"
#include "platform/clock.hpp"
#include "platform/file.hpp"

namespace vitrine::op {

struct AllocateOptions {
  fs::path network;
  std::uint64_t schedule_version = 0;  // of schedule.json; 0 = schedule.jws says it
  fs::path out;       // numbers.jws: one signed document a line; goals.csv, issued.csv: the memory
  std::string day;    // "2026-11-23": that day alone; with `resolve` the first to plan; or empty
  fs::path resolve;   // true deliveries; empty = a first plan
  fs::path key_file;  // private key of the backend
  std::string key_id = "backend-1";
  std::uint64_t version = 0;  // of the numbers; 0 = one above the last that `out` remembers
  int valid_days = 30;        // 0 = do not expire
  unsigned threads = 2;
  double precision = 1e-3;
};

// Plans, signs and writes. numbers.jws holds the documents of this call only: of every screen, or
// after `resolve` of those where a quota moved.
Result<PlanReport> allocate(const AllocateOptions& options, const Clock& clock);

}  // namespace vitrine::op
