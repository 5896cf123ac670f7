#include "audience/assignment.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <numeric>
#include <random>

using namespace vitrine;

namespace {

double cost_of(const std::vector<std::vector<double>>& cost, const std::vector<int>& columns) {
  double sum = 0;
  for (std::size_t i = 0; i < columns.size(); ++i) {
    if (columns[i] >= 0) sum += cost[i][static_cast<std::size_t>(columns[i])];
  }
  return sum;
}

// By trying every order.
double least_by_force(const std::vector<std::vector<double>>& cost) {
  const std::size_t rows = cost.size(), columns = cost[0].size();
  std::vector<std::size_t> order(std::max(rows, columns));
  std::iota(order.begin(), order.end(), 0);
  double least = 1e9;
  do {
    double sum = 0;
    for (std::size_t i = 0; i < rows; ++i) {
      if (order[i] < columns) sum += cost[i][order[i]];
    }
    least = std::min(least, sum);
  } while (std::next_permutation(order.begin(), order.end()));
  return least;
}

}  // namespace

TEST_CASE("the assignment costs as little as the best of all orders, for every shape") {
  std::mt19937 random(1);
  std::uniform_real_distribution<double> cost_at(-1, 1);
  Assignment assignment;  // the same for all, larger and smaller
  for (std::size_t rows = 1; rows <= 6; ++rows) {
    for (std::size_t columns = 1; columns <= 6; ++columns) {
      for (int round = 0; round < 5; ++round) {
        std::vector<std::vector<double>> cost(rows, std::vector<double>(columns));
        for (auto& row : cost) {
          for (double& value : row) value = cost_at(random);
        }
        assignment.begin(rows, columns);
        for (std::size_t i = 0; i < rows; ++i) {
          for (std::size_t j = 0; j < columns; ++j) assignment.cost(i, j) = cost[i][j];
        }
        const std::vector<int> found = assignment.solve();
        std::vector<int> used;
        std::copy_if(found.begin(), found.end(), std::back_inserter(used),
                     [](int c) { return c >= 0; });
        std::sort(used.begin(), used.end());
        CHECK(std::adjacent_find(used.begin(), used.end()) == used.end());
        CHECK(used.size() == std::min(rows, columns));
        CHECK(cost_of(cost, found) == doctest::Approx(least_by_force(cost)));
      }
    }
  }
}

TEST_CASE("nothing to assign is no trouble") {
  Assignment assignment;
  assignment.begin(0, 3);
  CHECK(assignment.solve().empty());
  assignment.begin(2, 0);
  CHECK(assignment.solve() == std::vector<int>{-1, -1});
}
