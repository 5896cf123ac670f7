#include "protocol/envelope.hpp"

#include <algorithm>
#include <array>

#include "codec/one_line.hpp"
#include "protocol/json.hpp"

namespace vitrine {
namespace {

using codec::in_quotes;

constexpr std::int64_t kLastInstant = 253402300799;  // 9999-12-31T23:59:59Z

// What every JSON reader keeps exactly (RFC 8259 §6): versions come back in reports and replies.
constexpr std::int64_t kLastVersion = (std::int64_t{1} << 53) - 1;

// The header's members; all must be there and nothing else may be: an unknown one could change what
// the rest means (RFC 7515 §4.1.11, "crit").
constexpr std::array<std::string_view, 7> kMembers = {"alg", "aud", "exp", "iat",
                                                      "kid", "typ", "ver"};

Error bad(std::string what) {
  return fail(ErrorCode::invalid, "envelope: " + std::move(what));
}

Result<std::string> text_member(const Json& header, std::string_view name) {
  const auto* text = header.find(name)->text();
  if (!text) return bad("header: " + std::string(name) + " must be a string");
  return *text;
}

Result<std::int64_t> integer_member(const Json& header, std::string_view name, std::int64_t least,
                                    std::int64_t most) {
  const auto* value = header.find(name)->integer();
  if (!value || *value < least || *value > most) {
    return bad("header: " + std::string(name) + " must be an integer from " +
               std::to_string(least) + " to " + std::to_string(most));
  }
  return *value;
}

Result<DocumentHeader> read_header(std::string_view json) {
  auto parsed = parse_json(json);
  if (!parsed) return bad("header: " + parsed.error().message);
  if (!parsed->object()) return bad("header: an object expected");
  for (const auto name : kMembers) {
    if (!parsed->find(name)) return bad("header: " + std::string(name) + " is missing");
  }
  for (const auto& [name, value] : *parsed->object()) {
    if (std::find(kMembers.begin(), kMembers.end(), name) == kMembers.end()) {
      return bad("header: unknown member " + in_quotes(name));
    }
  }
  auto algorithm = text_member(*parsed, "alg");
  if (!algorithm) return std::move(algorithm).error();
  if (*algorithm != "EdDSA") {
    return fail(ErrorCode::denied,
                "envelope: only the algorithm EdDSA is accepted, found " + in_quotes(*algorithm));
  }
  auto type = text_member(*parsed, "typ");
  if (!type) return std::move(type).error();
  auto audience = text_member(*parsed, "aud");
  if (!audience) return std::move(audience).error();
  auto key_id = text_member(*parsed, "kid");
  if (!key_id) return std::move(key_id).error();
  auto version = integer_member(*parsed, "ver", 1, kLastVersion);
  if (!version) return std::move(version).error();
  auto issued = integer_member(*parsed, "iat", 0, kLastInstant);
  if (!issued) return std::move(issued).error();
  auto expires = integer_member(*parsed, "exp", 0, kLastInstant);
  if (!expires) return std::move(expires).error();

  DocumentHeader header;
  const auto kind = document_kind(*type);
  if (!kind) return bad("header: typ " + in_quotes(*type) + " is no kind of document");
  header.kind = *kind;
  const auto named = Audience::parse(*audience);
  if (!named)
    return bad("header: aud " + in_quotes(*audience) + " is neither screen/NAME nor group/NAME");
  header.audience = *named;
  if (!is_valid_name(*key_id)) return bad("header: kid must be 1 to 64 of a-z, 0-9 and -");
  header.key_id = *std::move(key_id);
  header.version = static_cast<std::uint64_t>(*version);
  header.issued_at = *issued;
  header.expires_at = *expires;
  return header;
}

std::string title(const DocumentHeader& header) {
  return std::string(name_of(header.kind)) + " " + std::to_string(header.version) + " for " +
         header.audience.text() + " signed by " + header.key_id;
}

Error deny(const DocumentHeader& header, const std::string& why) {
  return fail(ErrorCode::denied, title(header) + ": " + why);
}

bool is_envelope(std::string_view payload) {
  return payload.starts_with("eyJ");
}

bool signature_holds(std::string_view jws, const PublicKey& key) {
  const auto dot = jws.rfind('.');
  const auto signature = from_base64url(jws.substr(dot + 1));
  return signature && verify(key, as_bytes(jws.substr(0, dot)), *signature);
}

struct Envelope {
  DocumentHeader header;
  std::string payload;
};

// One layer, whatever its payload is.
Result<Envelope> open_envelope(std::string_view jws) {
  if (jws.size() > kMaxPacket) {
    return fail(ErrorCode::exhausted, "envelope: " + std::to_string(jws.size()) +
                                          " bytes, at most " + std::to_string(kMaxPacket) +
                                          " are accepted");
  }
  const auto first = jws.find('.');
  const auto last = jws.rfind('.');
  if (first == std::string_view::npos || first == last || jws.find('.', first + 1) != last) {
    return bad("three parts separated by dots expected");
  }
  const auto header_bytes = from_base64url(jws.substr(0, first));
  if (!header_bytes) return bad("the header is not base64url");
  const auto signature = from_base64url(jws.substr(last + 1));
  if (!signature || signature->size() != std::tuple_size_v<Signature>) {
    return bad("the signature is not 64 bytes in base64url");
  }
  auto header = read_header(as_text(*header_bytes));
  if (!header) return std::move(header).error();

  const auto body = jws.substr(first + 1, last - first - 1);
  if (body.size() / 4 * 3 > kMaxInlinePayload + 3) {
    return fail(ErrorCode::exhausted,
                title(*header) + ": payload above " + std::to_string(kMaxInlinePayload) + " bytes");
  }
  const auto payload = from_base64url(body);
  if (!payload) return bad("the payload is not base64url");
  if (payload->size() > kMaxInlinePayload) {
    return fail(ErrorCode::exhausted, title(*header) + ": payload of " +
                                          std::to_string(payload->size()) + " bytes, at most " +
                                          std::to_string(kMaxInlinePayload));
  }
  return Envelope{*std::move(header), std::string(as_text(*payload))};
}

bool same_document(const DocumentHeader& a, const DocumentHeader& b) {
  return a.kind == b.kind && a.audience == b.audience && a.version == b.version &&
         a.issued_at == b.issued_at && a.expires_at == b.expires_at;
}

// Whether the key that this header names may have signed it, and did.
Status check_signature(std::string_view jws, const DocumentHeader& header, const Trust& trust,
                       std::int64_t now_utc_s) {
  if (std::find(trust.revoked.begin(), trust.revoked.end(), header.key_id) != trust.revoked.end()) {
    return deny(header, "the key is revoked");
  }
  const auto* key = trust.find(header.key_id);
  if (!key) return deny(header, "the trust document does not know this key");
  if (now_utc_s != kNoClock) {
    if (now_utc_s < key->valid_from) return deny(header, "the key is not valid yet");
    if (key->valid_until != 0 && now_utc_s >= key->valid_until)
      return deny(header, "the key is no longer valid");
  }
  if (std::find(key->kinds.begin(), key->kinds.end(), header.kind) == key->kinds.end()) {
    return deny(header, "the key may not sign this kind");
  }
  const auto audience = header.audience.text();
  if (std::none_of(key->audiences.begin(), key->audiences.end(),
                   [&](const std::string& scope) { return scope == "*" || scope == audience; })) {
    return deny(header, "the key may not sign for this audience");
  }
  if (now_utc_s != kNoClock && header.expires_at != 0 && now_utc_s >= header.expires_at) {
    return fail(ErrorCode::stale, title(header) + ": expired");
  }
  PublicKey public_key;
  public_key.raw = key->public_key;
  if (!signature_holds(jws, public_key)) return deny(header, "wrong signature");
  return ok();
}

Result<SignedDocument> parse_of_kind(std::string_view jws, DocumentKind kind) {
  auto document = parse_envelope(jws);
  if (!document) return document;
  if (document->header.kind != kind) {
    return deny(document->header, "a " + std::string(name_of(kind)) + " was expected");
  }
  return document;
}

}  // namespace

std::string sign_document(const DocumentHeader& header, std::string_view payload,
                          const PrivateKey& key) {
  Json::Object members;
  members["alg"] = "EdDSA";
  members["typ"] = std::string(name_of(header.kind));
  members["aud"] = header.audience.text();
  members["kid"] = header.key_id;
  members["ver"] = static_cast<std::int64_t>(header.version);
  members["iat"] = header.issued_at;
  members["exp"] = header.expires_at;
  std::string jws = to_base64url(as_bytes(write_json(Json(std::move(members))))) + "." +
                    to_base64url(as_bytes(payload));
  const auto signature = key.sign(as_bytes(jws));
  return jws + "." + to_base64url(signature);
}

Result<std::string> countersign_document(std::string_view jws, const std::string& key_id,
                                         const PrivateKey& key) {
  auto document = parse_envelope(jws);
  if (!document) return std::move(document).error();
  if (!document->countersigned_by.empty()) {
    return fail(ErrorCode::conflict, title(document->header) + " has its second signature, by " +
                                         document->countersigned_by);
  }
  DocumentHeader header = document->header;
  if (header.key_id == key_id) return deny(header, "the second signature needs another key");
  header.key_id = key_id;
  if (jws.size() > kMaxInlinePayload) {
    return fail(ErrorCode::exhausted, title(header) + ": " + std::to_string(jws.size()) +
                                          " bytes with their first signature, at most " +
                                          std::to_string(kMaxInlinePayload) +
                                          " can be countersigned");
  }
  return sign_document(header, jws, key);
}

Result<SignedDocument> parse_envelope(std::string_view jws) {
  auto outer = open_envelope(jws);
  if (!outer) return std::move(outer).error();
  if (!is_envelope(outer->payload)) {
    return SignedDocument{std::move(outer->header), std::move(outer->payload), std::string(jws),
                          ""};
  }
  auto inner = open_envelope(outer->payload);
  if (!inner) return std::move(inner).error().context("countersigned by " + outer->header.key_id);
  if (is_envelope(inner->payload)) return bad("signed more than twice");
  if (!same_document(outer->header, inner->header)) {
    return deny(outer->header, "the first signature is of " + title(inner->header));
  }
  if (outer->header.key_id == inner->header.key_id)
    return deny(outer->header, "both signatures are of one key");
  return SignedDocument{std::move(inner->header), std::move(inner->payload), std::string(jws),
                        outer->header.key_id};
}

Result<SignedDocument> verify_with_key(std::string_view jws, DocumentKind kind,
                                       const PublicKey& key) {
  auto document = parse_of_kind(jws, kind);
  if (!document) return document;
  if (!document->countersigned_by.empty())
    return deny(document->header, "one signature was expected, this has two");
  if (!signature_holds(jws, key)) return deny(document->header, "wrong signature");
  return document;
}

Result<SignedDocument> verify_document(std::string_view jws, DocumentKind kind, const Trust& trust,
                                       std::int64_t now_utc_s) {
  auto document = parse_of_kind(jws, kind);
  if (!document) return document;
  const auto& header = document->header;
  if (kind == DocumentKind::trust) return deny(header, "only the root key signs a trust document");
  if (document->countersigned_by.empty()) {
    if (auto held = check_signature(jws, header, trust, now_utc_s); !held)
      return std::move(held).error();
    if (kind == DocumentKind::takeover) return deny(header, "a takeover needs a second signature");
    return document;
  }
  auto outer = open_envelope(jws);
  if (!outer) return std::move(outer).error();
  for (const auto& [text, signer] :
       {std::pair<std::string_view, const DocumentHeader&>(jws, outer->header),
        std::pair<std::string_view, const DocumentHeader&>(outer->payload, header)}) {
    if (auto held = check_signature(text, signer, trust, now_utc_s); !held)
      return std::move(held).error();
  }
  // Two names of one key would be one person after all.
  if (trust.find(header.key_id)->public_key == trust.find(outer->header.key_id)->public_key)
    return deny(outer->header, "both signatures are of one key");
  return document;
}

}  // namespace vitrine
