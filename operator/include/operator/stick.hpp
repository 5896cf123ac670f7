// A stick at a site without a network, on the device: its bundle is checked, kept by root alone,
// and spent at the first link (vitrine-join.service, or `vitrine enrol --pending` by hand). The
// keys are made here all the same and stay here: what the stick carries is the permission to ask.
#pragma once

#include <string>

#include "operator/enrol.hpp"
#include "platform/clock.hpp"
#include "protocol/bundle.hpp"
#include "state/paths.hpp"

namespace vitrine::op {

// By what the technician knows that the stick is of his own installation: one of the two.
struct StickAnchor {
  fs::path ca_file;  // PEM: the authority itself, or the one that signed it
  std::string code;  // as `vitrine token --bundle` said it
};

// The bundle of a file. Refused with one line: cut short, altered, of another installation, for
// another board than `board`, or over by `utc_s` (a clock that is behind is for the server to
// catch).
Result<Bundle> open_stick(const fs::path& file, const StickAnchor& anchor, const std::string& board,
                          std::int64_t utc_s);

// Keeps it over power cuts until it is spent; a newer one takes its place.
Status keep_stick(const StatePaths& paths, const Bundle& bundle);
// `not_found`: nothing waits.
Result<Bundle> kept_stick(const StatePaths& paths);
Status forget_stick(const StatePaths& paths);

// Spends what is kept, and forgets it when the answer is yes or no; `unavailable` keeps it.
Result<std::string> spend_kept_stick(const StatePaths& paths, const HttpsPoster& post = https_post);

}  // namespace vitrine::op
