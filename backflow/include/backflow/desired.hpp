// What operators want on the screens, without the network: checks a pushed document, archives it,
// and says what must (again) be retained at the broker. The archive is the truth; what the broker
// retains is a copy that it may forget.
#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "backflow/backend_config.hpp"
#include "backflow/rollouts.hpp"
#include "base/time.hpp"
#include "protocol/documents.hpp"
#include "protocol/envelope.hpp"
#include "protocol/registry.hpp"

namespace vitrine {

// Signed documents on disk: by-hash/<sha256>.jws for ever; by-name/<kind>/<screen|group>-<name>/
// <version> is the same file under the name by which rows of a log know it; current/<kind>/
// <screen|group>-<name> the newest of each that is for its whole audience. bodies/<sha256> is what
// a signed reference stands for; bodies/<sha256>.wanted says whose body is still to be brought.
class DocumentArchive {
 public:
  static Result<DocumentArchive> open(const fs::path& directory);
  // Durable when it returns: first by its hash, then as the current one.
  Status keep(const SignedDocument& document);
  // By its hash alone: for what is not, or not yet, what everybody is to have.
  Status keep_by_hash(const SignedDocument& document);
  // Copies the bodies that are wanted from `origin`, the directory that screens are served from, by
  // the path in their references; one of another size or hash is not taken. Returns whose body is
  // still wanted, a line each: without it no day of that document can be audited or billed once the
  // origin has let it go.
  std::vector<std::string> bring_bodies(const fs::path& origin);
  // nullptr when nothing of this kind was ever accepted for this audience.
  const SignedDocument* current(DocumentKind kind, const Audience& audience) const;
  std::vector<const SignedDocument*> all() const;

 private:
  explicit DocumentArchive(fs::path directory) : directory_(std::move(directory)) {}

  Status want_body(const SignedDocument& document);

  fs::path directory_;
  std::map<std::pair<DocumentKind, Audience>, SignedDocument> current_;
  struct WantedBody {
    DocumentReference reference;
    std::string whose;  // "schedule 5 for group/demo"
  };
  std::map<std::string, WantedBody> wanted_;  // by hash in hex
};

// Where the archive has, or would have, that version.
fs::path archived_document(const fs::path& archive, DocumentKind kind, const Audience& audience,
                           std::uint64_t version);
// Where the archive has, or would have, the body of a reference.
fs::path archived_body(const fs::path& archive, const Hash256& sha256);

struct RetainedDocument {
  std::string topic;
  std::string jws;  // empty: the topic is to hold nothing
};

class Desired {
 public:
  // `root` checks trust documents that are pushed. A trust document in the archive that is newer
  // than `trust` wins.
  static Result<Desired> open(const fs::path& archive, VerifiedTrust trust, const PublicKey& root,
                              RolloutRules rules = {});

  struct Verdict {
    PushReply reply;
    std::vector<RetainedDocument> retain;     // when accepted; also what has to go
    std::optional<RetainedDocument> pass_on;  // a command for one screen: sent, never retained
  };
  // One push. Refused: wrong signature or scope, a version not above the last accepted one, a
  // payload that breaks its schema, an audience with more screens of the registry than its key may
  // reach alone. The same bytes again are accepted again, because a reply may get lost. A schedule
  // or settings for a group begins a rollout when there are rings. `by`: the operator's name.
  Verdict push(std::string_view jws, std::int64_t now_utc_s, const Registry& registry = {},
               const std::string& by = "");

  // Everything, for a new link to a broker that may have forgotten; the births come anew too.
  std::vector<RetainedDocument> everything(const Registry& registry = {});
  // What `screen` misses, by its birth (it may never have reported) or by its report. A document is
  // named at most once in 30 s of `now` for each screen: a screen that cannot take it must not turn
  // the link into a loop.
  std::vector<RetainedDocument> on_birth(const RegisteredScreen& screen, Micros now);
  void on_farewell(const ScreenId& screen);
  std::vector<RetainedDocument> on_reported(const RegisteredScreen& screen,
                                            const Reported& reported, Micros now);

  // As DocumentArchive::bring_bodies(). Call every few seconds: a push may overtake its body.
  std::vector<std::string> bring_bodies(const fs::path& origin) {
    return archive_.bring_bodies(origin);
  }

  // What has changed in the rollouts, and whom to tell. Call every few seconds.
  struct Progress {
    std::vector<RetainedDocument> retain;
    std::vector<std::pair<std::string, PushReply>> tell;  // operator
  };
  Progress advance_rollouts(const Registry& registry, std::int64_t now_utc_s);

 private:
  struct Told {
    bool has_generation = false;
    std::vector<ReportedDocument> documents;
  };
  Desired(DocumentArchive archive, Rollouts rollouts, VerifiedTrust trust, const PublicKey& root,
          RolloutRules rules);
  Result<SignedDocument> check(std::string_view jws, std::int64_t now_utc_s,
                               const Registry& registry) const;
  Status check_reach(const SignedDocument& document, const Registry& registry) const;
  Status accept(const SignedDocument& document, const Registry& registry, std::int64_t now_utc_s,
                const std::string& by, Verdict& verdict);
  void use_trust(const SignedDocument& document, const Registry& registry, Verdict& verdict);
  std::vector<RetainedDocument> missing(const RegisteredScreen& screen, Micros now);

  // desired_rollouts.cpp
  Status obey_order(const SignedDocument& document, const Registry& registry, const std::string& by,
                    Verdict& verdict);
  Status begin_rollout(const SignedDocument& document, const Registry& registry,
                       const std::string& by, Verdict& verdict);
  Status finish_rollout(Rollouts::Entry entry, const std::vector<RolloutScreen>& screens,
                        std::vector<RetainedDocument>& retain);
  void clear_copies(const Rollouts::Entry& entry, const std::vector<RolloutScreen>& screens,
                    std::vector<RetainedDocument>& retain) const;
  void copies(const Rollouts::Entry& entry, std::vector<RetainedDocument>& retain) const;
  void open_rings(Rollouts::Entry& entry, const std::vector<RolloutScreen>& screens) const;
  std::vector<RolloutScreen> screens_of(const Rollout& rollout, const Registry& registry) const;
  RolloutScreen stand_of(const ScreenId& screen, const Rollout& rollout) const;

  bool usable(const DocumentHeader& header, const std::string& countersigned_by) const;
  bool usable(const SignedDocument& document) const {
    return usable(document.header, document.countersigned_by);
  }

  using DocumentName = std::pair<std::string, std::string>;  // kind, audience
  DocumentArchive archive_;
  Rollouts rollouts_;
  VerifiedTrust trust_;
  PublicKey root_;
  RolloutRules rules_;
  std::map<ScreenId, Told> told_;
  std::set<ScreenId> living_;
  std::map<std::pair<ScreenId, DocumentName>, Micros> sent_again_;
};

// Screens of an audience that are not revoked.
std::vector<const RegisteredScreen*> screens_in(const Audience& audience, const Registry& registry);

}  // namespace vitrine
