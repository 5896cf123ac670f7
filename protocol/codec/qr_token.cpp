#include "protocol/qr_token.hpp"

#include <algorithm>

#include "base/math.hpp"
#include "platform/crypto.hpp"

namespace vitrine {
namespace {

constexpr std::uint8_t kQrVersion = 1;
constexpr std::size_t kClaims = 9, kMac = 10;
constexpr std::string_view kQrDomain = "vt1qr";

void append_le16(Bytes& out, std::uint16_t value) {
  out.push_back(static_cast<std::uint8_t>(value));
  out.push_back(static_cast<std::uint8_t>(value >> 8));
}

Bytes claims_of(const QrToken& token) {
  Bytes claims{kQrVersion};
  append_le16(claims, token.epoch);
  append_le16(claims, token.bucket);
  append_le32(claims, token.creative);
  return claims;
}

Hash256 mac_of(const QrToken& token, const Hash256& qr_key) {
  Bytes epoch;
  append_le64(epoch, token.epoch);
  Bytes message(kQrDomain.begin(), kQrDomain.end());
  const Bytes claims = claims_of(token);
  message.insert(message.end(), claims.begin(), claims.end());
  message.insert(message.end(), token.screen.begin(), token.screen.end());
  return hmac_sha256(hkdf(qr_key, epoch), message);
}

}  // namespace

QrToken qr_token_at(const ScreenId& screen, CreativeId creative, std::int64_t utc_s) {
  const std::int64_t epoch = floor_div(utc_s, kQrEpochSeconds);
  const std::int64_t bucket = (utc_s - epoch * kQrEpochSeconds) / kQrBucketSeconds;
  return {static_cast<std::uint16_t>(epoch), static_cast<std::uint16_t>(bucket), creative, screen};
}

std::string write_qr_token(const QrToken& token, const Hash256& qr_key) {
  Bytes bytes = claims_of(token);
  const Hash256 mac = mac_of(token, qr_key);
  bytes.insert(bytes.end(), mac.begin(), mac.begin() + kMac);
  bytes.insert(bytes.end(), token.screen.begin(), token.screen.end());
  return to_base64url(bytes);
}

Result<QrToken> read_qr_token(std::string_view text) {
  const auto bytes = from_base64url(text);
  if (!bytes || bytes->size() <= kClaims + kMac || (*bytes)[0] != kQrVersion)
    return fail(ErrorCode::invalid, "this is no QR token");
  const auto le16 = [&](std::size_t at) {
    return static_cast<std::uint16_t>((*bytes)[at] | (*bytes)[at + 1] << 8);
  };
  QrToken token;
  token.epoch = le16(1);
  token.bucket = le16(3);
  token.creative = read_le32(bytes->data() + 5);
  token.screen.assign(bytes->begin() + kClaims + kMac, bytes->end());
  if (!is_valid_name(token.screen) || token.bucket >= kQrEpochSeconds / kQrBucketSeconds)
    return fail(ErrorCode::invalid, "this is no QR token");
  return token;
}

Status check_qr_token(std::string_view text, const Hash256& qr_key, std::int64_t utc_s) {
  const auto token = read_qr_token(text);
  if (!token) return Error(token.error());
  const std::string made = write_qr_token(*token, qr_key);
  if (!equal_secrets(as_bytes(made), as_bytes(text)))
    return fail(ErrorCode::denied, "the QR token was not made with the key of this screen");
  const std::int64_t epoch = floor_div(utc_s, kQrEpochSeconds);
  if (token->epoch != epoch && token->epoch != epoch - 1)
    return fail(ErrorCode::stale, "the QR token is of another time");
  return ok();
}

}  // namespace vitrine
