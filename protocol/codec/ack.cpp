#include "codec/ingest_signature.hpp"
#include "codec/wire_rows.hpp"
#include "protocol/wire.hpp"

namespace vitrine {
namespace {

constexpr std::string_view kAckPurpose = "vt1ack";

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
  const Signature signature = sign_for_device(kAckPurpose, device, bytes, key);
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
  if (auto verified =
          verify_from_ingest(kAckPurpose, "ack", message.key_id(), device, as_bytes(message.body()),
                             as_bytes(message.signature()), trust, now_utc_s);
      !verified) {
    return std::move(verified).error();
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
