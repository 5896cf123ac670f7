#include "authority.hpp"

#include <openssl/bio.h>
#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include "platform/crypto.hpp"

namespace vitrine::fleet {
namespace {

constexpr long kLifeSeconds = 30L * 24 * 3600;

using Key = std::shared_ptr<EVP_PKEY>;
using Certificate = std::shared_ptr<X509>;

Key new_key() {
  return Key(EVP_EC_gen("P-256"), EVP_PKEY_free);
}

// Everything but the signature. Returns nothing when OpenSSL refuses a part.
Certificate draft(const std::string& name, EVP_PKEY* key, long serial) {
  Certificate made(X509_new(), X509_free);
  X509_NAME* subject = made ? X509_get_subject_name(made.get()) : nullptr;
  const auto* text = reinterpret_cast<const unsigned char*>(name.c_str());
  const bool done = subject != nullptr && X509_set_version(made.get(), 2) == 1 &&
                    ASN1_INTEGER_set(X509_get_serialNumber(made.get()), serial) == 1 &&
                    X509_gmtime_adj(X509_getm_notBefore(made.get()), -3600) != nullptr &&
                    X509_gmtime_adj(X509_getm_notAfter(made.get()), kLifeSeconds) != nullptr &&
                    X509_NAME_add_entry_by_txt(subject, "CN", MBSTRING_ASC, text, -1, -1, 0) == 1 &&
                    X509_set_pubkey(made.get(), key) == 1;
  return done ? made : nullptr;
}

bool extend(X509* certificate, int what, const char* value) {
  X509_EXTENSION* extension = X509V3_EXT_conf_nid(nullptr, nullptr, what, value);
  const bool added = extension != nullptr && X509_add_ext(certificate, extension, -1) == 1;
  X509_EXTENSION_free(extension);
  return added;
}

// Runs `write` on a buffer and returns what it wrote.
template <class Write>
std::string written(Write write) {
  const std::unique_ptr<BIO, decltype(&BIO_free)> buffer(BIO_new(BIO_s_mem()), BIO_free);
  if (!buffer || write(buffer.get()) != 1) return "";
  char* text = nullptr;
  const long size = BIO_get_mem_data(buffer.get(), &text);
  return std::string(text, static_cast<std::size_t>(size));
}

std::string certificate_pem(X509* certificate) {
  return written([&](BIO* to) { return PEM_write_bio_X509(to, certificate); });
}

std::string key_pem(EVP_PKEY* key) {
  return written([&](BIO* to) {
    return PEM_write_bio_PrivateKey(to, key, nullptr, nullptr, 0, nullptr, nullptr);
  });
}

Error refused(const std::string& what) {
  return fail(ErrorCode::internal, "OpenSSL cannot make " + what);
}

}  // namespace

Result<Authority> Authority::make(fs::path directory) {
  Authority authority(std::move(directory));
  authority.key_ = new_key();
  if (!authority.key_) return refused("a P-256 key");
  authority.certificate_ = draft("vitrine fleet authority", authority.key_.get(), 1);
  X509* made = authority.certificate_.get();
  if (made == nullptr || X509_set_issuer_name(made, X509_get_subject_name(made)) != 1 ||
      !extend(made, NID_basic_constraints, "critical,CA:TRUE") ||
      !extend(made, NID_key_usage, "critical,keyCertSign,cRLSign") ||
      X509_sign(made, authority.key_.get(), EVP_sha256()) == 0) {
    return refused("the authority's certificate");
  }
  // Not durable: prepared anew after a power cut.
  if (auto put = replace_volatile(authority.certificate_file(), certificate_pem(made)); !put)
    return std::move(put).error();
  return authority;
}

Result<std::string> Authority::issue(const std::string& name, Use use) {
  const Key key = new_key();
  const Certificate made = key ? draft(name, key.get(), ++serial_) : nullptr;
  const bool server = use == Use::server;
  if (!made || X509_set_issuer_name(made.get(), X509_get_subject_name(certificate_.get())) != 1 ||
      !extend(made.get(), NID_basic_constraints, "critical,CA:FALSE") ||
      !extend(made.get(), NID_ext_key_usage, server ? "serverAuth" : "clientAuth") ||
      (server && !extend(made.get(), NID_subject_alt_name, "IP:127.0.0.1,DNS:localhost")) ||
      X509_sign(made.get(), key_.get(), EVP_sha256()) == 0) {
    return refused("the certificate of " + name);
  }
  if (auto put = replace_volatile(key_file(name), key_pem(key.get())); !put)
    return std::move(put).error();
  if (auto put = replace_volatile(certificate_file(name), certificate_pem(made.get())); !put)
    return std::move(put).error();
  unsigned char* der = nullptr;
  const int size = i2d_X509(made.get(), &der);
  if (size <= 0) return refused("the DER of " + name);
  const std::string fingerprint = to_hex(sha256({der, static_cast<std::size_t>(size)}));
  OPENSSL_free(der);
  return fingerprint;
}

}  // namespace vitrine::fleet
