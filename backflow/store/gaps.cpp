#include "backflow/gaps.hpp"

#include "store/where_it_is.hpp"

namespace vitrine {
namespace {

Status add_declared(SqlStore& store, const ScreenId& device, store::KnownRows& rows) {
  const std::string of_device = device.empty() ? "" : " AND device = " + sql_quoted(device);
  return store.query(
      "SELECT device, about_stream, about_log_id, first, last FROM event WHERE kind = 'drop'" +
          of_device,
      [&](const SqlRow& row) {
        const auto first = static_cast<std::uint64_t>(sql_integer(row[3]));
        const auto last = static_cast<std::uint64_t>(sql_integer(row[4]));
        const auto log = rows.find({sql_text(row[0]), static_cast<Stream>(sql_integer(row[1])),
                                    static_cast<LogId>(sql_integer(row[2]))});
        // Of a log without a stored row nothing is missing but what was declared.
        if (log != rows.end() && first <= last) log->second.add(first, last);
        return ok();
      });
}

}  // namespace

Result<std::vector<Gap>> find_gaps(SqlStore& store, const ScreenId& device) {
  store::KnownRows rows;
  if (auto asked = store::ask_known(store, rows, device); !asked) return std::move(asked).error();
  if (auto added = add_declared(store, device, rows); !added) return std::move(added).error();
  std::vector<Gap> gaps;
  for (const auto& [log, ranges] : rows) {
    for (const auto& [first, last] : ranges.holes_from(1))
      gaps.push_back({log.device, log.stream, log.log_id, first, last});
  }
  return gaps;
}

}  // namespace vitrine
