#include "enrol/book.hpp"

#include <algorithm>

#include "platform/crypto.hpp"

namespace vitrine {
namespace {

constexpr const char* kTables = R"(
CREATE TABLE IF NOT EXISTS token(
  hash TEXT PRIMARY KEY, screen TEXT NOT NULL, area INTEGER NOT NULL, zone TEXT NOT NULL,
  groups TEXT NOT NULL, until INTEGER NOT NULL, spent_on TEXT) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS issued(
  fingerprint TEXT PRIMARY KEY, serial TEXT NOT NULL, screen TEXT NOT NULL,
  key_hash TEXT NOT NULL, predecessor TEXT NOT NULL, pem TEXT NOT NULL, until INTEGER NOT NULL,
  seen INTEGER NOT NULL, revoked_at INTEGER NOT NULL) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS issued_screen ON issued(screen);
CREATE INDEX IF NOT EXISTS issued_revoked ON issued(revoked_at) WHERE revoked_at > 0;
)";

std::string hash_of(const std::string& secret) {
  return to_hex(sha256(as_bytes(secret)));
}

// Names hold no comma (base/ids.hpp).
std::string joined(const std::vector<std::string>& names) {
  std::string out;
  for (const auto& name : names) out += (out.empty() ? "" : ",") + name;
  return out;
}

std::vector<std::string> parted(const std::string& text) {
  std::vector<std::string> names;
  for (std::size_t from = 0; from < text.size();) {
    const auto comma = std::min(text.find(',', from), text.size());
    names.push_back(text.substr(from, comma - from));
    from = comma + 1;
  }
  return names;
}

}  // namespace

Result<Book> Book::open(const fs::path& path) {
  auto database = Database::open_owner(path);
  if (!database) return std::move(database).error();
  if (auto made = database->execute(kTables); !made) return std::move(made).error();
  return Book(*std::move(database));
}

Status Book::add_token(const std::string& secret, const Token& token) {
  auto insert = database_.prepare("INSERT INTO token VALUES(?1, ?2, ?3, ?4, ?5, ?6, NULL)");
  if (!insert) return std::move(insert).error();
  return insert->bind(1, hash_of(secret))
      .bind(2, token.screen)
      .bind(3, std::int64_t{token.area})
      .bind(4, token.zone)
      .bind(5, joined(token.groups))
      .bind(6, token.until)
      .run();
}

Result<std::optional<Token>> Book::token(const std::string& secret) {
  const std::string hash = hash_of(secret);
  auto query = database_.prepare(
      "SELECT screen, area, zone, groups, until, spent_on, hash FROM token WHERE hash = ?1");
  if (!query) return std::move(query).error();
  auto row = query->bind(1, hash).step();
  if (!row) return std::move(row).error();
  // How long the look-up took tells of the hash and thus nothing of the secret; the answer itself
  // is compared in constant time.
  if (!*row || !equal_secrets(as_bytes(query->text(6)), as_bytes(hash)))
    return std::optional<Token>();
  Token token;
  token.screen = query->text(0);
  token.area = static_cast<AreaId>(query->integer(1));
  token.zone = query->text(2);
  token.groups = parted(query->text(3));
  token.until = query->integer(4);
  if (!query->is_null(5)) token.spent_on = query->text(5);
  return std::optional<Token>(std::move(token));
}

Status Book::spend_token(const std::string& secret, const std::string& fingerprint) {
  auto update = database_.prepare("UPDATE token SET spent_on = ?2 WHERE hash = ?1");
  if (!update) return std::move(update).error();
  return update->bind(1, hash_of(secret)).bind(2, fingerprint).run();
}

Status Book::drop_tokens(const ScreenId& screen) {
  auto remove = database_.prepare("DELETE FROM token WHERE screen = ?1");
  if (!remove) return std::move(remove).error();
  return remove->bind(1, screen).run();
}

Status Book::add_issued(const Issued& issued) {
  auto insert = database_.prepare("INSERT INTO issued VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)");
  if (!insert) return std::move(insert).error();
  return insert->bind(1, issued.fingerprint)
      .bind(2, issued.serial)
      .bind(3, issued.screen)
      .bind(4, issued.key_hash)
      .bind(5, issued.predecessor)
      .bind(6, issued.pem)
      .bind(7, issued.until)
      .bind(8, std::int64_t{issued.seen})
      .bind(9, issued.revoked_at)
      .run();
}

Result<std::optional<Issued>> Book::issued(const std::string& fingerprint) {
  auto query = database_.prepare("SELECT * FROM issued WHERE fingerprint = ?1");
  if (!query) return std::move(query).error();
  auto row = query->bind(1, fingerprint).step();
  if (!row) return std::move(row).error();
  if (!*row) return std::optional<Issued>();
  return std::optional<Issued>(
      Issued{query->text(0), query->text(1), query->text(2), query->text(3), query->text(4),
             query->text(5), query->integer(6), query->integer(7) != 0, query->integer(8)});
}

Status Book::mark_seen(const std::string& fingerprint) {
  auto update = database_.prepare("UPDATE issued SET seen = 1 WHERE fingerprint = ?1");
  if (!update) return std::move(update).error();
  return update->bind(1, fingerprint).run();
}

Status Book::revoke(const std::string& fingerprint, std::int64_t now) {
  auto update = database_.prepare(
      "UPDATE issued SET revoked_at = ?2 WHERE fingerprint = ?1 AND revoked_at = 0");
  if (!update) return std::move(update).error();
  return update->bind(1, fingerprint).bind(2, now).run();
}

Status Book::revoke_screen(const ScreenId& screen, std::int64_t now) {
  auto update =
      database_.prepare("UPDATE issued SET revoked_at = ?2 WHERE screen = ?1 AND revoked_at = 0");
  if (!update) return std::move(update).error();
  return update->bind(1, screen).bind(2, now).run();
}

Result<std::vector<RevokedCertificate>> Book::revoked(const std::vector<ScreenId>& screens,
                                                      std::int64_t now) {
  std::vector<RevokedCertificate> out;
  const auto gather = [&](Statement& query, std::int64_t at) -> Status {
    for (;;) {
      auto row = query.step();
      if (!row) return std::move(row).error();
      if (!*row) return ok();
      out.push_back({query.text(0), at != 0 ? at : query.integer(1)});
    }
  };
  auto own = database_.prepare(
      "SELECT serial, revoked_at FROM issued WHERE revoked_at > 0 AND until >= ?1");
  if (!own) return std::move(own).error();
  if (auto done = gather(own->bind(1, now), 0); !done) return std::move(done).error();
  auto of_screen = database_.prepare(
      "SELECT serial FROM issued WHERE screen = ?1 AND revoked_at = 0 AND until >= ?2");
  if (!of_screen) return std::move(of_screen).error();
  for (const ScreenId& screen : screens) {
    if (auto done = gather(of_screen->bind(1, screen).bind(2, now), now); !done)
      return std::move(done).error();
  }
  return out;
}

Status Book::forget(std::int64_t before) {
  for (const char* sql :
       {"DELETE FROM token WHERE until < ?1", "DELETE FROM issued WHERE until < ?1"}) {
    auto remove = database_.prepare(sql);
    if (!remove) return std::move(remove).error();
    if (auto done = remove->bind(1, before).run(); !done) return done;
  }
  return ok();
}

}  // namespace vitrine
