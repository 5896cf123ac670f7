// `vitrine gaps`: which rows the store lacks, and with --resend a signed command to each screen
// that has them still (30 days after their ack, 64 MB). After a restore from a backup this is what
// brings back what was acknowledged since.
#pragma once

#include "operator/command.hpp"

namespace vitrine::op {

struct GapsOptions : BrokerOptions {
  fs::path config;     // backend.toml: ingest.store
  std::string screen;  // empty: all
  bool resend = false;
  std::string key_file;
  std::string key_id;
  int wait_s = 30;  // for each screen's answer
};

// One line a gap. 0 none, or all were asked for and every screen has begun to send; 1 there are
// some; 2 a screen did not answer: ask again when it is connected.
int gaps(const GapsOptions& options, const Clock& clock);

}  // namespace vitrine::op
