#include "platform/tls.hpp"

#include <openssl/ssl.h>

namespace vitrine {

void set_certificate_time(void* ssl_ctx, CertificateTime at) {
  X509_VERIFY_PARAM* rules = SSL_CTX_get0_param(static_cast<SSL_CTX*>(ssl_ctx));
  if (!at.check) {
    X509_VERIFY_PARAM_set_flags(rules, X509_V_FLAG_NO_CHECK_TIME);
  } else if (at.utc_s > 0) {
    X509_VERIFY_PARAM_set_time(rules, static_cast<time_t>(at.utc_s));
  }
}

std::shared_ptr<void> make_tls_context(CertificateTime at) {
  SSL_CTX* context = SSL_CTX_new(TLS_client_method());
  if (context == nullptr) return nullptr;
  set_certificate_time(context, at);
  return {context, [](void* made) { SSL_CTX_free(static_cast<SSL_CTX*>(made)); }};
}

}  // namespace vitrine
