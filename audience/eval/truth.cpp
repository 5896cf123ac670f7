#include "truth.hpp"

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>

#include "audience/assignment.hpp"

namespace vitrine {

Result<Truth> read_truth(const fs::path& path) {
  auto text = read_text(path);
  if (!text) return std::move(text).error();
  const auto json = nlohmann::json::parse(*text, nullptr, false);
  const auto wrong = [&path](const char* what) {
    return fail(ErrorCode::invalid, path.string() + ": " + what);
  };
  if (!json.is_object()) return wrong("not a JSON object");
  const auto numbers = [&json](const char* key, std::size_t count) {
    std::vector<double> values;
    const auto found = json.find(key);
    if (found == json.end() || !found->is_array() || found->size() != count) return values;
    for (const auto& value : *found) values.push_back(value.is_number() ? value.get<double>() : 0);
    return values;
  };
  const auto size = numbers("size", 2);
  const auto line = numbers("line", 4);
  if (size.empty() || line.empty() || size[0] <= 0 || size[1] <= 0) return wrong("no size or line");
  const auto permille = [](double value, double whole) {
    return static_cast<int>(std::lround(1000 * value / whole));
  };
  Truth truth;
  truth.line = {permille(line[0], size[0]), permille(line[1], size[1]), permille(line[2], size[0]),
                permille(line[3], size[1])};
  const auto crossings = json.find("crossings");
  if (crossings == json.end() || !crossings->is_array()) return wrong("no crossings");
  for (const auto& entry : *crossings) {
    if (!entry.is_object() || !entry.contains("t") || !entry["t"].is_number() ||
        !entry.contains("dir") || !entry["dir"].is_string()) {
      return wrong("a crossing without t or dir");
    }
    TrueCrossing crossing{entry["t"].get<double>(), entry["dir"] == "LR" ? 1 : -1};
    const auto tolerance = entry.find("tol");
    if (tolerance != entry.end() && tolerance->is_number()) {
      crossing.tolerance = std::max(crossing.tolerance, tolerance->get<double>());
    }
    truth.crossings.push_back(crossing);
  }
  return truth;
}

Match match(const std::vector<TrueCrossing>& truth, const std::vector<ClipCrossing>& found) {
  // A pair more is worth more than any nearness.
  constexpr double kPair = -1000;
  Assignment pairs;
  pairs.begin(truth.size(), found.size());
  for (std::size_t i = 0; i < truth.size(); ++i) {
    for (std::size_t j = 0; j < found.size(); ++j) {
      const double apart = std::abs(truth[i].seconds - found[j].seconds);
      const bool same = truth[i].direction == found[j].direction && apart <= truth[i].tolerance;
      pairs.cost(i, j) = same ? kPair + apart : 0;
    }
  }
  const std::vector<int>& found_of = pairs.solve();
  Match result;
  for (std::size_t i = 0; i < truth.size(); ++i) {
    if (found_of[i] >= 0 && pairs.cost(i, static_cast<std::size_t>(found_of[i])) < 0) ++result.hits;
  }
  result.missed = static_cast<int>(truth.size()) - result.hits;
  result.false_alarms = static_cast<int>(found.size()) - result.hits;
  return result;
}

}  // namespace vitrine
