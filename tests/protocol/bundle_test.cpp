#include "protocol/bundle.hpp"

#include <doctest/doctest.h>

using namespace vitrine;

namespace {

Bundle sample() {
  return {"https://enrol.example:8443",
          "Jw3fM0b5n9Qq1T2kXo8V5A",
          "PEM",
          "PEM too",
          Bytes(32, 7),
          "lobby-1",
          7,
          "Europe/Berlin",
          {"lifts", "halls"},
          "10000000abcd",
          1'790'000'000};
}

}  // namespace

TEST_CASE("a bundle comes back as it was written") {
  const auto text = write_bundle(bundle_payload(sample()), Bytes{1, 2, 3});
  const auto read = read_bundle(text);
  REQUIRE_MESSAGE(read.ok(), (read ? "" : read.error().message));
  CHECK(bundle_payload(read->bundle) == bundle_payload(sample()));
  CHECK(read->signature == Bytes{1, 2, 3});
  CHECK(read->signed_text == bundle_signed_text(bundle_payload(sample())));
  CHECK(read->bundle.groups == std::vector<std::string>{"lifts", "halls"});
}

TEST_CASE("a bundle cut short anywhere is said to be cut short") {
  std::string text = write_bundle(bundle_payload(sample()), Bytes(70, 3));
  text.pop_back();  // the line's end is nobody's loss
  for (std::size_t length = 0; length < text.size(); ++length) {
    const auto read = read_bundle(text.substr(0, length));
    REQUIRE_FALSE(read.ok());
    CHECK_MESSAGE(read.error().message == "the bundle is cut short: copy it again", length);
  }
}

TEST_CASE("what is no bundle is refused by name, in one line") {
  const auto why = [](const std::string& text) { return read_bundle(text).error().message; };
  CHECK(why("PK\3\4") == "the bundle is none: it does not begin with vitrine-bundle-1.");
  CHECK(why("vitrine-bundle-1.e30.AA.") == "the bundle: 'server' is missing");
  CHECK(why("vitrine-bundle-1.!!!.AA.") == "the bundle is damaged: it holds what is no base64url");
  CHECK(why(std::string(100'000, 'x')) == "the bundle is none: more than 65536 bytes");
  Bundle nowhere = sample();
  nowhere.area = 0;
  CHECK(why(write_bundle(bundle_payload(nowhere), {})).find("'area'") != std::string::npos);
}

TEST_CASE("a code is told from another however it was read aloud and typed") {
  Hash256 hash{};
  for (std::size_t i = 0; i < hash.size(); ++i) hash[i] = static_cast<std::uint8_t>(i * 37 + 11);
  const std::string code = spoken_code(hash);
  CHECK(code == "1CR5-AYMZ-RKMG-WCTR");
  CHECK(is_spoken_code(code, hash));
  CHECK(is_spoken_code("lcr5 aymzrkmg wctr", hash));
  CHECK_FALSE(is_spoken_code("", hash));
  CHECK_FALSE(is_spoken_code(code.substr(0, 18), hash));
  hash[9] ^= 1;
  CHECK_FALSE(is_spoken_code(code, hash));
  hash[9] ^= 1;
  hash[10] ^= 1;  // beyond the 80 bits
  CHECK(is_spoken_code(code, hash));
}
