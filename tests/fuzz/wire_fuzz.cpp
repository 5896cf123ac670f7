// Bytes as the ingest takes them from a screen (batches) and a screen from the ingest (acks), and
// the rows that rest in the outbox.
#include "fuzz.hpp"
#include "protocol/wire.hpp"
#include "sample_batches.hpp"

using namespace vitrine;

namespace {

const PrivateKey& proof_key() {
  static const PrivateKey key = PrivateKey::from_seed({7});
  return key;
}

// A refusal, or a value whose bytes are a fixed point.
template <class T>
void decode_twice(ByteView bytes, Result<T> (*decode)(ByteView), Bytes (*encode)(const T&)) {
  const auto value = decode(bytes);
  if (!value) return fuzz::promise_one_line(value.error());
  const Bytes written = encode(*value);
  const auto again = decode(written);
  fuzz::promise(again.ok(), "what was encoded is decoded again",
                again.ok() ? std::string_view() : std::string_view(again.error().message));
  fuzz::promise(encode(*again) == written, "the encoded form stays as it is");
}

void try_batch(ByteView bytes) {
  auto batch = decode_batch(bytes);
  if (!batch) return;
  fuzz::promise(peek_batch_key(bytes) == batch->key, "a batch that is read shows its key");
  auto verified = verify_batch(*batch, "lobby-1", proof_key().public_key());
  if (!verified) fuzz::promise_one_line(verified.error());
}

// What an ingest knows of the screen whose seeds these are.
const ContentOf& known_contents() {
  static const ContentOf contents = [] {
    ContentOf all;
    for (const PlayRow& row : testing::ordinary_plays(6)) all[row.creative] = row.content;
    return all;
  }();
  return contents;
}

// With hashes left out: a refusal, or a batch that is whole, reads alone, and whose shorter form
// comes back as it.
void try_left_out(ByteView bytes) {
  const auto batch = decode_batch(bytes, known_contents());
  if (!batch) return fuzz::promise_one_line(batch.error());
  const Bytes whole = encode_batch(*batch);
  fuzz::promise(!leaves_out_hashes(whole) && decode_batch(whole).ok(),
                "a batch that was filled in is whole");
  const Bytes shorter = leave_out_hashes(whole, contents_of(*batch));
  const auto again = decode_batch(shorter, contents_of(*batch));
  fuzz::promise(again.ok() && encode_batch(*again) == whole,
                "hashes that are left out are filled in as they were");
}

void try_ack(ByteView bytes) {
  Trust trust;
  trust.keys.push_back({"ingest-1", proof_key().public_key().raw, "ingest", {}, {"*"}, 0, 0, 0});
  const auto ack = decode_ack(bytes, "lobby-1", trust);
  if (!ack) fuzz::promise_one_line(ack.error());
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const ByteView bytes(data, size);
  decode_twice(
      bytes, +[](ByteView b) { return decode_batch(b); }, encode_batch);
  decode_twice(bytes, decode_event, encode_event);
  decode_twice(bytes, decode_health, encode_health);
  try_batch(bytes);
  try_left_out(bytes);
  try_ack(bytes);
  return 0;
}
