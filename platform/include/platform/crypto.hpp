// The only caller of OpenSSL's primitives: SHA-256, Ed25519 (RFC 8032), HKDF-SHA256 (RFC 5869),
// HMAC-SHA256 (RFC 2104), random bytes. Keys are raw 32-byte values; a private key is its seed. On
// disk both are one line of base64url.
#pragma once

#include <array>
#include <memory>

#include "base/bytes.hpp"
#include "base/result.hpp"
#include "platform/file.hpp"

struct evp_pkey_st;

namespace vitrine {

// Incremental; after finish() the object must not be used again.
class Sha256 {
 public:
  Sha256();
  ~Sha256();
  Sha256(Sha256&&) noexcept;
  Sha256& operator=(Sha256&&) noexcept;
  void add(ByteView bytes);
  Hash256 finish();

 private:
  struct State;
  std::unique_ptr<State> state_;
};
Hash256 sha256(ByteView bytes);

using Signature = std::array<std::uint8_t, 64>;

struct PublicKey {
  std::array<std::uint8_t, 32> raw{};
  auto operator<=>(const PublicKey&) const = default;
};

// Copies share OpenSSL's form of the key, which is dear to make from the seed and may sign in many
// threads at once.
class PrivateKey {
 public:
  PrivateKey() : PrivateKey(std::array<std::uint8_t, 32>{}) {}
  static PrivateKey generate();
  static PrivateKey from_seed(const std::array<std::uint8_t, 32>& seed);
  const std::array<std::uint8_t, 32>& seed() const { return seed_; }
  PublicKey public_key() const;
  Signature sign(ByteView message) const;

 private:
  explicit PrivateKey(const std::array<std::uint8_t, 32>& seed);
  std::array<std::uint8_t, 32> seed_{};
  std::shared_ptr<evp_pkey_st> key_;
};

bool verify(const PublicKey& key, ByteView message, ByteView signature);

Result<PrivateKey> read_private_key(const fs::path& path);
Result<PublicKey> read_public_key(const fs::path& path);
Status write_private_key(const fs::path& path, const PrivateKey& key);  // mode 0600
Status write_public_key(const fs::path& path, const PublicKey& key);    // mode 0644

void fill_random(std::span<std::uint8_t> out);
std::uint64_t random_u64();

// Takes the same time wherever the two differ; false when their sizes do.
bool equal_secrets(ByteView one, ByteView other);

// HKDF-SHA256 with an empty salt, 32 bytes out.
Hash256 hkdf(ByteView secret, ByteView info);

Hash256 hmac_sha256(ByteView key, ByteView message);

}  // namespace vitrine
