#include "platform/crypto.hpp"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/kdf.h>
#include <openssl/params.h>
#include <openssl/rand.h>

#include <algorithm>
#include <cstdlib>

namespace vitrine {
namespace {

struct KeyDeleter {
  void operator()(EVP_PKEY* key) const { EVP_PKEY_free(key); }
};
struct DigestDeleter {
  void operator()(EVP_MD_CTX* context) const { EVP_MD_CTX_free(context); }
};
using KeyHandle = std::unique_ptr<EVP_PKEY, KeyDeleter>;
using DigestHandle = std::unique_ptr<EVP_MD_CTX, DigestDeleter>;

// OpenSSL fails here only when memory is gone or its providers cannot be loaded. Neither can be
// handled by signing nothing or by drawing predictable numbers, so the process ends and its
// supervisor starts it again.
void require(bool done) {
  if (!done) std::abort();
}

Result<Bytes> read_key_line(const fs::path& path) {
  auto text = read_text(path, 1024);
  if (!text) return std::move(text).error();
  while (!text->empty() && (text->back() == '\n' || text->back() == '\r')) text->pop_back();
  auto raw = from_base64url(*text);
  if (!raw || raw->size() != 32) {
    return fail(ErrorCode::invalid,
                path.string() + " is not a key: one line of 43 base64url digits expected");
  }
  return *std::move(raw);
}

// Looked up once: OpenSSL would search its providers for every hash.
const EVP_MD* sha256_digest() {
  static const EVP_MD* const digest = EVP_MD_fetch(nullptr, "SHA256", nullptr);
  require(digest != nullptr);
  return digest;
}

}  // namespace

struct Sha256::State {
  DigestHandle context{EVP_MD_CTX_new()};
};

Sha256::Sha256() : state_(std::make_unique<State>()) {
  require(EVP_DigestInit_ex(state_->context.get(), sha256_digest(), nullptr) == 1);
}
Sha256::~Sha256() = default;
Sha256::Sha256(Sha256&&) noexcept = default;
Sha256& Sha256::operator=(Sha256&&) noexcept = default;

void Sha256::add(ByteView bytes) {
  require(EVP_DigestUpdate(state_->context.get(), bytes.data(), bytes.size()) == 1);
}

Hash256 Sha256::finish() {
  Hash256 hash;
  require(EVP_DigestFinal_ex(state_->context.get(), hash.data(), nullptr) == 1);
  return hash;
}

Hash256 sha256(ByteView bytes) {
  Hash256 hash;
  require(EVP_Digest(bytes.data(), bytes.size(), hash.data(), nullptr, sha256_digest(), nullptr) ==
          1);
  return hash;
}

PrivateKey::PrivateKey(const std::array<std::uint8_t, 32>& seed)
    : seed_(seed),
      key_(EVP_PKEY_new_raw_private_key(EVP_PKEY_ED25519, nullptr, seed.data(), seed.size()),
           EVP_PKEY_free) {
  require(key_ != nullptr);
}

PrivateKey PrivateKey::generate() {
  std::array<std::uint8_t, 32> seed{};
  fill_random(seed);
  return PrivateKey(seed);
}

PrivateKey PrivateKey::from_seed(const std::array<std::uint8_t, 32>& seed) {
  return PrivateKey(seed);
}

PublicKey PrivateKey::public_key() const {
  PublicKey result;
  std::size_t size = result.raw.size();
  require(EVP_PKEY_get_raw_public_key(key_.get(), result.raw.data(), &size) == 1);
  return result;
}

Signature PrivateKey::sign(ByteView message) const {
  const DigestHandle context(EVP_MD_CTX_new());
  require(context != nullptr);
  Signature signature;
  std::size_t size = signature.size();
  require(EVP_DigestSignInit(context.get(), nullptr, nullptr, nullptr, key_.get()) == 1);
  require(EVP_DigestSign(context.get(), signature.data(), &size, message.data(), message.size()) ==
          1);
  return signature;
}

bool verify(const PublicKey& key, ByteView message, ByteView signature) {
  const KeyHandle handle(
      EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, nullptr, key.raw.data(), key.raw.size()));
  const DigestHandle context(EVP_MD_CTX_new());
  if (!handle || !context) return false;
  return EVP_DigestVerifyInit(context.get(), nullptr, nullptr, nullptr, handle.get()) == 1 &&
         EVP_DigestVerify(context.get(), signature.data(), signature.size(), message.data(),
                          message.size()) == 1;
}

Result<PrivateKey> read_private_key(const fs::path& path) {
  auto raw = read_key_line(path);
  if (!raw) return std::move(raw).error();
  std::array<std::uint8_t, 32> seed{};
  std::copy(raw->begin(), raw->end(), seed.begin());
  return PrivateKey::from_seed(seed);
}

Result<PublicKey> read_public_key(const fs::path& path) {
  auto raw = read_key_line(path);
  if (!raw) return std::move(raw).error();
  PublicKey key;
  std::copy(raw->begin(), raw->end(), key.raw.begin());
  return key;
}

Status write_private_key(const fs::path& path, const PrivateKey& key) {
  return write_atomic(path, to_base64url(key.seed()) + "\n", 0600);
}

Status write_public_key(const fs::path& path, const PublicKey& key) {
  return write_atomic(path, to_base64url(key.raw) + "\n", 0644);
}

void fill_random(std::span<std::uint8_t> out) {
  require(RAND_bytes(out.data(), static_cast<int>(out.size())) == 1);
}

std::uint64_t random_u64() {
  std::array<std::uint8_t, 8> bytes;
  fill_random(bytes);
  return static_cast<std::uint64_t>(read_le64(bytes.data()));
}

bool equal_secrets(ByteView one, ByteView other) {
  return one.size() == other.size() && CRYPTO_memcmp(one.data(), other.data(), one.size()) == 0;
}

Hash256 hkdf(ByteView secret, ByteView info) {
  EVP_KDF* algorithm = EVP_KDF_fetch(nullptr, "HKDF", nullptr);
  EVP_KDF_CTX* context = EVP_KDF_CTX_new(algorithm);
  EVP_KDF_free(algorithm);
  require(context != nullptr);
  char digest[] = "SHA256";
  const OSSL_PARAM parameters[] = {
      OSSL_PARAM_construct_utf8_string("digest", digest, 0),
      OSSL_PARAM_construct_octet_string("key", const_cast<std::uint8_t*>(secret.data()),
                                        secret.size()),
      OSSL_PARAM_construct_octet_string("info", const_cast<std::uint8_t*>(info.data()),
                                        info.size()),
      OSSL_PARAM_construct_end()};
  Hash256 out;
  const int done = EVP_KDF_derive(context, out.data(), out.size(), parameters);
  EVP_KDF_CTX_free(context);
  require(done == 1);
  return out;
}

Hash256 hmac_sha256(ByteView key, ByteView message) {
  Hash256 out;
  unsigned size = 0;
  require(HMAC(EVP_sha256(), key.data(), static_cast<int>(key.size()), message.data(),
               message.size(), out.data(), &size) != nullptr);
  require(size == out.size());
  return out;
}

}  // namespace vitrine
