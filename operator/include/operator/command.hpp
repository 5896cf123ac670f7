// `vitrine command`: one verb for one screen. Reads the screen's birth, signs a command that
// answers it, has it passed on by vitrine-desired, and waits for what the screen says.
#pragma once

#include "operator/push.hpp"
#include "protocol/settings.hpp"

namespace vitrine::op {

struct CommandOptions : BrokerOptions {
  std::string verb;
  std::string screen;
  std::string key_file;
  std::string key_id;
  std::string stream = "play";  // resend: what to send again
  std::string log_id;           // 16 hex digits
  std::uint64_t first = 0;
  std::uint64_t last = 0;
  std::string out;           // screenshot: where the JPEG goes; empty: <screen>.jpg
  bool keep_picture = true;  // screenshot: false writes no file
  int wait_s = 30;           // for the screen's answer
};

// 0 done (the answer is printed), 1 refused or not done, 2 no answer in time.
int command(const CommandOptions& options, const Clock& clock);

// `vitrine rollout show|resume|abort`: a signed order about the rollout of a version.
struct RolloutOptions : BrokerOptions {
  std::string verb = "show";
  std::string kind = "schedule";
  std::string to;  // "group/lifts"
  std::uint64_t version = 0;
  std::string key_file;
  std::string key_id;
};
int rollout(const RolloutOptions& options, const Clock& clock);

}  // namespace vitrine::op
