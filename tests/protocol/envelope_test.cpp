#include "protocol/envelope.hpp"

#include <doctest/doctest.h>

using namespace vitrine;

namespace {

constexpr std::int64_t kNow = 1'790'000'000;

struct Office {
  PrivateKey key = PrivateKey::generate();
  DocumentHeader header{DocumentKind::schedule,
                        {Audience::Kind::group, "demo"},
                        "operator-1",
                        41,
                        kNow - 10,
                        kNow + 1000};
  Trust trust;

  Office() {
    TrustedKey trusted;
    trusted.key_id = "operator-1";
    trusted.public_key = key.public_key().raw;
    trusted.role = "operator";
    trusted.kinds = {DocumentKind::schedule, DocumentKind::settings};
    trusted.audiences = {"group/demo"};
    trusted.valid_from = kNow - 100;
    trusted.valid_until = kNow + 5000;
    trust.keys.push_back(trusted);
  }
  std::string sign(std::string_view payload = "{}") const {
    return sign_document(header, payload, key);
  }
  Result<SignedDocument> verify(std::int64_t now = kNow) const {
    return verify_document(sign(), DocumentKind::schedule, trust, now);
  }
};

std::string refusal(const Result<SignedDocument>& document) {
  return document.ok() ? "accepted" : document.error().message;
}

// An envelope whose header is this text, signed properly.
std::string with_header(const Office& office, const std::string& header,
                        const std::string& payload = "{}") {
  const auto text = to_base64url(as_bytes(header)) + "." + to_base64url(as_bytes(payload));
  return text + "." + to_base64url(office.key.sign(as_bytes(text)));
}

std::string refused_header(const std::string& header) {
  const Office office;
  return refusal(
      verify_document(with_header(office, header), DocumentKind::schedule, office.trust, kNow));
}

}  // namespace

TEST_CASE("a signed document comes back with its header and payload") {
  const Office office;
  const auto document = office.verify();
  REQUIRE_MESSAGE(document.ok(), refusal(document));
  CHECK(document->payload == "{}");
  CHECK(document->jws == office.sign());
  CHECK(document->header.kind == DocumentKind::schedule);
  CHECK(document->header.version == 41);
  CHECK(document->header.audience.text() == "group/demo");
  CHECK(document->header.key_id == "operator-1");
  CHECK(document->header.issued_at == kNow - 10);
  CHECK(document->header.expires_at == kNow + 1000);
}

TEST_CASE("one changed character anywhere is refused") {
  const Office office;
  const auto good = office.sign(R"({"label":"x"})");
  for (std::size_t i = 0; i < good.size(); ++i) {
    auto bad = good;
    bad[i] = bad[i] == 'A' ? 'B' : 'A';
    CAPTURE(i);
    CHECK_FALSE(verify_document(bad, DocumentKind::schedule, office.trust, kNow).ok());
  }
}

TEST_CASE("a signature by another key is refused and named") {
  Office office;
  office.key = PrivateKey::generate();
  CHECK(refusal(office.verify()) ==
        "schedule 41 for group/demo signed by operator-1: wrong signature");
}

TEST_CASE("a header is complete, known and EdDSA, or refused") {
  const std::string good =
      R"({"alg":"EdDSA","aud":"group/demo","exp":0,"iat":0,"kid":"operator-1","typ":"schedule","ver":1})";
  CHECK(refused_header(good) == "accepted");
  for (const std::string name : {"alg", "aud", "exp", "iat", "kid", "typ", "ver"}) {
    auto header = good;
    header.replace(header.find("\"" + name + "\""), name.size() + 2, "\"" + name + "x\"");
    CHECK(refused_header(header) == "envelope: header: " + name + " is missing");
  }
  const auto with = [&](const std::string& from, const std::string& to) {
    auto header = good;
    return refused_header(header.replace(header.find(from), from.size(), to));
  };
  CHECK(with("EdDSA", "none").find("only the algorithm EdDSA") != std::string::npos);
  CHECK(with("EdDSA", "HS256").find("only the algorithm EdDSA") != std::string::npos);
  CHECK(with("\"exp\":0", "\"exp\":-1").find("exp must be") != std::string::npos);
  CHECK(with("\"ver\":1", "\"ver\":0").find("ver must be") != std::string::npos);
  CHECK(with("\"ver\":1", "\"ver\":\"1\"").find("ver must be") != std::string::npos);
  CHECK(with("\"ver\":1", "\"ver\":1,\"crit\":[]").find("unknown member \"crit\"") !=
        std::string::npos);
  CHECK(with("\"ver\":1", "\"ver\":1,\"ver\":2").find("twice") != std::string::npos);
  CHECK(with("group/demo", "demo").find("aud") != std::string::npos);
  CHECK(with("\"schedule\"", "\"playlist\"").find("typ") != std::string::npos);
  CHECK(with("operator-1", "Operator 1").find("kid") != std::string::npos);
  CHECK(refused_header("[]").find("object") != std::string::npos);
  CHECK(refused_header("{").find("not JSON") != std::string::npos);
}

TEST_CASE("what is no compact serialisation is refused") {
  const auto good = Office().sign();
  for (const std::string& bad :
       {std::string(), std::string("."), std::string(".."), std::string("a.b"), good + ".",
        good + "=", "!" + good, good.substr(0, good.rfind('.') + 1)}) {
    CAPTURE(bad);
    CHECK_FALSE(parse_envelope(bad).ok());
  }
}

TEST_CASE("a payload of 64 KiB passes and one byte more does not") {
  const Office office;
  CHECK(parse_envelope(office.sign(std::string(kMaxInlinePayload, 'x'))).ok());
  for (const std::size_t more : {1u, 2u, 3u, 4u, 1000u}) {
    CHECK(refusal(parse_envelope(office.sign(std::string(kMaxInlinePayload + more, 'x'))))
              .find("payload") != std::string::npos);
  }
}

TEST_CASE("text above the packet limit is refused before it is looked at") {
  const auto refused = parse_envelope(std::string(kMaxPacket + 1, '.'));
  REQUIRE_FALSE(refused.ok());
  CHECK(refused.error().code == ErrorCode::exhausted);
}

TEST_CASE("another kind than the expected one is refused") {
  const Office office;
  CHECK(refusal(verify_document(office.sign(), DocumentKind::settings, office.trust, kNow))
            .find("a settings was") != std::string::npos);
  CHECK_FALSE(verify_with_key(office.sign(), DocumentKind::trust, office.key.public_key()).ok());
}

TEST_CASE("a key signs only its kinds and audiences") {
  Office office;
  office.header.audience.name = "lifts";
  CHECK(refusal(office.verify()).find("may not sign for this audience") != std::string::npos);
  office.trust.keys[0].audiences = {"*"};
  CHECK(office.verify().ok());
  office.trust.keys[0].kinds = {DocumentKind::settings};
  CHECK(refusal(office.verify()).find("may not sign this kind") != std::string::npos);
}

TEST_CASE("a screen and a group of the same name are two audiences") {
  Office office;
  office.header.audience.kind = Audience::Kind::screen;
  CHECK(refusal(office.verify()).find("may not sign for this audience") != std::string::npos);
}

TEST_CASE("an unknown or revoked key signs nothing") {
  Office office;
  office.trust.revoked = {"operator-1"};
  CHECK(refusal(office.verify()).find("revoked") != std::string::npos);
  office.trust = {};
  CHECK(refusal(office.verify()).find("does not know this key") != std::string::npos);
}

TEST_CASE("a key holds from its first second to before its last") {
  Office office;
  office.header.expires_at = 0;
  CHECK_FALSE(office.verify(kNow - 101).ok());
  CHECK(office.verify(kNow - 100).ok());
  CHECK(office.verify(kNow + 4999).ok());
  CHECK(refusal(office.verify(kNow + 5000)).find("no longer valid") != std::string::npos);
  office.trust.keys[0].valid_until = 0;
  CHECK(office.verify(kNow + 5000).ok());
}

TEST_CASE("an expired document is stale") {
  const Office office;
  CHECK(office.verify(kNow + 999).ok());
  const auto late = office.verify(kNow + 1000);
  REQUIRE_FALSE(late.ok());
  CHECK(late.error().code == ErrorCode::stale);
}

TEST_CASE("without a clock neither the document nor the key can be too old") {
  Office office;
  office.header.expires_at = 1;
  office.trust.keys[0].valid_until = 1;
  CHECK(office.verify(kNoClock).ok());
}

TEST_CASE("only the root key signs a trust document, whatever the trust document says") {
  Office office;
  office.header.kind = DocumentKind::trust;
  office.trust.keys[0].kinds = {DocumentKind::trust};
  CHECK_FALSE(verify_document(office.sign(), DocumentKind::trust, office.trust, kNow).ok());
  CHECK(verify_with_key(office.sign(), DocumentKind::trust, office.key.public_key()).ok());
}

TEST_CASE("the envelope of a known key and document never changes its bytes") {
  // RFC 8032 §7.1, test 1: the key; the rest is fixed by the canonical header.
  std::array<std::uint8_t, 32> seed;
  const auto bytes = from_hex("9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60");
  std::copy(bytes->begin(), bytes->end(), seed.begin());
  const auto key = PrivateKey::from_seed(seed);
  const DocumentHeader header{
      DocumentKind::settings, {Audience::Kind::screen, "lobby-1"}, "operator-1", 1, 2, 3};
  const auto jws = sign_document(header, "{}", key);
  CHECK(jws.substr(0, jws.rfind('.')) ==
        to_base64url(
            as_bytes(R"({"alg":"EdDSA","aud":"screen/lobby-1","exp":3,"iat":2,"kid":"operator-1",)"
                     R"("typ":"settings","ver":1})")) +
            ".e30");
  CHECK(sign_document(header, "{}", key) == jws);
}

namespace {

// A takeover office with two people.
struct TwoPeople : Office {
  PrivateKey second = PrivateKey::generate();

  TwoPeople() {
    header.kind = DocumentKind::takeover;
    trust.keys[0].kinds = {DocumentKind::takeover};
    TrustedKey other = trust.keys[0];
    other.key_id = "operator-2";
    other.public_key = second.public_key().raw;
    trust.keys.push_back(other);
  }
  std::string twice(const std::string& key_id = "operator-2") const {
    const auto jws = countersign_document(sign(), key_id, second);
    return jws.ok() ? *jws : jws.error().message;
  }
  std::string told(const std::string& jws) const {
    return refusal(verify_document(jws, DocumentKind::takeover, trust, kNow));
  }
};

}  // namespace

TEST_CASE("a takeover holds with two signatures and not with one") {
  const TwoPeople office;
  CHECK(office.told(office.sign()).find("needs a second signature") != std::string::npos);
  const auto document = verify_document(office.twice(), DocumentKind::takeover, office.trust, kNow);
  REQUIRE_MESSAGE(document.ok(), refusal(document));
  CHECK(document->payload == "{}");
  CHECK(document->jws == office.twice());
  CHECK(document->header.key_id == "operator-1");
  CHECK(document->countersigned_by == "operator-2");
}

TEST_CASE("one changed character anywhere in a countersigned document is refused") {
  const TwoPeople office;
  const auto good = office.twice();
  for (std::size_t i = 0; i < good.size(); ++i) {
    auto bad = good;
    bad[i] = bad[i] == 'A' ? 'B' : 'A';
    CAPTURE(i);
    CHECK_FALSE(verify_document(bad, DocumentKind::takeover, office.trust, kNow).ok());
  }
}

TEST_CASE("the second signature is another person's, of the same document, and in force") {
  TwoPeople office;
  CHECK_FALSE(countersign_document(office.sign(), "operator-1", office.key).ok());
  CHECK_FALSE(countersign_document(office.twice(), "operator-3", office.second).ok());
  SUBCASE("two names of one key") {
    office.trust.keys[1].public_key = office.key.public_key().raw;
    office.second = office.key;
    CHECK(office.told(office.twice()).find("of one key") != std::string::npos);
  }
  SUBCASE("another header around it") {
    DocumentHeader other = office.header;
    other.key_id = "operator-2";
    other.version = 42;
    const auto jws = sign_document(other, office.sign(), office.second);
    CHECK(office.told(jws).find("the first signature is of takeover 41") != std::string::npos);
  }
  SUBCASE("wrapped a third time") {
    DocumentHeader other = office.header;
    other.key_id = "operator-3";
    CHECK(
        office.told(sign_document(other, office.twice(), office.second)).find("more than twice") !=
        std::string::npos);
  }
  SUBCASE("the second key revoked") {
    office.trust.revoked = {"operator-2"};
    CHECK(office.told(office.twice()).find("signed by operator-2: the key is revoked") !=
          std::string::npos);
  }
  SUBCASE("the first key revoked") {
    office.trust.revoked = {"operator-1"};
    CHECK(office.told(office.twice()).find("signed by operator-1: the key is revoked") !=
          std::string::npos);
  }
  SUBCASE("the second key may not sign this kind") {
    office.trust.keys[1].kinds = {DocumentKind::schedule};
    CHECK(office.told(office.twice()).find("operator-2: the key may not sign this kind") !=
          std::string::npos);
  }
  SUBCASE("the second key may not sign for this audience") {
    office.trust.keys[1].audiences = {"group/lifts"};
    CHECK(office.told(office.twice()).find("may not sign for this audience") != std::string::npos);
  }
  SUBCASE("the second key's time is over") {
    office.trust.keys[1].valid_until = kNow;
    CHECK(office.told(office.twice()).find("no longer valid") != std::string::npos);
  }
}

TEST_CASE("what would not fit a message with two signatures is not countersigned") {
  const Office office;
  const PrivateKey second = PrivateKey::generate();
  CHECK(countersign_document(office.sign(std::string(47 * 1024, ' ')), "operator-2", second).ok());
  const auto refused =
      countersign_document(office.sign(std::string(49 * 1024, ' ')), "operator-2", second);
  REQUIRE_FALSE(refused.ok());
  CHECK(refused.error().code == ErrorCode::exhausted);
}

TEST_CASE("a trust document has the root's signature and no other around it") {
  Office office;
  office.header.kind = DocumentKind::trust;
  const auto jws = countersign_document(office.sign(), "root-2", office.key);
  REQUIRE(jws.ok());
  CHECK_FALSE(verify_with_key(*jws, DocumentKind::trust, office.key.public_key()).ok());
}
