#include "linear.hpp"

#include <cmath>
#include <cstddef>

namespace vitrine::plan {

std::vector<double> solve(std::vector<double> matrix, std::vector<double> right, double least) {
  const std::size_t size = right.size();
  // Right-looking, row by row, so that the inner loop runs along the memory. The upper triangle
  // becomes the factor R of R'R.
  for (std::size_t k = 0; k < size; ++k) {
    double* row = &matrix[k * size];
    const double pivot = std::sqrt(row[k] > least ? row[k] : least);
    row[k] = pivot;
    for (std::size_t j = k + 1; j < size; ++j) row[j] /= pivot;
    for (std::size_t i = k + 1; i < size; ++i) {
      const double factor = row[i];
      if (factor == 0) continue;
      double* below = &matrix[i * size];
      for (std::size_t j = i; j < size; ++j) below[j] -= factor * row[j];
    }
  }
  for (std::size_t k = 0; k < size; ++k) {
    const double* row = &matrix[k * size];
    right[k] /= row[k];
    for (std::size_t j = k + 1; j < size; ++j) right[j] -= row[j] * right[k];
  }
  for (std::size_t k = size; k-- > 0;) {
    const double* row = &matrix[k * size];
    for (std::size_t j = k + 1; j < size; ++j) right[k] -= row[j] * right[j];
    right[k] /= row[k];
  }
  return right;
}

}  // namespace vitrine::plan
