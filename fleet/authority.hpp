// A certificate authority of the fleet's own, with its files: for measuring only, its key is
// written nowhere and a new preparation makes a new authority.
#pragma once

#include <string>

#include "base/result.hpp"
#include "platform/certificate.hpp"
#include "platform/file.hpp"

namespace vitrine::fleet {

class FleetAuthority {
 public:
  // Writes ca.pem in `directory`, which must exist. `now_s`: seconds since 1970.
  static Result<FleetAuthority> make(fs::path directory, std::int64_t now_s);

  enum class Use { client, server };  // a server stands on 127.0.0.1
  // Writes NAME.pem and NAME.key; returns the SHA-256 of the certificate's DER as hex.
  Result<std::string> issue(const std::string& name, Use use) const;

 private:
  FleetAuthority(fs::path directory, Authority authority, std::int64_t from)
      : directory_(std::move(directory)), authority_(std::move(authority)), from_(from) {}
  fs::path directory_;
  Authority authority_;
  std::int64_t from_;
};

}  // namespace vitrine::fleet
