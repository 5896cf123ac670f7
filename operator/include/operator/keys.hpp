// `vitrine keys`: everything an installation needs to begin with, until enrolment exists: signing
// keys, trust document, registry, and a screen's identity.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "platform/clock.hpp"
#include "platform/file.hpp"

namespace vitrine::op {

struct KeysOptions {
  fs::path out;
  std::string screen;
  std::uint32_t area = 0;
  std::string zone;
  std::vector<std::string> groups;
  std::string mqtt_host;
  int mqtt_port = 8883;
};

// Run again with another screen it keeps the keys and adds the screen; a screen that is there
// already is refused.
Status make_keys(const KeysOptions& options, const Clock& clock);

}  // namespace vitrine::op
