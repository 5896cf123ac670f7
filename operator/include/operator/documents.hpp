// Any kind of document by its name.
#pragma once

#include <string>
#include <string_view>

#include "base/result.hpp"
#include "protocol/document.hpp"

namespace vitrine::op {

// Reads by schema and rules and writes canonically: the bytes that are signed.
Result<std::string> canonical(DocumentKind kind, std::string_view json);

}  // namespace vitrine::op
