// The plays of all cells while a plan is being repaired.
#pragma once

#include "parallel.hpp"
#include "pass.hpp"
#include "repair.hpp"
#include "unit_work.hpp"

namespace vitrine::plan {

class Shares {
 public:
  // Empty at first. Borrows the problem.
  Shares(const Problem& problem, unsigned threads)
      : problem_(problem), threads_(threads), pieces_(kPieces) {
    scale_.assign(problem.lines.size(), 1);
    delivered_.assign(problem.lines.size(), 0);
  }

  // Per line, in its unit.
  const std::vector<double>& delivered() const { return delivered_; }

  // Lets `work_on(UnitWork&, UnitBids& scratch)` change each unit.
  template <class WorkOn>
  void change(const WorkOn& work_on);

  // Cuts each line that has more than its goal, alike in all cells. What the cells hold is cut at
  // once for whoever looks.
  void cut_to_goals();

  // Adds up over all cells what `look(work, hour, offer, value, screens, sums)` adds to `size`
  // sums.
  template <class Look>
  std::vector<double> sum(std::size_t size, const Look& look) const;

  // Each unit's plays by line; `value` becomes what all plays are worth.
  std::vector<std::vector<DayShare>> days(double& value) const;

 private:
  struct Share {
    std::uint32_t line = 0;
    double plays = 0;  // a screen and hour
  };
  // The plays of one piece's cells, cell by cell.
  struct Piece {
    std::vector<Share> shares;
    std::vector<std::size_t> cell_end;  // for each unit 24
  };

  void load(UnitWork& work, const Piece& from, std::size_t cell, std::size_t& next) const;
  void keep(const UnitWork& work, Piece& to, std::vector<double>& values,
            std::vector<double>& delivered) const;

  const Problem& problem_;
  unsigned threads_;
  std::vector<Piece> pieces_;
  std::vector<double> delivered_;
  std::vector<double> scale_;  // by line; what the cells hold is to be multiplied by it
};

template <class WorkOn>
void Shares::change(const WorkOn& work_on) {
  std::vector<std::vector<double>> delivered(kPieces);
  in_pieces(problem_.units(), threads_,
            [&](std::size_t piece, std::size_t from, std::size_t until) {
              delivered[piece].assign(problem_.lines.size(), 0);
              const Piece before = std::move(pieces_[piece]);
              Piece after;
              UnitWork work(problem_);
              UnitBids scratch;
              std::vector<double> values;
              std::size_t next = 0;
              for (std::size_t unit = from; unit < until; ++unit) {
                work.begin(unit);
                if (!before.cell_end.empty()) load(work, before, (unit - from) * 24, next);
                work_on(work, scratch);
                keep(work, after, values, delivered[piece]);
              }
              pieces_[piece] = std::move(after);
            });
  delivered_.assign(problem_.lines.size(), 0);
  for (const auto& part : delivered) {
    for (std::size_t i = 0; i < part.size(); ++i) delivered_[i] += part[i];
  }
  scale_.assign(problem_.lines.size(), 1);
}

template <class Look>
std::vector<double> Shares::sum(std::size_t size, const Look& look) const {
  std::vector<std::vector<double>> parts(kPieces);
  in_pieces(problem_.units(), threads_,
            [&](std::size_t piece, std::size_t from, std::size_t until) {
              parts[piece].assign(size, 0);
              UnitWork work(problem_);
              std::vector<double> values;
              std::size_t next = 0;
              for (std::size_t unit = from; unit < until; ++unit) {
                work.begin(unit);
                load(work, pieces_[piece], (unit - from) * 24, next);
                const Group& group = work.group();
                for (int hour = group.from_hour; hour < group.until_hour; ++hour) {
                  values_of(problem_, group, problem_.day_of(unit), hour, values);
                  for (const Offer& offer : problem_.offers_of(unit, hour)) {
                    look(work, hour, offer, values[offer.kind], group.count(), parts[piece]);
                  }
                }
              }
            });
  std::vector<double> sums = std::move(parts[0]);
  for (std::size_t i = 1; i < kPieces; ++i) {
    for (std::size_t k = 0; k < sums.size(); ++k) sums[k] += parts[i][k];
  }
  return sums;
}

}  // namespace vitrine::plan
