// One unit while its plays are being moved about, and the rules it keeps.
#pragma once

#include <algorithm>
#include <vector>

#include "problem.hpp"

namespace vitrine::plan {

// One unit's plays, spread out for work: plays[hour][line].
class UnitWork {
 public:
  UnitWork(const Problem& problem) : problem_(problem), lines_(problem.lines.size()) {
    plays_.assign(24 * lines_, 0);
    day_.assign(lines_, 0);
    used_.assign(24, 0);
  }

  void begin(std::size_t unit) {
    unit_ = unit;
    group_ = &problem_.group_of(unit);
    std::fill(plays_.begin(), plays_.end(), 0);
    std::fill(day_.begin(), day_.end(), 0);
    std::fill(used_.begin(), used_.end(), 0);
  }
  std::size_t unit() const { return unit_; }
  const Group& group() const { return *group_; }
  double plays(int hour, std::uint32_t line) const { return plays_[at(hour, line)]; }

  void add(int hour, std::uint32_t line, double plays) {
    plays_[at(hour, line)] += plays;
    day_[line] += plays;
    used_[static_cast<std::size_t>(hour)] += plays;
  }

  double free(int hour) const { return group_->slots - used_[static_cast<std::size_t>(hour)]; }
  // How many more plays of the line the hour takes.
  double room(int hour, const Offer& offer) const {
    return std::clamp(free(hour), 0.0, room_by_rules(hour, offer));
  }
  // The same if slots were no matter.
  double room_by_rules(int hour, const Offer& offer) const {
    const Line& line = problem_.lines[offer.line];
    double room = std::min(offer.cap, group_->slots) - plays(hour, offer.line);
    if (line.day_cap != 0) room = std::min(room, line.day_cap - day_[offer.line]);
    if (!line.competitors.empty()) room = std::min(room, beside_competitors(hour, offer.line));
    return std::max(room, 0.0);
  }

 private:
  std::size_t at(int hour, std::uint32_t line) const {
    return static_cast<std::size_t>(hour) * lines_ + line;
  }

  double with_competitors(int hour, std::uint32_t line) const {
    double sum = plays(hour, line);
    for (const std::uint32_t other : problem_.lines[line].competitors) sum += plays(hour, other);
    return sum;
  }

  // If no play has more than half of the hour's plays against it, itself included, the hour can be
  // put in an order in which no two competitors are neighbours (Dirac 1952: a graph whose every
  // vertex is joined to half of them has a Hamiltonian cycle). Unsold slots have nobody against
  // them.
  double beside_competitors(int hour, std::uint32_t line) const {
    const double half = group_->slots / 2;
    double room = half - with_competitors(hour, line);
    bool alone = true;
    for (const std::uint32_t other : problem_.lines[line].competitors) {
      if (plays(hour, other) <= 0) continue;
      alone = false;
      room = std::min(room, half - with_competitors(hour, other));
    }
    return alone ? group_->slots : room;
  }

  const Problem& problem_;
  std::size_t lines_;
  std::size_t unit_ = 0;
  const Group* group_ = nullptr;
  std::vector<double> plays_;
  std::vector<double> day_;   // plays of the line on this day
  std::vector<double> used_;  // slots of the hour
};

}  // namespace vitrine::plan
