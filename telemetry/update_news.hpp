// What became of an update (state/update.hpp), as events: update-trial, update-done, update-back
// and the rest of docs/updates.md. Each at least once, the newest only: the number of the last one
// is remembered after it was kept.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>

#include "base/time.hpp"
#include "state/update.hpp"

namespace vitrine {

class UpdateNews {
 public:
  // False: the event could not be kept.
  using Notify = std::function<bool(const std::string& code, const std::string& text)>;
  explicit UpdateNews(Notify notify) : notify_(std::move(notify)) {}

  void tick(const StatePaths& paths, Micros now);

 private:
  Notify notify_;
  std::optional<std::uint64_t> told_;  // absent = not read yet
  Micros next_ = 0;
};

}  // namespace vitrine
