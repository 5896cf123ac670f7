// `vitrine check-state`: whether what a screen remembers is whole, as after a power cut: its logs,
// the documents it plays by, the files they name.
#pragma once

#include <string>
#include <vector>

#include "operator/log_record.hpp"
#include "state/paths.hpp"

namespace vitrine::op {

struct StateCheck {
  std::vector<std::string> faults;  // one line each: what, where
  std::size_t plays = 0;            // rows of the play log, each in the chain
  std::size_t signatures = 0;       // of rows, looked at
  std::size_t exposures = 0;
  std::size_t generations = 0;
  std::size_t creatives = 0;  // files whose bytes have their name's hash

  bool intact() const { return faults.empty(); }
};

// Reads a state directory, or a copy of one, and changes nothing but what SQLite needs to read a
// log. What has not been made yet is no fault. The error: there is no directory to look at.
Result<StateCheck> check_state(const StatePaths& paths);

std::string check_state_text(const StateCheck& check);

}  // namespace vitrine::op
