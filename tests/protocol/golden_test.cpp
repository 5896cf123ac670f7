// Bytes that must never change: rows signed years ago have to verify, batches in the archive have
// to be read. golden/chain.txt was made with hashlib and the openssl command from the text of
// docs/contracts.md, not by this code.
#include <doctest/doctest.h>

#include <sstream>

#include "platform/file.hpp"
#include "protocol/chain.hpp"
#include "protocol/wire.hpp"
#include "sample_batches.hpp"

namespace vitrine {
namespace {

const fs::path kGolden = VITRINE_GOLDEN_DIRECTORY;

// Integer column k of row n holds 1000n + k, hash column k the byte 16n + k, the first flip of row
// 2 is absent.
PlayRow golden_row(std::uint64_t n) {
  PlayRow row;
  int k = 0;
  for_each_column(row, [&](std::string_view, auto& member) {
    if constexpr (is_hash_column<std::remove_reference_t<decltype(member)>>) {
      member.fill(static_cast<std::uint8_t>(16 * n + static_cast<std::uint64_t>(k)));
    } else {
      set_column(member, static_cast<std::int64_t>(1000 * n) + k);
    }
    ++k;
  });
  row.log_id = 0x0123456789abcdef;
  row.seq = n;
  if (n == 2) row.first_flip_us = kAbsent;
  return row;
}

PrivateKey golden_key() {
  std::array<std::uint8_t, 32> seed;
  for (std::size_t i = 0; i < seed.size(); ++i) seed[i] = static_cast<std::uint8_t>(i);
  return PrivateKey::from_seed(seed);
}

TEST_CASE("chain and signatures of three rows are those of the golden file") {
  const auto text = read_text(kGolden / "chain.txt");
  REQUIRE(text);
  std::istringstream lines(*text);
  std::string word, hash, signature;
  lines >> word >> hash;
  Hash256 chain = chain_start("lobby-1", 0x0123456789abcdef);
  CHECK(to_hex(chain) == hash);
  for (std::uint64_t n = 1; n <= 3; ++n) {
    lines >> word >> hash >> signature;
    chain = chain_next(chain, golden_row(n));
    CHECK(to_hex(chain) == hash);
    CHECK(to_hex(sign_chain(golden_key(), "lobby-1", 0x0123456789abcdef, n, chain)) == signature);
    CHECK(verify_chain(golden_key().public_key(), "lobby-1", 0x0123456789abcdef, n, chain,
                       *from_hex(signature)));
  }
}

TEST_CASE("a batch of twenty plays has the bytes of the golden file and is read from them") {
  auto text = read_text(kGolden / "play_batch_20.hex");
  REQUIRE(text);
  std::erase(*text, '\n');
  const Batch batch = testing::signed_batch(testing::ordinary_plays(20), "lobby-1", golden_key());
  CHECK(to_hex(encode_batch(batch)) == *text);
  auto stored = decode_batch(*from_hex(*text));
  REQUIRE(stored);
  CHECK(verify_batch(*stored, "lobby-1", golden_key().public_key()));
}

}  // namespace
}  // namespace vitrine
