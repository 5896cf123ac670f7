// The exact minimum-cost assignment (Hungarian method with potentials, O(n^2 m)).
#pragma once

#include <cstddef>
#include <vector>

namespace vitrine {

// Its buffers live as long as it does: once it has solved a problem of some size, one that is no
// larger allocates nothing.
class Assignment {
 public:
  // A table to fill, all of its costs undefined; valid until the next call.
  void begin(std::size_t rows, std::size_t columns);
  double& cost(std::size_t row, std::size_t column) { return cost_[row * columns_ + column]; }
  double cost(std::size_t row, std::size_t column) const { return cost_[row * columns_ + column]; }

  // For each row its column, or -1 where there are more rows than columns; the sum of the costs is
  // the least possible with min(rows, columns) pairs. Valid until the next begin().
  const std::vector<int>& solve();

 private:
  double at(std::size_t i, std::size_t j) const { return turned_ ? cost(j, i) : cost(i, j); }

  std::size_t rows_ = 0, columns_ = 0;
  bool turned_ = false;  // solved over columns, for there are fewer of them
  std::vector<double> cost_;
  std::vector<double> row_potential_, column_potential_, least_;
  std::vector<std::size_t> row_of_, came_from_;
  std::vector<char> used_;
  std::vector<int> column_of_;
};

}  // namespace vitrine
