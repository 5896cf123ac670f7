// X.509 for enrolment, the other half of what platform/ does with OpenSSL: P-256 keys, signing
// requests (PKCS #10), certificates and a small authority that issues and revokes them. Everything
// travels as PEM text. Values are immutable and may be shared between threads; times are seconds
// since 1970.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "base/bytes.hpp"
#include "base/result.hpp"

struct x509_st;
struct evp_pkey_st;

namespace vitrine {

// The private key of a TLS identity. It never leaves the device that generated it.
class TlsKey {
 public:
  static TlsKey generate();
  static Result<TlsKey> from_pem(const std::string& pem);
  std::string pem() const;
  // ECDSA with SHA-256, DER.
  Bytes sign(ByteView message) const;
  // A PKCS #10 request for this key, PEM; proves that the asker holds the key.
  std::string signing_request(const std::string& common_name) const;

 private:
  friend class Authority;
  explicit TlsKey(std::shared_ptr<evp_pkey_st> key) : key_(std::move(key)) {}
  std::shared_ptr<evp_pkey_st> key_;
};

// A request whose own signature holds and whose key is P-256; all else that it says is ignored.
class SigningRequest {
 public:
  static Result<SigningRequest> from_pem(const std::string& pem);
  // SHA-256 of the public key (SubjectPublicKeyInfo): two requests for one key agree in it.
  Hash256 key_hash() const;

 private:
  friend class Authority;
  explicit SigningRequest(std::shared_ptr<evp_pkey_st> key) : key_(std::move(key)) {}
  std::shared_ptr<evp_pkey_st> key_;
};

class Certificate {
 public:
  // The first certificate of the text.
  static Result<Certificate> from_pem(const std::string& pem);
  std::string pem() const;
  std::string common_name() const;
  std::string fingerprint() const;  // SHA-256 of the DER, hex
  std::string serial() const;       // hex
  std::int64_t valid_from() const;
  std::int64_t valid_until() const;
  Hash256 key_hash() const;  // as SigningRequest::key_hash
  // `signature` is of `message` by this certificate's key.
  bool verify(ByteView message, ByteView signature) const;
  // Signed by the key of `authority` and naming it; says nothing about times and revocation.
  bool issued_by(const Certificate& authority) const;

 private:
  friend class Authority;
  explicit Certificate(std::shared_ptr<x509_st> x509) : x509_(std::move(x509)) {}
  std::shared_ptr<x509_st> x509_;
};

struct RevokedCertificate {
  std::string serial;  // hex
  std::int64_t revoked_at = 0;
};

class Authority {
 public:
  // `invalid` when the key is not the certificate's.
  static Result<Authority> from_pem(const std::string& certificate, const std::string& key);
  // A new self-signed one, for tests and first installations.
  static Authority create(const std::string& common_name, std::int64_t from, std::int64_t until);

  const Certificate& certificate() const { return certificate_; }
  std::string key_pem() const { return key_.pem(); }
  // For a client named `common_name`: digitalSignature, clientAuth, no CA; a random serial.
  Certificate issue(const SigningRequest& request, const std::string& common_name,
                    std::int64_t from, std::int64_t until) const;
  // For a server: serverAuth, and the names and addresses it answers to ("DNS:host", "IP:1.2.3.4").
  Certificate issue_server(const SigningRequest& request, const std::string& common_name,
                           const std::vector<std::string>& names, std::int64_t from,
                           std::int64_t until) const;
  // The revocation list, PEM, signed now. A list that is overdue makes its readers refuse
  // everybody, so `next` is a promise to have written another one by then.
  std::string revocation_list(const std::vector<RevokedCertificate>& revoked, std::int64_t now,
                              std::int64_t next) const;

 private:
  Certificate certify(const SigningRequest& request, const std::string& common_name,
                      const std::string& use, const std::string& names, std::int64_t from,
                      std::int64_t until) const;
  Authority(Certificate certificate, TlsKey key)
      : certificate_(std::move(certificate)), key_(std::move(key)) {}
  Certificate certificate_;
  TlsKey key_;
};

}  // namespace vitrine
