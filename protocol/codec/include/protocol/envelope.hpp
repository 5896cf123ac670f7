// The signed envelope: JWS compact serialisation (RFC 7515) with EdDSA (RFC 8037) and nothing else.
//
//     BASE64URL(protected header) "." BASE64URL(payload) "." BASE64URL(signature)
//
// Protected header: alg ("EdDSA", fixed), typ, aud, kid, ver, iat, exp. Any other algorithm, a
// missing field, a payload above kMaxInlinePayload or more text than kMaxPacket is refused before
// anything is parsed further.
//
// Countersigned: the payload of the envelope is a whole envelope again, with the same typ, aud,
// ver, iat and exp and another kid. The document is the inner one's; it may not be wrapped again.
// A payload that begins with "eyJ" is such an envelope: a document is JSON and begins with "{".
#pragma once

#include <string>
#include <string_view>

#include "base/result.hpp"
#include "platform/crypto.hpp"
#include "protocol/document.hpp"
#include "protocol/settings.hpp"

namespace vitrine {

struct SignedDocument {
  DocumentHeader header;         // of whoever signed first
  std::string payload;           // JSON text of the document
  std::string jws;               // exactly as signed; this is what is stored and forwarded
  std::string countersigned_by;  // key id of the second signature; empty = there is none
};

std::string sign_document(const DocumentHeader& header, std::string_view payload,
                          const PrivateKey& key);

// The second signature, over the whole first envelope. Refused: an envelope that is countersigned
// already, the same key id, and one that would become too large (a countersigned document holds at
// most 48 KiB, less its header).
Result<std::string> countersign_document(std::string_view jws, const std::string& key_id,
                                         const PrivateKey& key);

// Reads the shape only. Nothing in the result may be acted on before verify_document has accepted
// it.
Result<SignedDocument> parse_envelope(std::string_view jws);

// Signature by `key` and nothing else: for the trust document, which the root key signs once.
Result<SignedDocument> verify_with_key(std::string_view jws, DocumentKind kind,
                                       const PublicKey& key);

// The whole rule: shape, kind, key known and not revoked, key valid at `now_utc_s` (kNoClock: not
// checked), key allowed this kind and audience, document not expired, signature; all of it for the
// second signature too, by another key. A takeover needs a second signature. The error says which
// of these failed and names kind, version and kid. Version floors are the caller's.
inline constexpr std::int64_t kNoClock = -1;
Result<SignedDocument> verify_document(std::string_view jws, DocumentKind kind, const Trust& trust,
                                       std::int64_t now_utc_s);

}  // namespace vitrine
