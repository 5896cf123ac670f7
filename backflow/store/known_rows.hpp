// Which rows the store has, as ranges of seqs a log: one range where nothing is missing, so a log
// costs a hundred bytes however long it is. Private to the store.
#pragma once

#include <map>
#include <utility>
#include <vector>

#include "protocol/batch.hpp"

namespace vitrine::store {

// Disjoint ranges that do not touch.
class SeqRanges {
 public:
  bool has(std::uint64_t seq) const;
  bool overlaps(std::uint64_t first, std::uint64_t last) const;
  void add(std::uint64_t first, std::uint64_t last);
  std::size_t ranges() const { return last_of_.size(); }
  // What is missing from `first` up to the highest there is.
  std::vector<std::pair<std::uint64_t, std::uint64_t>> holes_from(std::uint64_t first) const;

 private:
  std::map<std::uint64_t, std::uint64_t> last_of_;  // by the first
};

struct LogName {
  ScreenId device;
  Stream stream = Stream::play;
  LogId log_id = 0;
  auto operator<=>(const LogName&) const = default;
};

using KnownRows = std::map<LogName, SeqRanges>;

}  // namespace vitrine::store
