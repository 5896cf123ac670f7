#include "check.hpp"

#include <algorithm>
#include <map>
#include <vector>

#include "backflow/spool.hpp"
#include "protocol/wire.hpp"

namespace vitrine::fleet {
namespace {

using Range = std::pair<std::uint64_t, std::uint64_t>;

// Calls with every record; an error of the disk or of a damaged record ends it.
template <class F>
Status for_each_record(const fs::path& directory, F&& f) {
  SpoolReader reader(directory, {});
  for (;;) {
    auto entry = reader.next();
    if (!entry) return std::move(entry).error();
    if (!*entry) return ok();
    f((*entry)->record);
  }
}

}  // namespace

Result<SpoolCheck> check_spool(const fs::path& spool) {
  SpoolCheck check;
  std::map<std::pair<ScreenId, LogId>, std::vector<Range>> logs;
  auto read = for_each_record(spool / "all", [&](const SpoolRecord& record) {
    const auto key = peek_batch_key(record.payload);
    if (key && key->stream == Stream::play)
      logs[{record.device, key->log_id}].emplace_back(key->first, key->last);
  });
  if (!read) return std::move(read).error();
  read = for_each_record(spool / "quarantine", [&](const SpoolRecord&) { ++check.quarantined; });
  if (!read) return std::move(read).error();
  check.logs = logs.size();
  for (auto& [log, ranges] : logs) {
    std::sort(ranges.begin(), ranges.end());
    std::uint64_t last = 0;  // of what was seen so far
    for (const auto& [first, end] : ranges) {
      if (first > last + 1) check.missing += first - last - 1;
      check.twice += std::min(end, std::max(last, first - 1)) - (first - 1);
      if (end > last) {
        check.plays += end - std::max(last, first - 1);
        last = end;
      }
    }
  }
  return check;
}

}  // namespace vitrine::fleet
