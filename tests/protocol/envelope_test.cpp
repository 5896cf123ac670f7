#include "protocol/envelope.hpp"

#include <doctest/doctest.h>

using namespace vitrine;

TEST_CASE("a signed document comes back with its header and payload") {
  const auto key = PrivateKey::generate();
  DocumentHeader header{
      DocumentKind::schedule, {Audience::Kind::group, "demo"}, "operator-1", 41, 1000, 2000};
  const auto document =
      verify_with_key(sign_document(header, "{}", key), DocumentKind::schedule, key.public_key());
  REQUIRE(document);
  CHECK(document->payload == "{}");
  CHECK(document->header.version == 41);
  CHECK(document->header.audience.text() == "group/demo");
}
