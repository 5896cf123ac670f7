// telemetry/tls/{ca,cert,key}.pem, and how they change: the next pair grows in telemetry/tls.new
// and takes their place by one swap of the two directories. A power cut at any moment leaves a
// pair that belongs together. Written by telemetry, the first time by `vitrine enrol`.
#pragma once

#include <string>

#include "platform/certificate.hpp"
#include "state/paths.hpp"

namespace vitrine {

class TlsIdentity {
 public:
  explicit TlsIdentity(const StatePaths& paths) : paths_(paths) {}

  Result<Certificate> certificate() const;
  Result<TlsKey> key() const;

  // The key that waits for its certificate; made, durably, when there is none. After a lost answer
  // it is the same key, so that the question is the same.
  Result<TlsKey> next_key() const;
  // Both PEM. The certificate must be of the waiting key. `renewed` leaves a note that the server
  // has not heard of its arrival yet.
  Status install(const std::string& certificate, const std::string& authority, bool renewed) const;

  bool to_be_seen() const;
  Status mark_seen() const;

 private:
  fs::path note() const { return paths_.tls_key().parent_path() / "unseen"; }
  StatePaths paths_;
};

}  // namespace vitrine
