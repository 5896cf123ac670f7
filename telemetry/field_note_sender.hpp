// What people did at the screen (state/field_notes.hpp), as events. Each at least once: the number
// of the last one is remembered after it was kept, so a power cut may say one twice.
#pragma once

#include <functional>
#include <optional>
#include <string>

#include "state/field_notes.hpp"

namespace vitrine {

class FieldNoteSender {
 public:
  // False: the event could not be kept.
  using Notify = std::function<bool(const std::string& code, const std::string& text)>;
  explicit FieldNoteSender(Notify notify) : notify_(std::move(notify)) {}

  void tick(const StatePaths& paths, Micros now);

 private:
  Notify notify_;
  std::optional<std::uint64_t> sent_;  // absent = not read yet
  Micros next_ = 0;
};

}  // namespace vitrine
