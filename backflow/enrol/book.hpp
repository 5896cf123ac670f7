// enrol.db: the tokens given out and the certificates issued, the memory of vitrine-enrol and of
// `vitrine token`. Who a screen is and whether it is revoked stands in registry.json, not here.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/ids.hpp"
#include "platform/certificate.hpp"
#include "platform/sqlite.hpp"

namespace vitrine {

struct Token {
  ScreenId screen;
  AreaId area = 0;
  std::string zone;
  std::vector<std::string> groups;
  std::int64_t until = 0;  // seconds since 1970
  // Set once it is spent: what it was spent on. Asking again with the same keys is answered again.
  std::optional<std::string> spent_on;  // fingerprint
};

struct Issued {
  std::string fingerprint;
  std::string serial;
  ScreenId screen;
  std::string key_hash;     // hex
  std::string predecessor;  // fingerprint of the certificate it renews; empty: of a token
  std::string pem;
  std::int64_t until = 0;
  bool seen = false;            // the screen has shown that it holds it
  std::int64_t revoked_at = 0;  // 0: not by itself; its screen may be all the same
};

class Book {
 public:
  static Result<Book> open(const fs::path& path);

  // Everything between begin and commit happens at once or not at all, and no other process writes
  // meanwhile: this is the lock of registry.json too.
  Result<Transaction> begin() { return Transaction::begin(database_); }

  // `secret` is stored as its SHA-256 only.
  Status add_token(const std::string& secret, const Token& token);
  Result<std::optional<Token>> token(const std::string& secret);
  Status drop_tokens(const ScreenId& screen);
  Status spend_token(const std::string& secret, const std::string& fingerprint);

  Status add_issued(const Issued& issued);
  Result<std::optional<Issued>> issued(const std::string& fingerprint);
  Status mark_seen(const std::string& fingerprint);
  Status revoke(const std::string& fingerprint, std::int64_t now);
  // All of the screen that are not revoked yet.
  Status revoke_screen(const ScreenId& screen, std::int64_t now);

  // Certificates that no broker may take although they have not run out by `now`: their own row
  // says so, or `screens` names their screen.
  Result<std::vector<RevokedCertificate>> revoked(const std::vector<ScreenId>& screens,
                                                  std::int64_t now);
  // Tokens and certificates that have run out before `before` are of no use to anybody.
  Status forget(std::int64_t before);

 private:
  explicit Book(Database database) : database_(std::move(database)) {}
  Database database_;
};

}  // namespace vitrine
