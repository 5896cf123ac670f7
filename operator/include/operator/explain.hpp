// `vitrine explain`: why a slot went to whom it went, and why not to the others.
#pragma once

#include <string>

#include "operator/screen_documents.hpp"
#include "operator/slot_words.hpp"

namespace vitrine::op {

// Either a state directory with a moment or a play, or documents with a moment.
struct ExplainOptions : DocumentOptions {
  fs::path state;    // a screen's state directory
  std::string at;    // as parse_moment() reads it
  std::string play;  // "SEQ", or "LOGID:SEQ" with the log's 16 hex digits
};

struct Explanation {
  SlotView slot;
  std::string source;    // where this comes from: the log, or a simulation
  std::string recorded;  // what the log has of it; empty when simulated
};

std::string explanation_text(const Explanation& explanation);
std::string explanation_json(const Explanation& explanation);

// A moment of the past is looked up in the log and decided again as it was; one after the log's end
// is simulated on from there, and one of documents alone from the midnight before it.
Result<std::string> explain(const ExplainOptions& options, bool json);

}  // namespace vitrine::op
