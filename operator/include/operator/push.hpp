// `vitrine push`: fill in, check, put the creatives where screens fetch them, sign, publish, and
// follow.
#pragma once

#include <cstdint>
#include <set>
#include <string>

#include "operator/content.hpp"
#include "platform/clock.hpp"

namespace vitrine::op {

struct PushOptions {
  std::string file;
  std::string kind = "schedule";
  std::string to;  // "group/demo"
  std::uint64_t version = 0;
  std::string key_file;
  std::string key_id;
  std::string operator_name;
  std::string broker;  // HOST:PORT
  std::string ca_file, certificate_file, tls_key_file;
  std::string files;      // directory of the creatives; empty = the document is complete
  std::string origin;     // directory or URL
  std::string origin_ca;  // PEM, for an https origin
  int wait_s = 0;         // 0 = only the reply is waited for
  int valid_days = 30;    // 0 = does not expire
};

// Exit codes of the command.
inline constexpr int kDone = 0;
inline constexpr int kRefused = 1;  // by ourselves, by the server or by a screen; one line says why
inline constexpr int kNotConfirmed = 2;  // accepted, but --wait ran out

// What would be signed: read, filled, checked and written canonically.
struct PreparedPush {
  std::string payload;
  bool by_reference = false;  // too large for a message: the payload goes to the origin
  std::vector<LocalContent> content;
  std::set<std::string> hashes;  // of every content the document names, in hex
};
Result<PreparedPush> prepare_push(const PushOptions& options, const Progress& progress = {});

int push(const PushOptions& options, const Clock& clock);

}  // namespace vitrine::op
