// A system of linear equations with a symmetric matrix, positive but for rounding.
#pragma once

#include <vector>

namespace vitrine::plan {

// Solves matrix * x = right by Cholesky's factors; `size` rows, row by row. A pivot below `least`
// (> 0) is taken for `least`, which shortens the answer in directions that the matrix does not
// know. Both arguments are used up.
std::vector<double> solve(std::vector<double> matrix, std::vector<double> right, double least);

}  // namespace vitrine::plan
