// A document that no message carries: its text goes to the origin, and what is signed names it.
#pragma once

#include <string>

#include "base/result.hpp"
#include "operator/origin.hpp"
#include "protocol/document.hpp"

namespace vitrine::op {

// Names `text` by its hash, at documents/<sha256> below an origin.
DocumentReference reference_to(const std::string& text);
// Puts it there, where screens fetch it.
Status put_reference(const OriginOptions& origin, const std::string& text);

}  // namespace vitrine::op
