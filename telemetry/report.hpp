// state/reported: how far each document came, as one JSON text that is retained whenever it
// changes.
#pragma once

#include "assembly.hpp"
#include "inbox.hpp"

namespace vitrine {

// Reads player/active and the generations it names.
Reported make_report(const StatePaths& paths, Inbox& inbox, Assembly& assembly);

// "generation 7", "nothing yet": what a screen keeps when something new is refused.
std::string what_is_kept(const StatePaths& paths);

}  // namespace vitrine
