// `vitrine next`: the slots to come, one line each.
#pragma once

#include <string>
#include <vector>

#include "operator/screen_documents.hpp"
#include "operator/screen_state.hpp"
#include "scheduler/simulate.hpp"

namespace vitrine::op {

// A screen that goes on from the end of its log, with the documents and files on record there.
// `documents` become those and live with the state. The error: why it cannot.
Result<SimulatedScreen> screen_after(ScreenState& state, Documents& documents);

// A day of documents alone begins at the midnight before `utc_ms`, with every quota met until then.
SimulatedScreen screen_of_day(const Documents& documents, const ZoneTable& zone,
                              std::int64_t utc_ms);

// The zone of documents, which must say it: local times mean nothing without.
Result<ZoneTable> zone_for(const ScreenDocuments& documents, const std::string& at);

struct NextOptions : DocumentOptions {
  fs::path state;  // or a screen's state directory
  std::string at;  // from this moment on; may be left out with a state: from the log's end on
  int count = 20;
};

struct NextSlot {
  SimulatedSlot slot;
  std::int64_t length_ms = 0;  // of a time in which nothing is shown: all of it
};

Result<std::string> next_slots(const NextOptions& options, bool json);

}  // namespace vitrine::op
