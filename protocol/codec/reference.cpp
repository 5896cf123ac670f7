#include "protocol/reference.hpp"

#include "codec/fields.hpp"
#include "codec/rules.hpp"
#include "codec/schema.hpp"

namespace vitrine {
namespace codec {

template <class V>
void fields(V& v, As<V, DocumentReference>& reference) {
  v("url", reference.url);
  v("sha256", reference.sha256);
  v("size", reference.size);
}

}  // namespace codec

namespace {

// The largest reference is less than 700 bytes, so that a document of ordinary size is not parsed
// here.
constexpr std::size_t kMostReference = 1024;

std::string title(const DocumentHeader& header) {
  return std::string(name_of(header.kind)) + " " + std::to_string(header.version) + " for " +
         header.audience.text();
}

}  // namespace

bool may_be_referenced(DocumentKind kind) {
  return kind == DocumentKind::schedule || kind == DocumentKind::numbers ||
         kind == DocumentKind::profile;
}

Result<std::optional<DocumentReference>> reference_in(const SignedDocument& document) {
  const std::optional<DocumentReference> none;
  if (document.payload.size() > kMostReference) return none;
  auto json = parse_json(document.payload);
  // No document has a member of this name; one that is no JSON is its own reader's business.
  if (!json || json->find("url") == nullptr) return none;
  const std::string named = title(document.header);
  if (!may_be_referenced(document.header.kind)) {
    return fail(ErrorCode::invalid, named + ": this kind of document must be inside its message");
  }
  auto checked = parse_by_schema("reference", document.payload, kMostReference);
  if (!checked) return std::move(checked).error().context(named);
  auto reference = codec::Reader::document<DocumentReference>(*checked);
  if (!reference) return std::move(reference).error().context(named);
  codec::Rules rules;
  rules.require(codec::stays_below(reference->url), "/url",
                "a relative path of letters, digits, '.', '_' and '-', no part of it starting with "
                "'.'",
                codec::in_quotes(reference->url));
  if (auto holds = rules.status("reference"); !holds)
    return std::move(holds).error().context(named);
  return std::optional<DocumentReference>(*std::move(reference));
}

std::string write_reference(const DocumentReference& reference) {
  return codec::Writer::text(reference);
}

Status put_body(SignedDocument& document, std::string body) {
  auto reference = reference_in(document);
  if (!reference) return std::move(reference).error();
  if (!*reference) {
    if (body.empty()) return ok();
    return fail(ErrorCode::invalid, title(document.header) + ": it has a body, but names none");
  }
  if (body.size() != (*reference)->size) {
    return fail(ErrorCode::corrupt,
                title(document.header) + ": a body of " + std::to_string((*reference)->size) +
                    " bytes was signed, this one has " + std::to_string(body.size()));
  }
  if (sha256(as_bytes(body)) != (*reference)->sha256) {
    return fail(ErrorCode::corrupt,
                title(document.header) + ": the sha256 of its body is not the one signed");
  }
  document.payload = std::move(body);
  return ok();
}

}  // namespace vitrine
