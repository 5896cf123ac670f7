#include "spans.hpp"

#include <algorithm>

namespace vitrine::spans {

std::vector<Span> covered(const Timeline& timeline, Micros from, Micros until) {
  std::vector<Span> spans;
  for (const CoveredSpan& span : timeline.covered) {
    const Span cut{to_ms(std::max(span.from, from)), to_ms(std::min(span.until, until))};
    if (cut.from_ms < cut.until_ms) spans.push_back(cut);
  }
  std::sort(spans.begin(), spans.end(),
            [](const Span& a, const Span& b) { return a.from_ms < b.from_ms; });
  std::vector<Span> merged;
  for (const Span& span : spans) {
    if (!merged.empty() && span.from_ms <= merged.back().until_ms) {
      merged.back().until_ms = std::max(merged.back().until_ms, span.until_ms);
    } else {
      merged.push_back(span);
    }
  }
  return merged;
}

std::int64_t length_ms(const std::vector<Span>& spans) {
  std::int64_t sum = 0;
  for (const Span& span : spans) sum += span.until_ms - span.from_ms;
  return sum;
}

std::int64_t overlap_ms(const PresenceInterval& interval, const std::vector<Span>& covered) {
  const Span present{to_ms(interval.from), to_ms(interval.until)};
  std::int64_t sum = 0;
  for (const Span& span : covered) {
    sum += std::max<std::int64_t>(
        0, std::min(span.until_ms, present.until_ms) - std::max(span.from_ms, present.from_ms));
  }
  return sum;
}

std::int64_t coverage_permille(std::int64_t covered_ms, Micros from, Micros until) {
  const std::int64_t whole_ms = to_ms(until) - to_ms(from);
  return whole_ms <= 0 ? 0 : covered_ms * 1000 / whole_ms;
}

}  // namespace vitrine::spans
