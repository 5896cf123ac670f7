#include "base/bytes.hpp"

#include <doctest/doctest.h>

using namespace vitrine;

TEST_CASE("hex and base64url come back as the bytes that went in, for every length") {
  Bytes bytes;
  for (int length = 0; length < 70; ++length) {
    CHECK(from_hex(to_hex(bytes)) == bytes);
    CHECK(from_base64url(to_base64url(bytes)) == bytes);
    bytes.push_back(static_cast<std::uint8_t>(length * 37 + 11));
  }
}

TEST_CASE("base64url matches RFC 4648 section 10, without padding") {
  CHECK(to_base64url(as_bytes("f")) == "Zg");
  CHECK(to_base64url(as_bytes("foob")) == "Zm9vYg");
  CHECK(to_base64url(as_bytes("foobar")) == "Zm9vYmFy");
}

TEST_CASE("text that is not exactly one encoding of bytes is refused") {
  CHECK_FALSE(from_hex("abc"));
  CHECK_FALSE(from_hex("zz"));
  CHECK_FALSE(hash_from_hex("00"));
  CHECK_FALSE(from_base64url("Zg=="));
  CHECK_FALSE(from_base64url("Zh"));  // same byte as Zg but for left-over bits
  CHECK_FALSE(from_base64url("A"));
}

TEST_CASE("little-endian values survive their trip, negative ones too") {
  Bytes bytes;
  append_le64(bytes, -2);
  append_le32(bytes, 0xfedcba98u);
  CHECK(bytes[0] == 0xfe);
  CHECK(read_le64(bytes.data()) == -2);
  CHECK(read_le32(bytes.data() + 8) == 0xfedcba98u);
}
