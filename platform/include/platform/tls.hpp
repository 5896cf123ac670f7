// By which clock the certificates of a TLS link are checked. A screen whose system clock is wrong
// must still reach its servers: it checks at the time telemetry was told, or, when nobody has told
// it any, leaves the times out. Chain and name are checked in every case.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "base/result.hpp"
#include "platform/file.hpp"

namespace vitrine {

struct CertificateTime {
  bool check = true;       // false: "not yet valid" and "expired" are no reason to refuse
  std::int64_t utc_s = 0;  // seconds since 1970 at which they must be valid; 0: the system clock
};

// `ssl_ctx` is an OpenSSL SSL_CTX* that another library made (libcurl's CURLOPT_SSL_CTX_FUNCTION).
void set_certificate_time(void* ssl_ctx, CertificateTime at);

// A client SSL_CTX* for libmosquitto's MOSQ_OPT_SSL_CTX, which keeps a reference of its own; null
// when there is no memory for it. It checks chain, time and `host` (a name or an address) itself:
// libmosquitto 2.0.11 checks the name in a callback that refuses everything as long as no link of
// the process has been made without a context from outside.
std::shared_ptr<void> make_tls_context(CertificateTime at, const std::string& host);

// When the first certificate in a PEM file ends to be valid, in seconds since 1970.
Result<std::int64_t> certificate_end(const fs::path& pem);

}  // namespace vitrine
