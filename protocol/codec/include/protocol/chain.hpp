// The play log's hash chain and signatures (docs/contracts.md, "Chain").
//
//     h(0) = SHA-256("vt1" | screen | log_id as 8 bytes LE)
//     h(n) = SHA-256(h(n-1) | row n)     row = every column of for_each_column in order: int64 LE,
//     hashes raw signature(n) = Ed25519("vt1play" | screen | log_id LE | seq LE | h(n))
#pragma once

#include "platform/crypto.hpp"
#include "protocol/play.hpp"

namespace vitrine {

Hash256 chain_start(const ScreenId& screen, LogId log_id);
Hash256 chain_next(const Hash256& before, const PlayRow& row);
Signature sign_chain(const PrivateKey& proof_key, const ScreenId& screen, LogId log_id,
                     std::uint64_t seq, const Hash256& chain);
bool verify_chain(const PublicKey& proof_key, const ScreenId& screen, LogId log_id,
                  std::uint64_t seq, const Hash256& chain, ByteView signature);

}  // namespace vitrine
