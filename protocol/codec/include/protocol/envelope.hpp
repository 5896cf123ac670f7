// The signed envelope: JWS compact serialisation (RFC 7515) with EdDSA (RFC 8037) and nothing else.
//
//     BASE64URL(protected header) "." BASE64URL(payload) "." BASE64URL(signature)
//
// Protected header: alg ("EdDSA", fixed), typ, aud, kid, ver, iat, exp. Any other algorithm, a
// missing field, a payload above kMaxInlinePayload or more text than kMaxPacket is refused before
// anything is parsed further.
#pragma once

#include <string>
#include <string_view>

#include "base/result.hpp"
#include "platform/crypto.hpp"
#include "protocol/document.hpp"
#include "protocol/settings.hpp"

namespace vitrine {

struct SignedDocument {
  DocumentHeader header;
  std::string payload;  // JSON text of the document
  std::string jws;      // exactly as signed; this is what is stored and forwarded
};

std::string sign_document(const DocumentHeader& header, std::string_view payload,
                          const PrivateKey& key);

// Reads the shape only. Nothing in the result may be acted on before verify_document has accepted
// it.
Result<SignedDocument> parse_envelope(std::string_view jws);

// Signature by `key` and nothing else: for the trust document, which the root key signs.
Result<SignedDocument> verify_with_key(std::string_view jws, DocumentKind kind,
                                       const PublicKey& key);

// The whole rule: shape, kind, key known and not revoked, key valid at `now_utc_s` (kNoClock: not
// checked), key allowed this kind and audience, document not expired, signature. The error says
// which of these failed and names kind, version and kid. Version floors are the caller's.
inline constexpr std::int64_t kNoClock = -1;
Result<SignedDocument> verify_document(std::string_view jws, DocumentKind kind, const Trust& trust,
                                       std::int64_t now_utc_s);

}  // namespace vitrine
