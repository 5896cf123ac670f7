#include "platform/certificate.hpp"

#include <openssl/bn.h>
#include <openssl/ec.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include <cstdlib>
#include <ctime>

#include "platform/crypto.hpp"

namespace vitrine {
namespace {

template <auto Free>
struct Deleter {
  template <class T>
  void operator()(T* thing) const {
    Free(thing);
  }
};
template <class T, auto Free>
using Handle = std::unique_ptr<T, Deleter<Free>>;
using Bio = Handle<BIO, BIO_free>;
using Time = Handle<ASN1_TIME, ASN1_TIME_free>;
using Number = Handle<BIGNUM, BN_free>;
using DigestContext = Handle<EVP_MD_CTX, EVP_MD_CTX_free>;

// As in crypto.cpp: what fails here fails for want of memory or of a provider.
void must(bool done) {
  if (!done) std::abort();
}

Bio read_bio(const std::string& text) {
  Bio bio(BIO_new_mem_buf(text.data(), static_cast<int>(text.size())));
  must(bio != nullptr);
  return bio;
}

std::string text_of(BIO* bio) {
  char* data = nullptr;
  const long size = BIO_get_mem_data(bio, &data);
  return {data, static_cast<std::size_t>(size)};
}

// A key file in a stranger's hands could ask for a pass phrase on the terminal.
int no_passphrase(char*, int, int, void*) {
  return -1;
}

bool is_p256(EVP_PKEY* key) {
  char group[64] = "";
  std::size_t size = 0;
  return EVP_PKEY_get_base_id(key) == EVP_PKEY_EC &&
         EVP_PKEY_get_group_name(key, group, sizeof group, &size) == 1 &&
         std::string_view(group) == "prime256v1";
}

Hash256 hash_of_key(EVP_PKEY* key) {
  unsigned char* der = nullptr;
  const int size = i2d_PUBKEY(key, &der);
  must(size > 0);
  const Hash256 hash = sha256({der, static_cast<std::size_t>(size)});
  OPENSSL_free(der);
  return hash;
}

Time time_of(std::int64_t at) {
  Time time(ASN1_TIME_adj(nullptr, static_cast<std::time_t>(at), 0, 0));
  must(time != nullptr);
  return time;
}

std::int64_t seconds_of(const ASN1_TIME* time) {
  std::tm parts{};
  must(ASN1_TIME_to_tm(time, &parts) == 1);
  return static_cast<std::int64_t>(::timegm(&parts));
}

void set_name(X509_NAME* name, const std::string& common_name) {
  must(X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_UTF8,
                                  reinterpret_cast<const unsigned char*>(common_name.c_str()), -1,
                                  -1, 0) == 1);
}

void add_extension(X509* certificate, X509* issuer, int id, const char* value) {
  X509V3_CTX context;
  X509V3_set_ctx_nodb(&context);
  X509V3_set_ctx(&context, issuer, certificate, nullptr, nullptr, 0);
  const Handle<X509_EXTENSION, X509_EXTENSION_free> extension(
      X509V3_EXT_conf_nid(nullptr, &context, id, value));
  must(extension != nullptr && X509_add_ext(certificate, extension.get(), -1) == 1);
}

std::shared_ptr<X509> new_certificate(std::int64_t from, std::int64_t until) {
  std::shared_ptr<X509> x509(X509_new(), X509_free);
  std::array<std::uint8_t, 16> serial;
  fill_random(serial);
  serial[0] &= 0x7f;  // a serial is positive
  const Number number(BN_bin2bn(serial.data(), static_cast<int>(serial.size()), nullptr));
  must(x509 && number);
  must(X509_set_version(x509.get(), X509_VERSION_3) == 1);
  must(BN_to_ASN1_INTEGER(number.get(), X509_get_serialNumber(x509.get())) != nullptr);
  must(X509_set1_notBefore(x509.get(), time_of(from).get()) == 1);
  must(X509_set1_notAfter(x509.get(), time_of(until).get()) == 1);
  return x509;
}

}  // namespace

TlsKey TlsKey::generate() {
  char curve[] = "P-256";
  std::shared_ptr<EVP_PKEY> key(EVP_PKEY_Q_keygen(nullptr, nullptr, "EC", curve), EVP_PKEY_free);
  must(key != nullptr);
  return TlsKey(std::move(key));
}

Result<TlsKey> TlsKey::from_pem(const std::string& pem) {
  std::shared_ptr<EVP_PKEY> key(
      PEM_read_bio_PrivateKey(read_bio(pem).get(), nullptr, no_passphrase, nullptr), EVP_PKEY_free);
  ERR_clear_error();
  if (!key || !is_p256(key.get()))
    return fail(ErrorCode::invalid, "no private key of the curve P-256");
  return TlsKey(std::move(key));
}

std::string TlsKey::pem() const {
  const Bio bio(BIO_new(BIO_s_mem()));
  must(PEM_write_bio_PrivateKey(bio.get(), key_.get(), nullptr, nullptr, 0, nullptr, nullptr) == 1);
  return text_of(bio.get());
}

Bytes TlsKey::sign(ByteView message) const {
  const DigestContext context(EVP_MD_CTX_new());
  must(EVP_DigestSignInit(context.get(), nullptr, EVP_sha256(), nullptr, key_.get()) == 1);
  std::size_t size = 0;
  must(EVP_DigestSign(context.get(), nullptr, &size, message.data(), message.size()) == 1);
  Bytes signature(size);
  must(EVP_DigestSign(context.get(), signature.data(), &size, message.data(), message.size()) == 1);
  signature.resize(size);
  return signature;
}

std::string TlsKey::signing_request(const std::string& common_name) const {
  const Handle<X509_REQ, X509_REQ_free> request(X509_REQ_new());
  must(request != nullptr);
  set_name(X509_REQ_get_subject_name(request.get()), common_name);
  must(X509_REQ_set_pubkey(request.get(), key_.get()) == 1);
  must(X509_REQ_sign(request.get(), key_.get(), EVP_sha256()) > 0);
  const Bio bio(BIO_new(BIO_s_mem()));
  must(PEM_write_bio_X509_REQ(bio.get(), request.get()) == 1);
  return text_of(bio.get());
}

Result<SigningRequest> SigningRequest::from_pem(const std::string& pem) {
  const Handle<X509_REQ, X509_REQ_free> request(
      PEM_read_bio_X509_REQ(read_bio(pem).get(), nullptr, no_passphrase, nullptr));
  std::shared_ptr<EVP_PKEY> key(request ? X509_REQ_get_pubkey(request.get()) : nullptr,
                                EVP_PKEY_free);
  ERR_clear_error();
  if (!key) return fail(ErrorCode::invalid, "no signing request");
  if (!is_p256(key.get()))
    return fail(ErrorCode::invalid, "the key of the signing request is not of the curve P-256");
  const bool own = X509_REQ_verify(request.get(), key.get()) == 1;
  ERR_clear_error();
  if (!own) return fail(ErrorCode::denied, "the signing request is not signed by its own key");
  return SigningRequest(std::move(key));
}

Hash256 SigningRequest::key_hash() const {
  return hash_of_key(key_.get());
}

Result<Certificate> Certificate::from_pem(const std::string& pem) {
  std::shared_ptr<X509> x509(
      PEM_read_bio_X509(read_bio(pem).get(), nullptr, no_passphrase, nullptr), X509_free);
  const bool usable = x509 && X509_get0_pubkey(x509.get()) != nullptr &&
                      ASN1_TIME_check(X509_get0_notBefore(x509.get())) == 1 &&
                      ASN1_TIME_check(X509_get0_notAfter(x509.get())) == 1;
  ERR_clear_error();
  if (!usable) return fail(ErrorCode::invalid, "no certificate");
  return Certificate(std::move(x509));
}

std::string Certificate::pem() const {
  const Bio bio(BIO_new(BIO_s_mem()));
  must(PEM_write_bio_X509(bio.get(), x509_.get()) == 1);
  return text_of(bio.get());
}

std::string Certificate::common_name() const {
  const X509_NAME* name = X509_get_subject_name(x509_.get());
  const int at = X509_NAME_get_index_by_NID(name, NID_commonName, -1);
  if (at < 0) return {};
  unsigned char* text = nullptr;
  const int size =
      ASN1_STRING_to_UTF8(&text, X509_NAME_ENTRY_get_data(X509_NAME_get_entry(name, at)));
  if (size < 0) return {};
  std::string out(reinterpret_cast<const char*>(text), static_cast<std::size_t>(size));
  OPENSSL_free(text);
  return out;
}

std::string Certificate::fingerprint() const {
  Hash256 hash;
  unsigned size = 0;
  must(X509_digest(x509_.get(), EVP_sha256(), hash.data(), &size) == 1);
  return to_hex(hash);
}

std::string Certificate::serial() const {
  const Number number(ASN1_INTEGER_to_BN(X509_get0_serialNumber(x509_.get()), nullptr));
  must(number != nullptr);
  char* hex = BN_bn2hex(number.get());
  must(hex != nullptr);
  std::string out(hex);
  OPENSSL_free(hex);
  return out;
}

std::int64_t Certificate::valid_from() const {
  return seconds_of(X509_get0_notBefore(x509_.get()));
}

std::int64_t Certificate::valid_until() const {
  return seconds_of(X509_get0_notAfter(x509_.get()));
}

Hash256 Certificate::key_hash() const {
  return hash_of_key(X509_get0_pubkey(x509_.get()));
}

bool Certificate::verify(ByteView message, ByteView signature) const {
  const DigestContext context(EVP_MD_CTX_new());
  const bool good = EVP_DigestVerifyInit(context.get(), nullptr, EVP_sha256(), nullptr,
                                         X509_get0_pubkey(x509_.get())) == 1 &&
                    EVP_DigestVerify(context.get(), signature.data(), signature.size(),
                                     message.data(), message.size()) == 1;
  ERR_clear_error();
  return good;
}

bool Certificate::issued_by(const Certificate& authority) const {
  const bool good = X509_NAME_cmp(X509_get_issuer_name(x509_.get()),
                                  X509_get_subject_name(authority.x509_.get())) == 0 &&
                    X509_verify(x509_.get(), X509_get0_pubkey(authority.x509_.get())) == 1;
  ERR_clear_error();
  return good;
}

Result<Authority> Authority::from_pem(const std::string& certificate, const std::string& key) {
  auto own = Certificate::from_pem(certificate);
  if (!own) return std::move(own).error();
  auto secret = TlsKey::from_pem(key);
  if (!secret) return std::move(secret).error();
  if (X509_check_private_key(own->x509_.get(), secret->key_.get()) != 1) {
    ERR_clear_error();
    return fail(ErrorCode::invalid, "the key does not belong to the certificate");
  }
  return Authority(*std::move(own), *std::move(secret));
}

Authority Authority::create(const std::string& common_name, std::int64_t from, std::int64_t until) {
  TlsKey key = TlsKey::generate();
  std::shared_ptr<X509> x509 = new_certificate(from, until);
  set_name(X509_get_subject_name(x509.get()), common_name);
  must(X509_set_issuer_name(x509.get(), X509_get_subject_name(x509.get())) == 1);
  must(X509_set_pubkey(x509.get(), key.key_.get()) == 1);
  add_extension(x509.get(), x509.get(), NID_basic_constraints, "critical,CA:TRUE,pathlen:0");
  add_extension(x509.get(), x509.get(), NID_key_usage, "critical,keyCertSign,cRLSign");
  add_extension(x509.get(), x509.get(), NID_subject_key_identifier, "hash");
  must(X509_sign(x509.get(), key.key_.get(), EVP_sha256()) > 0);
  return Authority(Certificate(std::move(x509)), std::move(key));
}

Certificate Authority::issue(const SigningRequest& request, const std::string& common_name,
                             std::int64_t from, std::int64_t until) const {
  return certify(request, common_name, "clientAuth", "", from, until);
}

Certificate Authority::issue_server(const SigningRequest& request, const std::string& common_name,
                                    const std::vector<std::string>& names, std::int64_t from,
                                    std::int64_t until) const {
  std::string list;
  for (const auto& name : names) list += (list.empty() ? "" : ",") + name;
  return certify(request, common_name, "serverAuth", list, from, until);
}

Certificate Authority::certify(const SigningRequest& request, const std::string& common_name,
                               const std::string& use, const std::string& names, std::int64_t from,
                               std::int64_t until) const {
  std::shared_ptr<X509> x509 = new_certificate(from, until);
  X509* issuer = certificate_.x509_.get();
  set_name(X509_get_subject_name(x509.get()), common_name);
  must(X509_set_issuer_name(x509.get(), X509_get_subject_name(issuer)) == 1);
  must(X509_set_pubkey(x509.get(), request.key_.get()) == 1);
  add_extension(x509.get(), issuer, NID_basic_constraints, "critical,CA:FALSE");
  add_extension(x509.get(), issuer, NID_key_usage, "critical,digitalSignature");
  add_extension(x509.get(), issuer, NID_ext_key_usage, use.c_str());
  if (!names.empty()) add_extension(x509.get(), issuer, NID_subject_alt_name, names.c_str());
  must(X509_sign(x509.get(), key_.key_.get(), EVP_sha256()) > 0);
  return Certificate(std::move(x509));
}

std::string Authority::revocation_list(const std::vector<RevokedCertificate>& revoked,
                                       std::int64_t now, std::int64_t next) const {
  const Handle<X509_CRL, X509_CRL_free> list(X509_CRL_new());
  must(list != nullptr && X509_CRL_set_version(list.get(), X509_CRL_VERSION_2) == 1);
  must(X509_CRL_set_issuer_name(list.get(), X509_get_subject_name(certificate_.x509_.get())) == 1);
  must(X509_CRL_set1_lastUpdate(list.get(), time_of(now).get()) == 1);
  must(X509_CRL_set1_nextUpdate(list.get(), time_of(next).get()) == 1);
  for (const RevokedCertificate& one : revoked) {
    BIGNUM* raw = nullptr;
    must(BN_hex2bn(&raw, one.serial.c_str()) > 0);
    const Number number(raw);
    const Handle<ASN1_INTEGER, ASN1_INTEGER_free> serial(BN_to_ASN1_INTEGER(number.get(), nullptr));
    Handle<X509_REVOKED, X509_REVOKED_free> entry(X509_REVOKED_new());
    must(serial && entry && X509_REVOKED_set_serialNumber(entry.get(), serial.get()) == 1);
    must(X509_REVOKED_set_revocationDate(entry.get(), time_of(one.revoked_at).get()) == 1);
    must(X509_CRL_add0_revoked(list.get(), entry.release()) == 1);
  }
  must(X509_CRL_sort(list.get()) == 1);
  must(X509_CRL_sign(list.get(), key_.key_.get(), EVP_sha256()) > 0);
  const Bio bio(BIO_new(BIO_s_mem()));
  must(PEM_write_bio_X509_CRL(bio.get(), list.get()) == 1);
  return text_of(bio.get());
}

}  // namespace vitrine
