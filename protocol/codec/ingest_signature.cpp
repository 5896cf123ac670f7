#include "codec/ingest_signature.hpp"

#include <algorithm>

#include "codec/one_line.hpp"

namespace vitrine {
namespace {

Bytes signed_text(std::string_view purpose, const ScreenId& device, ByteView body) {
  Bytes text(purpose.begin(), purpose.end());
  text.insert(text.end(), device.begin(), device.end());
  text.insert(text.end(), body.begin(), body.end());
  return text;
}

bool speaks_to(const TrustedKey& key, const ScreenId& device) {
  const auto covers = [&](const std::string& audience) {
    return audience == "*" || audience == "screen/" + device;
  };
  return key.role == "ingest" && std::any_of(key.audiences.begin(), key.audiences.end(), covers);
}

}  // namespace

Signature sign_for_device(std::string_view purpose, const ScreenId& device, ByteView body,
                          const PrivateKey& key) {
  return key.sign(signed_text(purpose, device, body));
}

Status verify_from_ingest(std::string_view purpose, std::string_view what,
                          const std::string& key_id, const ScreenId& device, ByteView body,
                          ByteView signature, const Trust& trust, std::int64_t now_utc_s) {
  const auto refuse = [&](const std::string& why) {
    return fail(ErrorCode::denied,
                std::string(what) + " by " + codec::in_quotes(key_id) + ": " + why);
  };
  const TrustedKey* key = trust.find(key_id);
  const auto revoked = std::find(trust.revoked.begin(), trust.revoked.end(), key_id);
  if (key == nullptr || revoked != trust.revoked.end())
    return refuse("the key is unknown or revoked");
  if (!speaks_to(*key, device)) return refuse("not an ingest key for screen " + device);
  if (now_utc_s != kNoClock &&
      (now_utc_s < key->valid_from || (key->valid_until != 0 && now_utc_s >= key->valid_until)))
    return refuse("the key is not valid at this time");
  if (!verify(PublicKey{key->public_key}, signed_text(purpose, device, body), signature))
    return refuse("the signature does not match");
  return ok();
}

}  // namespace vitrine
