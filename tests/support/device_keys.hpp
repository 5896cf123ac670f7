// What a device holds when it asks for its certificate, and the questions it makes of it.
#pragma once

#include "platform/certificate.hpp"
#include "platform/crypto.hpp"
#include "protocol/enrolment.hpp"

namespace vitrine::testing {

struct DeviceKeys {
  TlsKey tls = TlsKey::generate();
  PrivateKey proof = PrivateKey::generate();

  EnrolRequest enrol(const std::string& token) const {
    const auto key = proof.public_key().raw;
    return {token, tls.signing_request("x"), Bytes(key.begin(), key.end())};
  }
  // For `next`, by the key in use.
  RenewRequest renew(const std::string& certificate, const TlsKey& next) const {
    RenewRequest request{next.signing_request("x"), certificate, {}};
    request.signature = tls.sign(as_bytes(renewal_text(request.csr)));
    return request;
  }
  SeenRequest seen(const std::string& certificate) const {
    return {certificate,
            tls.sign(as_bytes(seen_text(Certificate::from_pem(certificate)->fingerprint())))};
  }
};

}  // namespace vitrine::testing
