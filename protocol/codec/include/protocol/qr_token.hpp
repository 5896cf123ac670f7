// The token of a QR code on a screen: which screen showed which creative in which five minutes,
// provable by whoever holds the screen's QR key. The player makes it, the redirect checks it.
//
//   bytes 0       version, 1
//         1..2    key epoch: days since 1970 / 90, little-endian
//         3..4    bucket: five minutes since the epoch began, little-endian
//         5..8    creative, little-endian
//         9..18   the first 80 bits of HMAC-SHA256(HKDF(qr.key, epoch as 8 bytes little-endian),
//                 "vt1qr" | bytes 0..8 | screen)
//         19...   screen, 1 to 64 characters
//
// written as base64url: 26 characters and 4 for every 3 of the screen's name.
#pragma once

#include <string>
#include <string_view>

#include "base/bytes.hpp"
#include "base/ids.hpp"
#include "base/result.hpp"

namespace vitrine {

inline constexpr std::int64_t kQrEpochSeconds = 90 * 86'400;
inline constexpr std::int64_t kQrBucketSeconds = 300;

struct QrToken {
  std::uint16_t epoch = 0;
  std::uint16_t bucket = 0;
  CreativeId creative = 0;
  ScreenId screen;

  std::int64_t shown_from_utc_s() const {
    return epoch * kQrEpochSeconds + bucket * kQrBucketSeconds;
  }
};

// Of what is shown at that time, in seconds since 1970.
QrToken qr_token_at(const ScreenId& screen, CreativeId creative, std::int64_t utc_s);

std::string write_qr_token(const QrToken& token, const Hash256& qr_key);

// The form alone: whoever knows the screen's key by its name then checks the token. `invalid`.
Result<QrToken> read_qr_token(std::string_view text);

// `denied`: another key made it. `stale`: neither of this epoch nor of the one before.
Status check_qr_token(std::string_view text, const Hash256& qr_key, std::int64_t utc_s);

}  // namespace vitrine
