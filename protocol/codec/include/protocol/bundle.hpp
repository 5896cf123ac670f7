// What a stick carries to a site without a network (docs/enrolment.md, "A stick"): a token and all
// that is needed to spend it later, as one line of text signed by the issuing authority:
//
//     vitrine-bundle-1.PAYLOAD.SIGNATURE.
//
// PAYLOAD is a JSON object and SIGNATURE ECDSA with SHA-256 (DER) over "vt1bundle" + that object,
// both as base64url. The dot at the end tells a text that was cut short. Reading checks the form;
// whether the signature holds, and whose it is, is for platform/certificate.hpp to say.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.hpp"
#include "base/result.hpp"

namespace vitrine {

struct Bundle {
  std::string server;  // https://host:port of vitrine-enrol
  std::string token;
  std::string authority;  // PEM: who signed the server's certificate
  std::string signer;     // PEM: whose key signed this
  Bytes root_key;         // raw Ed25519: the screen's root key must turn out to be this one
  std::string screen;
  std::int64_t area = 0;
  std::string zone;
  std::vector<std::string> groups;
  std::string board;       // of this one alone (state/board.hpp); empty: of any
  std::int64_t until = 0;  // seconds since 1970: the token's end
};

struct SignedBundle {
  Bundle bundle;
  std::string signed_text;  // what the signature is over
  Bytes signature;
};

// At most 64 KiB; the error is one line.
Result<SignedBundle> read_bundle(std::string_view text);

std::string bundle_payload(const Bundle& bundle);
std::string bundle_signed_text(std::string_view payload);
std::string write_bundle(std::string_view payload, ByteView signature);

// The first 80 bits of the hash of a key in sixteen letters that are not mistaken for each other
// when read aloud, "K7QF-2M3P-ABCD-EFGH". Whoever compares takes small letters, spaces and no
// hyphens too.
std::string spoken_code(const Hash256& key_hash);
bool is_spoken_code(std::string_view typed, const Hash256& key_hash);

}  // namespace vitrine
