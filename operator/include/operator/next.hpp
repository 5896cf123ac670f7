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

// Documents alone, on the day of a moment: the screen begins at the midnight before it, with every
// quota met until then. The documents must say their zone: local times mean nothing without.
struct ScreenDay {
  std::unique_ptr<ScreenDocuments> documents;  // the screen borrows them
  ZoneTable zone;
  std::int64_t at_utc_ms = 0;
  SimulatedScreen screen;
};
Result<ScreenDay> screen_on_day(const DocumentOptions& options, const std::string& at);

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
