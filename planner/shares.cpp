#include "shares.hpp"

#include <algorithm>

namespace vitrine::plan {

void Shares::cut_to_goals() {
  for (std::size_t i = 0; i < delivered_.size(); ++i) {
    const double goal = problem_.lines[i].goal;
    if (delivered_[i] <= goal) continue;
    scale_[i] *= goal / delivered_[i];
    delivered_[i] = goal;
  }
}

void Shares::load(UnitWork& work, const Piece& from, std::size_t cell, std::size_t& next) const {
  for (int hour = 0; hour < 24; ++hour, ++cell) {
    for (; next < from.cell_end[cell]; ++next) {
      const Share& share = from.shares[next];
      work.add(hour, share.line, share.plays * scale_[share.line]);
    }
  }
}

void Shares::keep(const UnitWork& work, Piece& to, std::vector<double>& values,
                  std::vector<double>& delivered) const {
  const Group& group = work.group();
  for (int hour = 0; hour < 24; ++hour) {
    if (hour >= group.from_hour && hour < group.until_hour) {
      values_of(problem_, group, problem_.day_of(work.unit()), hour, values);
      for (const Offer& offer : problem_.offers_of(work.unit(), hour)) {
        const double plays = work.plays(hour, offer.line);
        if (plays <= 0) continue;
        to.shares.push_back({offer.line, plays});
        delivered[offer.line] += group.count() * plays *
                                 (problem_.lines[offer.line].impressions ? values[offer.kind] : 1);
      }
    }
    to.cell_end.push_back(to.shares.size());
  }
}

std::vector<std::vector<DayShare>> Shares::days(double& value) const {
  std::vector<std::vector<DayShare>> units(problem_.units());
  std::vector<double> parts(kPieces, 0);
  in_pieces(
      problem_.units(), threads_, [&](std::size_t piece, std::size_t from, std::size_t until) {
        std::vector<double> values;
        std::vector<DayShare> day(problem_.lines.size());
        std::size_t next = 0;
        const Piece& kept = pieces_[piece];
        for (std::size_t unit = from; unit < until; ++unit) {
          const Group& group = problem_.group_of(unit);
          std::vector<std::uint32_t> touched;
          for (int hour = 0; hour < 24; ++hour) {
            const auto end = kept.cell_end[(unit - from) * 24 + static_cast<std::size_t>(hour)];
            if (next == end) continue;
            values_of(problem_, group, problem_.day_of(unit), hour, values);
            for (; next < end; ++next) {
              const Share& share = kept.shares[next];
              const double plays = share.plays * scale_[share.line];
              DayShare& sum = day[share.line];
              if (sum.plays == 0) touched.push_back(share.line);
              sum.plays += plays;
              sum.value += plays * values[problem_.lines[share.line].kind];
            }
          }
          std::sort(touched.begin(), touched.end());
          units[unit].reserve(touched.size());
          for (const std::uint32_t line : touched) {
            day[line].line = line;
            parts[piece] += group.count() * day[line].value;
            units[unit].push_back(day[line]);
            day[line] = {};
          }
        }
      });
  value = 0;
  for (const double part : parts) value += part;
  return units;
}

}  // namespace vitrine::plan
