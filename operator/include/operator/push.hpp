// `vitrine push`: fill in, check, put the creatives where screens fetch them, sign, publish, and
// follow.
#pragma once

#include <cstdint>
#include <set>
#include <string>

#include "operator/broker_options.hpp"
#include "operator/content.hpp"
#include "platform/clock.hpp"

namespace vitrine::op {

struct PushOptions : BrokerOptions {
  std::string file;  // JSON, or a document that is signed already
  std::string kind = "schedule";
  std::string to;  // "group/demo"
  std::uint64_t version = 0;
  std::string key_file;
  std::string key_id;
  std::string countersign_key;  // of the second signature; empty = none
  std::string countersign_id;
  std::string registry;  // registry.json: which screens to wait for; empty = those that report
  std::string command = "push";  // what the person typed, for messages
  std::string subject;           // what messages call it; empty = kind, version and audience
  std::string files;             // directory of the creatives; empty = the document is complete
  std::string origin;            // directory or URL
  std::string origin_ca;         // PEM, for an https origin
  int wait_s = 0;                // 0 = only the reply is waited for
  int valid_days = 30;           // 0 = does not expire
};

// Exit codes of the command.
inline constexpr int kDone = 0;
inline constexpr int kRefused = 1;  // by ourselves, by the server or by a screen; one line says why
inline constexpr int kNotConfirmed = 2;  // accepted, but --wait ran out

// What would be signed: read, filled, checked and written canonically.
struct PreparedPush {
  std::string payload;
  std::string body;  // too large for a message: goes to the origin, and `payload` names it
  std::vector<LocalContent> content;
  std::set<std::string> hashes;  // of every content the document names, in hex
};
Result<PreparedPush> prepare_push(const PushOptions& options, const Progress& progress = {});

int push(const PushOptions& options, const Clock& clock);

}  // namespace vitrine::op
