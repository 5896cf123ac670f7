// `vitrine status`: one page for whoever stands before the screen. It reads files only, so it works
// when everything is down; what is not known is said to be unknown.
#pragma once

#include <string>

#include "platform/clock.hpp"
#include "state/paths.hpp"

namespace vitrine::op {

// `clock` tells the age of files. An error only when there is no screen here: no device.toml.
Result<std::string> status_page(const StatePaths& paths, const Clock& clock);

}  // namespace vitrine::op
