// One line of NDJSON: a flat JSON object as names and texts. A number keeps the digits it was
// written with, because money must not pass through a double. Pure.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.hpp"

namespace vitrine::online {

// In the order they stand; null becomes an empty text. `invalid`: no flat object, a name twice, or
// bytes that are no UTF-8.
Result<std::vector<std::pair<std::string, std::string>>> read_json_line(std::string_view line);

}  // namespace vitrine::online
