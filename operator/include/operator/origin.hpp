// Where creatives are put for screens to fetch: a directory that a web server serves, or a server
// that takes HTTP PUT.
#pragma once

#include <string>

#include "operator/content.hpp"

namespace vitrine::op {

struct OriginOptions {
  std::string origin;   // a directory, or http(s)://...
  std::string ca_file;  // PEM, for https; empty = the system's authorities
};

// Puts the file at origin/content.path. What lies there already with the same bytes is left alone.
// The bytes are hashed once more while they are copied, and appear under their name only when
// whole.
Status put_content(const OriginOptions& options, const LocalContent& content);

}  // namespace vitrine::op
