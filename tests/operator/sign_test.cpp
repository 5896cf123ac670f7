#include "operator/sign.hpp"

#include <doctest/doctest.h>

#include "manual_clock.hpp"
#include "platform/crypto.hpp"
#include "protocol/documents.hpp"
#include "temp_directory.hpp"

using namespace vitrine;
using namespace vitrine::op;

TEST_CASE("a takeover signed by one person and countersigned by another is ready to push") {
  testing::TempDirectory directory;
  const testing::ManualClock clock;
  Trust trust;
  for (const std::string name : {"takeover-1", "takeover-2"}) {
    const auto key = PrivateKey::generate();
    REQUIRE(write_private_key(directory / (name + ".key"), key).ok());
    trust.keys.push_back(
        {name, key.public_key().raw, "takeover", {DocumentKind::takeover}, {"*"}, 0, 0, 0});
  }
  REQUIRE(write_atomic(directory / "alarm.json", std::string_view(R"({"withdraw":true})")).ok());
  PushOptions first;
  first.file = directory / "alarm.json";
  first.kind = "takeover";
  first.to = "group/lifts";
  first.version = 3;
  first.key_file = directory / "takeover-1.key";
  first.key_id = "takeover-1";
  const std::string once = directory / "once.jws", twice = directory / "twice.jws";
  REQUIRE(sign(first, false, once, clock) == kDone);
  PushOptions second;
  second.file = once;
  second.key_file = directory / "takeover-2.key";
  second.key_id = "takeover-2";
  REQUIRE(sign(second, true, twice, clock) == kDone);
  const auto ready = signed_before({}, *read_text(twice));
  REQUIRE(ready.ok());
  const auto document = verify_document(ready->jws, DocumentKind::takeover, trust, kNoClock);
  REQUIRE_MESSAGE(document.ok(), (document ? "" : document.error().message));
  CHECK(document->header.version == 3);
  CHECK(document->countersigned_by == "takeover-2");
  second.key_id = "takeover-1";
  CHECK(sign(second, true, twice, clock) == kRefused);
  second.file = directory / "alarm.json";
  CHECK(sign(second, true, twice, clock) == kRefused);
}
