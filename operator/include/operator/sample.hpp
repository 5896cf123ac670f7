// `vitrine sample`: asks some screens for a picture of what they show, for the monitoring report.
// The screen puts its hash into the signed row of the play, vitrine-ingest archives the picture,
// and `vitrine report` holds the two together. Put it into a timer: each call draws other screens.
#pragma once

#include "operator/command.hpp"
#include "platform/file.hpp"
#include "protocol/registry.hpp"

namespace vitrine::op {

struct SampleOptions : BrokerOptions {
  fs::path config;  // backend.toml: registry
  int screens = 20;
  std::string key_file;
  std::string key_id;
  int wait_s = 10;  // for each screen's answer
};

// The screens of the registry in the order of SHA-256(`moment` | name): nobody can tell beforehand
// when a screen's turn comes. Revoked ones are left out.
std::vector<ScreenId> drawn_screens(const Registry& registry, std::int64_t moment_us);

// One screen after the other, until so many pictures came or twice as many screens were asked.
// 0 all came; 1 nothing could be asked; 2 fewer came.
int sample(const SampleOptions& options, const Clock& clock);

}  // namespace vitrine::op
