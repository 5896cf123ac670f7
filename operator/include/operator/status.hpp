// `vitrine status`: one page for whoever stands before the screen. It reads files only, so it works
// when everything is down; what is not known is said to be unknown.
#pragma once

#include <string>

#include "platform/clock.hpp"
#include "state/paths.hpp"

namespace vitrine::op {

// What a watching program goes by: the exit code of `vitrine status`.
enum class Health {
  well = 0,   // it shows what it shall and nothing is to do
  wants = 1,  // the picture is as it should be, or dark by plan, and something else wants doing
  down = 2    // it shows nothing that it should: not enrolled, nothing to show, no player
};
struct StatusPage {
  std::string text;
  Health health = Health::down;
};

// `clock` tells the age of files, `board` the name of a screen that has none yet. An error where
// there are files of an identity that cannot be read.
Result<StatusPage> status_page(const StatePaths& paths, const Clock& clock,
                               const std::string& board);

}  // namespace vitrine::op
