// What an error may show of a text that came from outside: one line, no control characters, a known
// length. A reader's log is no place for somebody else's megabyte.
#pragma once

#include <string>
#include <string_view>

#include "protocol/json.hpp"

namespace vitrine::codec {

// As a JSON string, at most about 60 bytes of it: "Tea \u000a with...". Bytes that are no UTF-8
// are replaced.
std::string in_quotes(std::string_view text);

// A value in an error: itself when it is small, "a list of 3" or "an object of 2 members".
std::string shown(const Json& value);

// One step of a JSON pointer (RFC 6901), "/" included.
std::string pointer_step(std::string_view name);
std::string pointer_step(std::size_t index);

}  // namespace vitrine::codec
