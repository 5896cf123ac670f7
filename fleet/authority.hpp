// A certificate authority of the fleet's own: P-256, SHA-256, common name = identity. One call of
// the library a certificate, because five thousand runs of a command would take minutes. For
// measuring only: its key lies beside the certificates it signs.
#pragma once

#include <memory>
#include <string>

#include "base/result.hpp"
#include "platform/file.hpp"

struct evp_pkey_st;
struct x509_st;

namespace vitrine::fleet {

class Authority {
 public:
  // Draws a key and signs its own certificate, ca.pem in `directory`, which must exist. The key is
  // written nowhere: a new preparation makes a new authority.
  static Result<Authority> make(fs::path directory);

  enum class Use { client, server };  // a server stands on 127.0.0.1
  // Writes NAME.pem and NAME.key; returns the SHA-256 of the certificate's DER as hex.
  Result<std::string> issue(const std::string& name, Use use);

  fs::path certificate_file() const { return directory_ / "ca.pem"; }
  fs::path certificate_file(const std::string& name) const { return directory_ / (name + ".pem"); }
  fs::path key_file(const std::string& name) const { return directory_ / (name + ".key"); }

 private:
  explicit Authority(fs::path directory) : directory_(std::move(directory)) {}
  fs::path directory_;
  std::shared_ptr<evp_pkey_st> key_;
  std::shared_ptr<x509_st> certificate_;
  long serial_ = 1;
};

}  // namespace vitrine::fleet
