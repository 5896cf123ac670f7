#include "store/known_rows.hpp"

#include <algorithm>
#include <iterator>

namespace vitrine::store {

bool SeqRanges::has(std::uint64_t seq) const {
  return overlaps(seq, seq);
}

bool SeqRanges::overlaps(std::uint64_t first, std::uint64_t last) const {
  const auto behind = last_of_.upper_bound(last);
  return behind != last_of_.begin() && std::prev(behind)->second >= first;
}

void SeqRanges::add(std::uint64_t first, std::uint64_t last) {
  auto at = last_of_.upper_bound(first);
  if (at != last_of_.begin()) {
    const auto before = std::prev(at);
    // Written so that neither end can overflow.
    if (before->second >= first || before->second == first - 1) {
      first = before->first;
      last = std::max(last, before->second);
      at = last_of_.erase(before);
    }
  }
  while (at != last_of_.end() && (at->first <= last || at->first - 1 == last)) {
    last = std::max(last, at->second);
    at = last_of_.erase(at);
  }
  last_of_.emplace(first, last);
}

std::vector<std::pair<std::uint64_t, std::uint64_t>> SeqRanges::holes_from(
    std::uint64_t first) const {
  std::vector<std::pair<std::uint64_t, std::uint64_t>> holes;
  for (const auto& [begin, end] : last_of_) {
    if (begin > first) holes.emplace_back(first, begin - 1);
    if (end >= first) first = end + 1;
  }
  return holes;
}

}  // namespace vitrine::store
