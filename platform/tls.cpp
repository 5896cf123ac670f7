#include "platform/tls.hpp"

#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509_vfy.h>

namespace vitrine {
namespace {

// OpenSSL's own rules, host name included, in place of whatever callback was set later.
int verify_by_the_rules(X509_STORE_CTX* chain, void*) {
  X509_STORE_CTX_set_verify_cb(chain, [](int good, X509_STORE_CTX*) { return good; });
  return X509_verify_cert(chain);
}

}  // namespace

void set_certificate_time(void* ssl_ctx, CertificateTime at) {
  X509_VERIFY_PARAM* rules = SSL_CTX_get0_param(static_cast<SSL_CTX*>(ssl_ctx));
  if (!at.check) {
    X509_VERIFY_PARAM_set_flags(rules, X509_V_FLAG_NO_CHECK_TIME);
  } else if (at.utc_s > 0) {
    X509_VERIFY_PARAM_set_time(rules, static_cast<time_t>(at.utc_s));
  }
}

Result<std::int64_t> certificate_end(const fs::path& pem) {
  auto text = read_text(pem, 1024 * 1024);
  if (!text) return std::move(text).error();
  const std::unique_ptr<BIO, decltype(&BIO_free)> source(
      BIO_new_mem_buf(text->data(), static_cast<int>(text->size())), BIO_free);
  const std::unique_ptr<X509, decltype(&X509_free)> certificate(
      PEM_read_bio_X509(source.get(), nullptr, nullptr, nullptr), X509_free);
  int days = 0, seconds = 0;
  const std::unique_ptr<ASN1_TIME, decltype(&ASN1_TIME_free)> epoch(ASN1_TIME_set(nullptr, 0),
                                                                    ASN1_TIME_free);
  if (!certificate ||
      ASN1_TIME_diff(&days, &seconds, epoch.get(), X509_get0_notAfter(certificate.get())) != 1) {
    return fail(ErrorCode::corrupt, pem.string() + " is no certificate in PEM");
  }
  return std::int64_t{days} * 86'400 + seconds;
}

std::shared_ptr<void> make_tls_context(CertificateTime at, const std::string& host) {
  SSL_CTX* context = SSL_CTX_new(TLS_client_method());
  if (context == nullptr) return nullptr;
  std::shared_ptr<void> owned(context,
                              [](void* made) { SSL_CTX_free(static_cast<SSL_CTX*>(made)); });
  set_certificate_time(context, at);
  X509_VERIFY_PARAM* rules = SSL_CTX_get0_param(context);
  if (X509_VERIFY_PARAM_set1_ip_asc(rules, host.c_str()) != 1 &&
      X509_VERIFY_PARAM_set1_host(rules, host.c_str(), host.size()) != 1) {
    return nullptr;
  }
  SSL_CTX_set_cert_verify_callback(context, verify_by_the_rules, nullptr);
  return owned;
}

}  // namespace vitrine
