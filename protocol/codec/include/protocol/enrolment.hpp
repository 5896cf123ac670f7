// What a screen and vitrine-enrol say to each other over HTTPS (docs/enrolment.md): one JSON object
// a request and one an answer. Every member is required unless said otherwise, an unknown one is an
// error, and a message of more than kMostEnrolmentBytes is refused unread.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.hpp"
#include "base/result.hpp"

namespace vitrine {

inline constexpr std::size_t kMostEnrolmentBytes = 256 * 1024;
inline constexpr std::string_view kEnrolPath = "/enrol";
inline constexpr std::string_view kRenewPath = "/renew";
inline constexpr std::string_view kSeenPath = "/seen";

// POST /enrol
struct EnrolRequest {
  std::string token;
  std::string csr;  // PEM
  Bytes proof_key;  // raw Ed25519 public key, 32 bytes
};
struct EnrolAnswer {
  std::string certificate;  // PEM
  std::string authority;    // PEM: whom the screen trusts, for every server of ours
  Bytes root_key;           // raw Ed25519, signs trust
  std::string trust;        // JWS
  Bytes qr_key;             // 32 bytes, or empty where there are no QR codes
  std::string screen;
  std::int64_t area = 0;
  std::string zone;
  std::vector<std::string> groups;
  std::string mqtt_host;
  std::int64_t mqtt_port = 0;
  std::string enrol_url;
};

// POST /renew. `signature` (ECDSA, DER) is of renewal_text(csr) by the key of `certificate`.
struct RenewRequest {
  std::string csr, certificate;
  Bytes signature;
};
struct RenewAnswer {
  std::string certificate, authority;
};
std::string renewal_text(std::string_view csr);

// POST /seen: the screen has reached the broker with `certificate`, so the one before it may go.
// `signature` is of seen_text(fingerprint) by the key of `certificate`. The answer is empty.
struct SeenRequest {
  std::string certificate;
  Bytes signature;
};
std::string seen_text(std::string_view fingerprint);

Result<EnrolRequest> read_enrol_request(std::string_view json);
Result<EnrolAnswer> read_enrol_answer(std::string_view json);
Result<RenewRequest> read_renew_request(std::string_view json);
Result<RenewAnswer> read_renew_answer(std::string_view json);
Result<SeenRequest> read_seen_request(std::string_view json);
std::string write_enrol_request(const EnrolRequest& request);
std::string write_enrol_answer(const EnrolAnswer& answer);
std::string write_renew_request(const RenewRequest& request);
std::string write_renew_answer(const RenewAnswer& answer);
std::string write_seen_request(const SeenRequest& request);

// {"error":"..."} of any refusal; the text itself where it is no such object.
std::string read_refusal(std::string_view json);
std::string write_refusal(const std::string& reason);

}  // namespace vitrine
