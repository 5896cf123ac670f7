// What operators want on the screens, without the network: checks a pushed document, archives it,
// and says what must (again) be retained at the broker. The archive is the truth; what the broker
// retains is a copy that it may forget.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "backflow/backend_config.hpp"
#include "base/time.hpp"
#include "protocol/documents.hpp"
#include "protocol/envelope.hpp"
#include "protocol/registry.hpp"

namespace vitrine {

// Signed documents on disk: by-hash/<sha256>.jws for ever, current/<kind>/<screen|group>-<name> the
// newest of each.
class DocumentArchive {
 public:
  static Result<DocumentArchive> open(const fs::path& directory);
  // Durable when it returns: first by its hash, then as the current one.
  Status keep(const SignedDocument& document);
  // nullptr when nothing of this kind was ever accepted for this audience.
  const SignedDocument* current(DocumentKind kind, const Audience& audience) const;
  std::vector<const SignedDocument*> all() const;

 private:
  explicit DocumentArchive(fs::path directory) : directory_(std::move(directory)) {}

  fs::path directory_;
  std::map<std::pair<DocumentKind, Audience>, SignedDocument> current_;
};

struct RetainedDocument {
  std::string topic;
  std::string jws;
};

class Desired {
 public:
  // `root` checks trust documents that are pushed. A trust document in the archive that is newer
  // than `trust` wins.
  static Result<Desired> open(const fs::path& archive, VerifiedTrust trust, const PublicKey& root);

  struct Verdict {
    PushReply reply;
    std::optional<RetainedDocument> retain;  // when accepted
  };
  // One push. Refused: wrong signature or scope, a version not above the last accepted one, a
  // payload that breaks its schema. The same bytes again are accepted again, because a reply may
  // get lost.
  Verdict push(std::string_view jws, std::int64_t now_utc_s);

  // Everything, for a broker that may have forgotten.
  std::vector<RetainedDocument> everything() const;
  // What `screen` misses, by its birth (it may never have reported) or by its report. A document is
  // named at most once in 30 s of `now` for each screen: a screen that cannot take it must not turn
  // the link into a loop.
  std::vector<RetainedDocument> on_birth(const RegisteredScreen& screen, Micros now);
  std::vector<RetainedDocument> on_reported(const RegisteredScreen& screen,
                                            const Reported& reported, Micros now);

 private:
  Desired(DocumentArchive archive, VerifiedTrust trust, const PublicKey& root);
  Result<SignedDocument> check(std::string_view jws, std::int64_t now_utc_s) const;
  std::vector<RetainedDocument> missing(const RegisteredScreen& screen, Micros now);

  using DocumentName = std::pair<std::string, std::string>;  // kind, audience
  DocumentArchive archive_;
  VerifiedTrust trust_;
  PublicKey root_;
  std::map<ScreenId, std::map<DocumentName, std::uint64_t>> reported_;  // version
  std::map<std::pair<ScreenId, DocumentName>, Micros> sent_again_;
};

}  // namespace vitrine
