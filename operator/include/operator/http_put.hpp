// The only caller of libcurl in this room.
#pragma once

#include <string>

#include "operator/content.hpp"

namespace vitrine::op {

// PUTs the file unless the server already has that many bytes at a path that holds their hash. The
// server's own refusal is in the error.
Status http_put(const std::string& url, const LocalContent& content, const std::string& ca_file);

}  // namespace vitrine::op
