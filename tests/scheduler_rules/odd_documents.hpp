// Documents at the edges of what the schemas allow, each to play the year 2024.
#pragma once

#include <string>
#include <vector>

#include "draw_documents.hpp"
#include "random_network.hpp"

namespace vitrine::testing {

inline constexpr DrawFrame kOddYear{19'723, 20'088, 60'000};  // 2024-01-01 to 2024-12-31

struct OddDocuments {
  std::string name;
  Inputs inputs;  // with every file at hand
  bool something_plays = true;
};

std::vector<OddDocuments> odd_documents();

}  // namespace vitrine::testing
