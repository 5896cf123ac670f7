// The exact minimum-cost assignment (Hungarian method with potentials, O(n^2 m)).
#pragma once

#include <vector>

namespace vitrine {

// `cost[row][column]`, rectangular. For each row its column, or -1 where there are more rows than
// columns; the sum of the costs is the least possible with min(rows, columns) pairs.
std::vector<int> assign(const std::vector<std::vector<double>>& cost);

}  // namespace vitrine
