// A network folder (docs/planner.md) and what `vitrine allocate` remembers beside its numbers.
#pragma once

#include "planner/issued.hpp"
#include "planner/network.hpp"
#include "platform/file.hpp"

namespace vitrine::op {

// schedule.jws (as signed: version and hash are the envelope's) or, with a `schedule_version` other
// than 0, schedule.json; screens.csv, contracts.csv, profiles.csv or profiles/*.json, and arms.csv
// where there is an experiment. Errors name the file. The schedule's signature is not checked: the
// screens do.
Result<plan::Network> read_network(const fs::path& folder, std::uint64_t schedule_version);

// goals.csv and issued.csv; `not_found` when there was no plan yet.
Result<plan::IssuedState> read_issued_state(const fs::path& folder);
Status write_issued_state(const fs::path& folder, const plan::IssuedState& state);

}  // namespace vitrine::op
