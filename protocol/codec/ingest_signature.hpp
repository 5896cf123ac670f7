// What an ingest key signs for one device: acks and time beacons. They are no documents, so the
// kinds of a key say nothing about them: its role and its audiences do.
#pragma once

#include <string>
#include <string_view>

#include "base/ids.hpp"
#include "platform/crypto.hpp"
#include "protocol/envelope.hpp"
#include "protocol/settings.hpp"

namespace vitrine {

// Ed25519 over (`purpose` | device | body). A name holds no byte that a protobuf message starts
// with, so the end of the device's name is never in doubt; no purpose is the beginning of another.
Signature sign_for_device(std::string_view purpose, const ScreenId& device, ByteView body,
                          const PrivateKey& key);

// `denied`, with `what` and the key in the message, unless `key_id` is a known, unrevoked ingest
// key for this device and the signature is its own.
Status verify_from_ingest(std::string_view purpose, std::string_view what,
                          const std::string& key_id, const ScreenId& device, ByteView body,
                          ByteView signature, const Trust& trust, std::int64_t now_utc_s);

}  // namespace vitrine
