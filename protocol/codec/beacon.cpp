#include "codec/ingest_signature.hpp"
#include "codec/wire_rows.hpp"
#include "protocol/wire.hpp"

namespace vitrine {
namespace {

constexpr std::string_view kBeaconPurpose = "vt1time";

}  // namespace

Bytes encode_beacon(const TimeBeacon& beacon, const ScreenId& device, const std::string& key_id,
                    const PrivateKey& key) {
  wire::BeaconBody body;
  body.set_link_nonce(beacon.link_nonce);
  body.set_boot_high(static_cast<std::uint64_t>(beacon.boot.high));
  body.set_boot_low(static_cast<std::uint64_t>(beacon.boot.low));
  body.set_utc_us(beacon.utc_us);
  const Bytes bytes = to_bytes(body);
  const Signature signature = sign_for_device(kBeaconPurpose, device, bytes, key);
  wire::SignedBeacon message;
  message.set_key_id(printable(key_id));
  message.set_body(std::string(as_text(bytes)));
  message.set_signature(std::string(as_text(signature)));
  return to_bytes(message);
}

Result<TimeBeacon> decode_beacon(ByteView bytes, const ScreenId& device, const Trust& trust) {
  wire::SignedBeacon message;
  if (!from_bytes(bytes, message)) return fail(ErrorCode::invalid, "these bytes are no beacon");
  if (auto verified = verify_from_ingest(kBeaconPurpose, "time beacon", message.key_id(), device,
                                         as_bytes(message.body()), as_bytes(message.signature()),
                                         trust, kNoClock);
      !verified) {
    return std::move(verified).error();
  }
  wire::BeaconBody body;
  if (!from_bytes(as_bytes(message.body()), body))
    return fail(ErrorCode::invalid, "these bytes are no beacon body");
  return TimeBeacon{
      body.link_nonce(),
      {static_cast<std::int64_t>(body.boot_high()), static_cast<std::int64_t>(body.boot_low())},
      body.utc_us()};
}

}  // namespace vitrine
