// A document of more than kMaxInlinePayload bytes: what is signed is {"url","sha256","size"}, and
// the document itself, its body, is fetched like a creative. `url` is relative: a path below each
// origin of the settings. Of one document there is one form: a smaller one cannot be a reference.
#pragma once

#include <optional>
#include <string>

#include "base/result.hpp"
#include "protocol/envelope.hpp"

namespace vitrine {

// Settings cannot: they say where bodies are fetched. Whom to trust, what is done at once and
// commands stay in one piece as well.
bool may_be_referenced(DocumentKind kind);

// The reference in a verified document's payload; nullopt: the payload is the document itself. An
// error: it is a reference that breaks a rule, or its kind may not be one.
Result<std::optional<DocumentReference>> reference_in(const SignedDocument& document);
// Canonical, as it is signed.
std::string write_reference(const DocumentReference& reference);

// From here on `document.payload` is the document itself: a reference gives way to `body`, when
// that has its size and SHA-256. A document without a reference has no body: `body` is empty.
Status put_body(SignedDocument& document, std::string body);

}  // namespace vitrine
