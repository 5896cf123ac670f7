// A small HTTPS POST by libcurl, for enrolment and renewal.
#pragma once

#include <atomic>
#include <string>

#include "base/result.hpp"
#include "platform/tls.hpp"

namespace vitrine {

struct HttpsPost {
  std::string url;        // https only; redirects are not followed
  std::string body;       // JSON
  std::string authority;  // PEM file: this CA and no other; empty: those of the system
  CertificateTime certificate_time = {};    // by the system clock unless told otherwise
  const std::atomic<bool>* stop = nullptr;  // gives up soon after this turns true
};
struct HttpsAnswer {
  long status = 0;
  std::string body;  // at most 1 MiB; more is an error
};

// Blocks, at most 30 s. `unavailable`: nobody answered; any answer at all is one.
Result<HttpsAnswer> https_post(const HttpsPost& request);

}  // namespace vitrine
