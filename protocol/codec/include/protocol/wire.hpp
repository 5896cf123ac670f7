// Batches, acks and their bytes (protocol/wire.proto). Columns are delta-coded: absent = all
// default, one value = constant, otherwise the first value and then differences. Decoding accepts
// any bytes and never trusts a length.
#pragma once

#include <map>
#include <optional>
#include <string_view>
#include <utility>
#include <vector>

#include "base/bytes.hpp"
#include "base/result.hpp"
#include "platform/crypto.hpp"
#include "protocol/batch.hpp"
#include "protocol/envelope.hpp"
#include "protocol/settings.hpp"

namespace vitrine {

// What each creative was last seen to show. Both ends learn it from batches that were stored, so
// the hashes, the largest part of a batch, need not travel again.
using ContentOf = std::map<CreativeId, Hash256>;
ContentOf contents_of(const Batch& batch);

Bytes encode_batch(const Batch& batch);
// What each column of a batch of plays takes, for whoever measures it.
std::vector<std::pair<std::string_view, std::size_t>> column_bytes(const std::vector<PlayRow>& rows,
                                                                   const BootId& boot);
// A shorter form of a batch for one that knows these contents, else the bytes as they are. It only
// travels: frozen, hashed, spooled and archived is the whole.
Bytes leave_out_hashes(ByteView whole, const ContentOf& contents);
bool leaves_out_hashes(ByteView bytes);
// Rows come back complete: log_id and seq filled from the key, chain and signature of play rows
// recomputed by verify_batch. `not_found`: hashes were left out and `contents` lacks one. Whether
// it had the right ones shows when the batch is verified.
Result<Batch> decode_batch(ByteView bytes, const ContentOf& contents = {});
// The key alone, when the bytes are a batch at all, however wrong its rows are: a batch nobody can
// read is acked as quarantined by it and so never blocks its screen.
std::optional<BatchKey> peek_batch_key(ByteView bytes);

// Recomputes the chain over the rows of a play batch from chain_before, fills row.chain, and checks
// the signature of the last row. Other streams have no chain: ok. `denied` names the first thing
// that does not match.
Status verify_batch(Batch& batch, const ScreenId& screen, const PublicKey& proof_key);

// First 8 bytes of SHA-256 over the batch's bytes.
std::uint64_t batch_hash_prefix(ByteView bytes);

// Ack, signed over ("vt1ack" | device | body). `key_id` must be an ingest key of the trust
// document; a known `now_utc_s` must lie within its validity.
Bytes encode_ack(const Ack& ack, const ScreenId& device, const std::string& key_id,
                 const PrivateKey& key);
Result<Ack> decode_ack(ByteView bytes, const ScreenId& device, const Trust& trust,
                       std::int64_t now_utc_s = kNoClock);

// Time beacon, signed over ("vt1time" | device | body) by an ingest key of the trust document.
Bytes encode_beacon(const TimeBeacon& beacon, const ScreenId& device, const std::string& key_id,
                    const PrivateKey& key);
Result<TimeBeacon> decode_beacon(ByteView bytes, const ScreenId& device, const Trust& trust);

// One row of the event and health streams as it rests in outbox.db before it is batched.
Bytes encode_event(const EventRow& row);
Result<EventRow> decode_event(ByteView bytes);
Bytes encode_health(const HealthRow& row);
Result<HealthRow> decode_health(ByteView bytes);

}  // namespace vitrine
