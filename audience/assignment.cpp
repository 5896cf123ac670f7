#include "audience/assignment.hpp"

#include <algorithm>
#include <limits>

namespace vitrine {
namespace {

constexpr double kInfinite = std::numeric_limits<double>::infinity();

}  // namespace

void Assignment::begin(std::size_t rows, std::size_t columns) {
  rows_ = rows;
  columns_ = columns;
  cost_.resize(rows * columns);
}

const std::vector<int>& Assignment::solve() {
  column_of_.assign(rows_, -1);
  if (rows_ == 0 || columns_ == 0) return column_of_;
  turned_ = rows_ > columns_;
  const std::size_t rows = std::min(rows_, columns_), columns = std::max(rows_, columns_);

  // Rows and columns count from 1 inside; 0 is the virtual start.
  row_potential_.assign(rows + 1, 0);
  column_potential_.assign(columns + 1, 0);
  row_of_.assign(columns + 1, 0);
  came_from_.assign(columns + 1, 0);
  for (std::size_t row = 1; row <= rows; ++row) {
    row_of_[0] = row;
    std::size_t column = 0;
    least_.assign(columns + 1, kInfinite);
    used_.assign(columns + 1, 0);
    do {
      used_[column] = 1;
      const std::size_t from = row_of_[column];
      double delta = kInfinite;
      std::size_t next = 0;
      for (std::size_t j = 1; j <= columns; ++j) {
        if (used_[j] != 0) continue;
        const double reduced = at(from - 1, j - 1) - row_potential_[from] - column_potential_[j];
        if (reduced < least_[j]) {
          least_[j] = reduced;
          came_from_[j] = column;
        }
        if (least_[j] < delta) {
          delta = least_[j];
          next = j;
        }
      }
      for (std::size_t j = 0; j <= columns; ++j) {
        if (used_[j] != 0) {
          row_potential_[row_of_[j]] += delta;
          column_potential_[j] -= delta;
        } else {
          least_[j] -= delta;
        }
      }
      column = next;
    } while (row_of_[column] != 0);
    while (column != 0) {
      row_of_[column] = row_of_[came_from_[column]];
      column = came_from_[column];
    }
  }
  for (std::size_t j = 1; j <= columns; ++j) {
    if (row_of_[j] == 0) continue;
    const std::size_t i = row_of_[j] - 1;
    if (turned_) {
      column_of_[j - 1] = static_cast<int>(i);
    } else {
      column_of_[i] = static_cast<int>(j - 1);
    }
  }
  return column_of_;
}

}  // namespace vitrine
