#include "protocol/qr_token.hpp"

#include <doctest/doctest.h>

#include "platform/crypto.hpp"

using namespace vitrine;

namespace {

Hash256 key_of(std::uint8_t first) {
  Hash256 key{};
  for (std::size_t i = 0; i < key.size(); ++i) key[i] = static_cast<std::uint8_t>(first + i);
  return key;
}

}  // namespace

TEST_CASE("HMAC agrees with RFC 4231 test case 2") {
  CHECK(to_hex(hmac_sha256(as_bytes("Jefe"), as_bytes("what do ya want for nothing?"))) ==
        "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
}

// The token was made by another program (Python's hmac) from the text of docs/contracts.md.
TEST_CASE("a QR token has the bytes that the contract states") {
  const QrToken token = qr_token_at("lobby-1", 0x01020304, 1'796'000'123);
  CHECK(token.epoch == 230);
  CHECK(token.bucket == 25'067);
  CHECK(token.shown_from_utc_s() == 1'796'000'100);
  CHECK(write_qr_token(token, key_of(1)) == "AeYA62EEAwIBpPYb9PzzfBYW9GxvYmJ5LTE");
}

TEST_CASE("a QR token says what it was made of, within five minutes the same") {
  const Hash256 key = key_of(7);
  const std::string text = write_qr_token(qr_token_at("lobby-1", 42, 1'796'000'101), key);
  const auto token = read_qr_token(text);
  REQUIRE(token.ok());
  CHECK(token->screen == "lobby-1");
  CHECK(token->creative == 42);
  CHECK(text == write_qr_token(qr_token_at("lobby-1", 42, 1'796'000'399), key));
  CHECK(text != write_qr_token(qr_token_at("lobby-1", 42, 1'796'000'400), key));
  CHECK(check_qr_token(text, key, 1'796'000'101).ok());
}

TEST_CASE("a QR token of another key, another screen, changed anywhere or too old is refused") {
  const Hash256 key = key_of(7);
  const std::int64_t now = 230 * kQrEpochSeconds + 5;
  const std::string text = write_qr_token(qr_token_at("lobby-1", 42, now), key);
  CHECK(check_qr_token(text, key_of(8), now).error().code == ErrorCode::denied);
  for (std::size_t i = 0; i < text.size(); ++i) {
    std::string other = text;
    other[i] = other[i] == 'A' ? 'B' : 'A';
    CAPTURE(i);
    CHECK_FALSE(check_qr_token(other, key, now).ok());
  }
  CHECK(check_qr_token(text, key, now + kQrEpochSeconds).ok());
  CHECK(check_qr_token(text, key, now + 2 * kQrEpochSeconds).error().code == ErrorCode::stale);
  CHECK(check_qr_token(text, key, now - kQrEpochSeconds).error().code == ErrorCode::stale);
  for (const std::string& none : {std::string(), std::string("AQ"), text.substr(0, 26),
                                  std::string(200, 'A'), "=" + text, text + "/"}) {
    CAPTURE(none);
    CHECK(read_qr_token(none).error().code == ErrorCode::invalid);
  }
}
