#include "protocol/reference.hpp"

#include <doctest/doctest.h>

#include "platform/crypto.hpp"

using namespace vitrine;

namespace {

SignedDocument holding(const std::string& payload, DocumentKind kind = DocumentKind::schedule) {
  const PrivateKey key = PrivateKey::generate();
  const DocumentHeader header{kind, {Audience::Kind::group, "demo"}, "operator-1", 41, 1, 0};
  auto document = parse_envelope(sign_document(header, payload, key));
  REQUIRE(document.ok());
  return *document;
}

const std::string kBody(kMaxInlinePayload + 1, 'b');
DocumentReference reference_of(const std::string& body) {
  return {"documents/a-1", sha256(as_bytes(body)), body.size()};
}

}  // namespace

TEST_CASE("a reference comes back as it was written, and gives way to the body it names") {
  SignedDocument document = holding(write_reference(reference_of(kBody)));
  const auto reference = reference_in(document);
  REQUIRE(reference.ok());
  REQUIRE(reference->has_value());
  CHECK((*reference)->url == "documents/a-1");
  CHECK((*reference)->size == kBody.size());
  CHECK((*reference)->sha256 == sha256(as_bytes(kBody)));
  REQUIRE(put_body(document, kBody).ok());
  CHECK(document.payload == kBody);
}

TEST_CASE("another body is refused: one byte changed, one less, none at all") {
  const auto refusal = [](const std::string& body) {
    SignedDocument document = holding(write_reference(reference_of(kBody)));
    const auto put = put_body(document, body);
    REQUIRE_FALSE(put.ok());
    CHECK(document.payload.size() < 1024);
    return put.error().message;
  };
  std::string changed = kBody;
  changed[7] = 'c';
  CHECK(refusal(changed) ==
        "schedule 41 for group/demo: the sha256 of its body is not the one signed");
  CHECK(refusal(kBody.substr(1)) ==
        "schedule 41 for group/demo: a body of 65537 bytes was signed, this one has 65536");
  CHECK(refusal("").find("this one has 0") != std::string::npos);
}

TEST_CASE("a document without a reference is its payload and has no body") {
  SignedDocument document = holding(R"({"content":[],"creatives":[]})");
  REQUIRE(reference_in(document).ok());
  CHECK_FALSE(reference_in(document)->has_value());
  CHECK(put_body(document, "").ok());
  CHECK_FALSE(put_body(document, "{}").ok());
}

TEST_CASE("a reference that breaks a rule is refused in one line") {
  const auto refusal = [](DocumentReference reference, DocumentKind kind = DocumentKind::schedule) {
    const auto read = reference_in(holding(write_reference(reference), kind));
    REQUIRE_FALSE(read.ok());
    CHECK(read.error().message.find('\n') == std::string::npos);
    return read.error().message;
  };
  DocumentReference reference = reference_of(kBody);
  reference.size = kMaxInlinePayload;  // that fits into a message
  CHECK(refusal(reference).find("/size") != std::string::npos);
  reference.size = kMaxReferencedBody + 1;
  CHECK(refusal(reference).find("/size") != std::string::npos);
  reference = reference_of(kBody);
  for (const std::string url : {"../etc/passwd", "/documents/a", "https://elsewhere/a", "a//b",
                                "a b", "documents/.a", "?a=b"}) {
    CAPTURE(url);
    reference.url = url;
    CHECK(refusal(reference).find("/url") != std::string::npos);
  }
  reference = reference_of(kBody);
  for (const DocumentKind kind : {DocumentKind::settings, DocumentKind::trust,
                                  DocumentKind::takeover, DocumentKind::command}) {
    CHECK(refusal(reference, kind).find("must be inside its message") != std::string::npos);
  }
  CHECK_FALSE(reference_in(holding(R"({"url":"a","sha256":"00","size":70000})")).ok());
  CHECK_FALSE(reference_in(holding(R"({"url":"a","campaigns":[]})")).ok());
}
