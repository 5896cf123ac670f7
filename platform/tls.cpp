#include "platform/tls.hpp"

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
