// Bytes as a screen takes them for a time beacon: as they are, and as the body under a good
// signature, so that the fuzzer comes past the signature too.
#include "fuzz.hpp"
#include "protocol/wire.hpp"

using namespace vitrine;

namespace {

const PrivateKey& ingest_key() {
  static const PrivateKey key = PrivateKey::from_seed({7});
  return key;
}

// A protobuf field of bytes: tag, length, the bytes.
void append_field(Bytes& to, std::uint8_t number, ByteView bytes) {
  to.push_back(static_cast<std::uint8_t>(number << 3 | 2));
  std::size_t length = bytes.size();
  for (; length >= 0x80; length >>= 7) to.push_back(static_cast<std::uint8_t>(length | 0x80));
  to.push_back(static_cast<std::uint8_t>(length));
  to.insert(to.end(), bytes.begin(), bytes.end());
}

Bytes signed_by_ingest(ByteView body) {
  Bytes text;
  for (const ByteView part : {as_bytes("vt1time"), as_bytes("lobby-1"), body})
    text.insert(text.end(), part.begin(), part.end());
  Bytes message;
  append_field(message, 1, as_bytes("ingest-1"));
  append_field(message, 2, body);
  append_field(message, 3, ingest_key().sign(text));
  return message;
}

void try_beacon(ByteView bytes, const Trust& trust) {
  const auto beacon = decode_beacon(bytes, "lobby-1", trust);
  if (!beacon) return fuzz::promise_one_line(beacon.error());
  const Bytes written = encode_beacon(*beacon, "lobby-1", "ingest-1", ingest_key());
  const auto again = decode_beacon(written, "lobby-1", trust);
  fuzz::promise(again.ok() && again->link_nonce == beacon->link_nonce &&
                    again->boot == beacon->boot && again->utc_us == beacon->utc_us,
                "a beacon that is encoded is decoded as the same");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  Trust trust;
  trust.keys.push_back({"ingest-1", ingest_key().public_key().raw, "ingest", {}, {"*"}, 0, 0, 0});
  const ByteView bytes(data, size);
  try_beacon(bytes, trust);
  if (size < 4096) try_beacon(signed_by_ingest(bytes), trust);
  return 0;
}
