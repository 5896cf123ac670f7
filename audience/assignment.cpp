#include "audience/assignment.hpp"

#include <limits>

namespace vitrine {
namespace {

// Rows <= columns. Rows and columns count from 1 inside; 0 is the virtual start.
std::vector<int> assign_wide(const std::vector<std::vector<double>>& cost, std::size_t columns) {
  const std::size_t rows = cost.size();
  constexpr double kInfinite = std::numeric_limits<double>::infinity();
  std::vector<double> row_potential(rows + 1), column_potential(columns + 1);
  std::vector<std::size_t> row_of(columns + 1), came_from(columns + 1);
  for (std::size_t row = 1; row <= rows; ++row) {
    row_of[0] = row;
    std::size_t column = 0;
    std::vector<double> least(columns + 1, kInfinite);
    std::vector<bool> used(columns + 1);
    do {
      used[column] = true;
      const std::size_t at = row_of[column];
      double delta = kInfinite;
      std::size_t next = 0;
      for (std::size_t j = 1; j <= columns; ++j) {
        if (used[j]) continue;
        const double reduced = cost[at - 1][j - 1] - row_potential[at] - column_potential[j];
        if (reduced < least[j]) {
          least[j] = reduced;
          came_from[j] = column;
        }
        if (least[j] < delta) {
          delta = least[j];
          next = j;
        }
      }
      for (std::size_t j = 0; j <= columns; ++j) {
        if (used[j]) {
          row_potential[row_of[j]] += delta;
          column_potential[j] -= delta;
        } else {
          least[j] -= delta;
        }
      }
      column = next;
    } while (row_of[column] != 0);
    while (column != 0) {
      row_of[column] = row_of[came_from[column]];
      column = came_from[column];
    }
  }
  std::vector<int> column_of(rows, -1);
  for (std::size_t j = 1; j <= columns; ++j) {
    if (row_of[j] != 0) column_of[row_of[j] - 1] = static_cast<int>(j - 1);
  }
  return column_of;
}

}  // namespace

std::vector<int> assign(const std::vector<std::vector<double>>& cost) {
  if (cost.empty()) return {};
  const std::size_t rows = cost.size();
  const std::size_t columns = cost.front().size();
  if (columns == 0) return std::vector<int>(rows, -1);
  if (rows <= columns) return assign_wide(cost, columns);

  std::vector<std::vector<double>> turned(columns, std::vector<double>(rows));
  for (std::size_t i = 0; i < rows; ++i) {
    for (std::size_t j = 0; j < columns; ++j) turned[j][i] = cost[i][j];
  }
  std::vector<int> column_of(rows, -1);
  const std::vector<int> row_of = assign_wide(turned, rows);
  for (std::size_t j = 0; j < columns; ++j) {
    column_of[static_cast<std::size_t>(row_of[j])] = static_cast<int>(j);
  }
  return column_of;
}

}  // namespace vitrine
