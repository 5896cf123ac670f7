#include <algorithm>

#include "codec/one_line.hpp"
#include "codec/wire_rows.hpp"
#include "protocol/wire.hpp"

namespace vitrine {
namespace {

// A name holds no byte that a protobuf message starts with, so the end of the device's name is
// never in doubt.
Bytes signed_text(const ScreenId& device, std::string_view body) {
  Bytes text;
  for (std::string_view part : {std::string_view("vt1ack"), std::string_view(device), body}) {
    text.insert(text.end(), part.begin(), part.end());
  }
  return text;
}

// Acks are no document, so the kinds of a key say nothing about them: its role and its audiences
// do.
bool may_ack(const TrustedKey& key, const ScreenId& device) {
  const auto covers = [&](const std::string& audience) {
    return audience == "*" || audience == "screen/" + device;
  };
  return key.role == "ingest" && std::any_of(key.audiences.begin(), key.audiences.end(), covers);
}

}  // namespace

Bytes encode_ack(const Ack& ack, const ScreenId& device, const std::string& key_id,
                 const PrivateKey& key) {
  wire::AckBody body;
  for (const BatchAck& entry : ack.batches) {
    wire::BatchAck& out = *body.add_batch();
    out.set_stream(static_cast<std::uint32_t>(entry.key.stream));
    out.set_log_id(entry.key.log_id);
    out.set_first(entry.key.first);
    out.set_last(entry.key.last);
    out.set_hash_prefix(entry.hash_prefix);
    out.set_status(static_cast<std::uint32_t>(entry.status));
  }
  body.set_credit_bytes(ack.credit_bytes);
  const Bytes bytes = to_bytes(body);
  const Signature signature = key.sign(signed_text(device, as_text(bytes)));
  wire::SignedAck message;
  message.set_key_id(printable(key_id));
  message.set_body(std::string(as_text(bytes)));
  message.set_signature(std::string(as_text(signature)));
  return to_bytes(message);
}

Result<Ack> decode_ack(ByteView bytes, const ScreenId& device, const Trust& trust,
                       std::int64_t now_utc_s) {
  wire::SignedAck message;
  if (!from_bytes(bytes, message)) return fail(ErrorCode::invalid, "these bytes are no ack");
  const TrustedKey* key = trust.find(message.key_id());
  const auto revoked = std::find(trust.revoked.begin(), trust.revoked.end(), message.key_id());
  if (key == nullptr || revoked != trust.revoked.end()) {
    return fail(ErrorCode::denied,
                "ack by " + codec::in_quotes(message.key_id()) + ": the key is unknown or revoked");
  }
  if (!may_ack(*key, device)) {
    return fail(ErrorCode::denied, "ack by " + codec::in_quotes(message.key_id()) +
                                       ": not an ingest key for screen " + device);
  }
  if (now_utc_s != kNoClock &&
      (now_utc_s < key->valid_from || (key->valid_until != 0 && now_utc_s >= key->valid_until))) {
    return fail(ErrorCode::denied, "ack by " + codec::in_quotes(message.key_id()) +
                                       ": the key is not valid at this time");
  }
  if (!verify(PublicKey{key->public_key}, signed_text(device, message.body()),
              as_bytes(message.signature()))) {
    return fail(ErrorCode::denied,
                "ack by " + codec::in_quotes(message.key_id()) + ": the signature does not match");
  }
  wire::AckBody body;
  if (!from_bytes(as_bytes(message.body()), body))
    return fail(ErrorCode::invalid, "these bytes are no ack body");
  Ack ack;
  ack.credit_bytes = body.credit_bytes();
  for (const wire::BatchAck& entry : body.batch()) {
    auto stream = take_stream(entry.stream());
    if (!stream) return std::move(stream).error();
    if (entry.status() > static_cast<std::uint32_t>(AckStatus::whole)) {
      return fail(ErrorCode::invalid,
                  "ack status " + std::to_string(entry.status()) + " is unknown");
    }
    ack.batches.push_back({{*stream, entry.log_id(), entry.first(), entry.last()},
                           entry.hash_prefix(),
                           static_cast<AckStatus>(entry.status())});
  }
  return ack;
}

}  // namespace vitrine
