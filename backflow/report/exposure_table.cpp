#include "backflow/exposure_table.hpp"

#include <algorithm>
#include <numeric>

namespace vitrine {
namespace {

constexpr std::int64_t kShares = 10000;  // what the shares of an hour add up to
constexpr std::int64_t kDaysAWeek = 7;

// 1970-01-01 was a Thursday; hour 0 of a profile is that of Monday.
std::size_t hour_of_week(std::int64_t day, std::int64_t hour) {
  const std::int64_t days = day + 3;
  const std::int64_t weekday = days - floor_div(days, kDaysAWeek) * kDaysAWeek;
  return static_cast<std::size_t>(weekday * 24 + hour);
}

// Whether each group has nobody or at least k.
bool may_be_told(const GroupSplit& milli, std::int64_t k) {
  return std::all_of(milli.begin(), milli.end(),
                     [&](std::int64_t part) { return part == 0 || part >= 1000 * k; });
}

std::int64_t sum_of(const GroupSplit& milli) {
  return std::accumulate(milli.begin(), milli.end(), std::int64_t{0});
}

void add_to(GroupSplit& sum, const GroupSplit& more) {
  for (std::size_t group = 0; group < kGroups; ++group) sum[group] += more[group];
}

}  // namespace

void operator+=(Contacts& sum, const Contacts& more) {
  sum.plays += more.plays;
  sum.play_ms += more.play_ms;
  sum.imp_milli += more.imp_milli;
  sum.target_milli += more.target_milli;
}

void ExposureTableMaker::split(Split& split, const ExposureSum& sum) const {
  const auto profile = profiles_.find(static_cast<AreaId>(sum.key.area));
  if (profile == profiles_.end() || profile->second.n_sample < k_ || sum.hour < 0 ||
      sum.hour > 23) {
    split.whole = false;
    return;
  }
  const auto& share = profile->second.hours[hour_of_week(sum.day, sum.hour)].share;
  for (std::size_t group = 0; group < kGroups; ++group)
    split.milli[group] += mul_div(sum.contacts.imp_milli, share[group], kShares);
}

void ExposureTableMaker::add(const ExposureSum& sum) {
  Cell& cell = cells_[sum.key];
  cell.row.key = sum.key;
  cell.row.restated = cell.row.restated || sum.restated;
  if (sum.observed == 1) {
    cell.row.observed += sum.contacts;
    split(cell.observed, sum);
  } else if (sum.observed == 0) {
    cell.row.modelled += sum.contacts;
    split(cell.modelled, sum);
  } else {
    cell.row.unknown_plays += sum.contacts.plays;
  }
}

// What is not told of single rows is known of all of them together, as the total less what is told:
// so that has to be safe too.
std::optional<GroupSplit> ExposureTableMaker::tell(Split Cell::*method,
                                                   std::optional<GroupSplit> ExposureLine::*told) {
  std::vector<Cell*> shown;
  GroupSplit all{}, rest{};
  for (auto& [key, cell] : cells_) {
    const Split& split = cell.*method;
    if (!key.paid || !split.whole) continue;
    add_to(all, split.milli);
    if (may_be_told(split.milli, k_)) {
      shown.push_back(&cell);
    } else {
      add_to(rest, split.milli);
    }
  }
  // The smallest last; of equals the later row.
  std::stable_sort(shown.begin(), shown.end(), [&](const Cell* one, const Cell* other) {
    return sum_of((one->*method).milli) > sum_of((other->*method).milli);
  });
  while (!shown.empty() && !may_be_told(rest, k_)) {
    add_to(rest, (shown.back()->*method).milli);
    shown.pop_back();
  }
  for (Cell* cell : shown)
    if (sum_of((cell->*method).milli) > 0) cell->row.*told = (cell->*method).milli;
  if (sum_of(all) == 0 || !may_be_told(rest, k_)) return std::nullopt;
  return all;
}

ExposureTable ExposureTableMaker::finish() {
  ExposureTable table;
  table.observed_groups = tell(&Cell::observed, &ExposureLine::observed_groups);
  table.modelled_groups = tell(&Cell::modelled, &ExposureLine::modelled_groups);
  table.rows.reserve(cells_.size());
  for (auto& [key, cell] : cells_) table.rows.push_back(std::move(cell.row));
  cells_.clear();
  return table;
}

}  // namespace vitrine
