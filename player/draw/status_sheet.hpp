// The words of the status picture: what is said of the facts, in English with the Chinese of what
// matters most, and what to do about it in one sentence. Pure.
#pragma once

#include <string>
#include <vector>

#include "player/status_facts.hpp"

namespace vitrine {

enum class StatusLevel { good, attention, bad, unknown };

struct StatusRow {
  std::string label;  // "Link 网络"
  std::string value;
  StatusLevel level = StatusLevel::unknown;
  bool long_text = false;  // may need a second line
  bool operator==(const StatusRow&) const = default;
};

struct StatusSheet {
  std::string name;      // of the screen, or of the board that is none yet
  std::string headline;  // the state in a few words
  std::string headline_zh;
  StatusLevel level = StatusLevel::unknown;
  std::vector<StatusRow> rows;  // always the same ones, in the same order
  std::string advice;           // what to do, one sentence
  std::string advice_zh;
  std::string code;  // what the QR code says
  bool operator==(const StatusSheet&) const = default;
};

StatusSheet status_sheet(const StatusFacts& facts);

}  // namespace vitrine
