// A document that no message carries: its text goes to the origin, and what is signed names it.
#pragma once

#include <string>

#include "base/result.hpp"
#include "operator/origin.hpp"
#include "protocol/document.hpp"

namespace vitrine::op {

// Puts `text` at documents/<sha256> below the origin, where screens fetch it.
Result<DocumentReference> put_reference(const OriginOptions& origin, const std::string& text);

}  // namespace vitrine::op
