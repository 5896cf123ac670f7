#include "protocol/chain.hpp"

#include <algorithm>

namespace vitrine {
namespace {

void append_text(Bytes& out, std::string_view text) {
  out.insert(out.end(), text.begin(), text.end());
}

// No separators are needed: what follows the screen's name has a fixed length, so no two inputs
// share their bytes.
Bytes signed_text(const ScreenId& screen, LogId log_id, std::uint64_t seq, const Hash256& chain) {
  Bytes text;
  append_text(text, "vt1play");
  append_text(text, screen);
  append_le64(text, static_cast<std::int64_t>(log_id));
  append_le64(text, static_cast<std::int64_t>(seq));
  text.insert(text.end(), chain.begin(), chain.end());
  return text;
}

}  // namespace

Hash256 chain_start(const ScreenId& screen, LogId log_id) {
  Bytes text;
  append_text(text, "vt1");
  append_text(text, screen);
  append_le64(text, static_cast<std::int64_t>(log_id));
  return sha256(text);
}

Hash256 chain_next(const Hash256& before, const PlayRow& row) {
  // Made for every play three times over, so its bytes go where they belong without a detour. How
  // many there are the compiler knows.
  std::size_t size = before.size();
  for_each_column(row, [&](const char*, const auto& member) {
    size += is_hash_column<std::remove_reference_t<decltype(member)>> ? before.size() : 8;
  });
  Bytes text(size);
  auto to = std::copy(before.begin(), before.end(), text.begin());
  for_each_column(row, [&](const char*, const auto& member) {
    if constexpr (is_hash_column<std::remove_reference_t<decltype(member)>>) {
      to = std::copy(member.begin(), member.end(), to);
    } else {
      auto bits = static_cast<std::uint64_t>(column_value(member));
      for (int i = 0; i < 8; ++i, bits >>= 8) *to++ = static_cast<std::uint8_t>(bits & 0xff);
    }
  });
  return sha256(text);
}

Signature sign_chain(const PrivateKey& proof_key, const ScreenId& screen, LogId log_id,
                     std::uint64_t seq, const Hash256& chain) {
  return proof_key.sign(signed_text(screen, log_id, seq, chain));
}

bool verify_chain(const PublicKey& proof_key, const ScreenId& screen, LogId log_id,
                  std::uint64_t seq, const Hash256& chain, ByteView signature) {
  return verify(proof_key, signed_text(screen, log_id, seq, chain), signature);
}

}  // namespace vitrine
