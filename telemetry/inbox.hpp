// The signed documents of this screen: what arrives is verified against the trust document, kept in
// the outbox and held here until a newer one takes its place. Whatever is refused gives one clear
// line. One thread.
#pragma once

#include <functional>
#include <map>
#include <set>
#include <string>
#include <variant>
#include <vector>

#include "bodies.hpp"
#include "outbox.hpp"
#include "protocol/documents.hpp"
#include "protocol/envelope.hpp"
#include "state/generation.hpp"
#include "state/trust_file.hpp"

namespace vitrine {

struct HeldDocument {
  SignedDocument document;  // its payload is the document itself, also where a reference was signed
  std::optional<DocumentReference> reference;
  std::variant<Schedule, Numbers, Profile, Settings, Takeover> body;
  ApplyState state = ApplyState::verified;  // verified, offered or refused; content while its
                                            // creatives are all there
  std::string error;                        // why refused, or what it waits for

  const DocumentHeader& header() const { return document.header; }
};

class Inbox {
 public:
  struct Setup {
    StatePaths paths;
    DeviceIdentity identity;
    std::function<std::int64_t()> now_utc_s;  // or kNoClock
    std::function<void(const std::string& code, const std::string& text)> notify;
    std::function<std::string()> keeping;  // "generation 7", for the end of a refusal
    Bodies* bodies = nullptr;              // null: documents by reference wait for ever
  };
  // Reads root key, trust and the documents kept. No root key is an error: nothing could ever be
  // verified. Without a trust document that holds (lost, damaged, or older than one known before)
  // nothing is used until the broker brings one.
  static Result<Inbox> open(Setup setup, Outbox& outbox);

  // A retained document from down/desired/{typ} or a group's topic; `kind` from the topic.
  void receive(DocumentKind kind, const std::string& jws);

  // Asks for the bodies of documents that were signed by reference, and takes those that came.
  void tick();

  const Trust& trust() const { return trust_.trust; }
  // Of the trust document that holds; version 0 = there is none.
  const DocumentHeader& trust_header() const { return trust_.header; }
  // Everything held, refused ones included, until a newer version of the same kind and audience
  // arrives.
  std::vector<HeldDocument>& documents() { return documents_; }
  const std::vector<ReportedDocument>& refusals() const { return refusals_; }
  // Verified, while the body that their reference names has not come.
  std::vector<ReportedDocument> waiting() const;

  // Usable documents of a kind, best first: for this screen before for a group, then the latest
  // signed.
  std::vector<HeldDocument*> candidates(DocumentKind kind);
  // The best one, or null.
  HeldDocument* best(DocumentKind kind);
  std::int64_t now_utc_s() const { return setup_.now_utc_s(); }  // or kNoClock
  Settings settings();  // of the best settings document, defaults without one

  // Verified but not usable: says so once, keeps it as refused.
  void refuse(HeldDocument& document, const std::string& why);
  void mark(HeldDocument& document, ApplyState state);

 private:
  Inbox(Setup setup, Outbox& outbox);
  void load_trust();
  void load_documents();
  void receive_trust(const std::string& jws);
  Status accept(DocumentKind kind, const std::string& jws);
  // Puts the body in the place of a reference. False: it is not here yet, and awaited.
  Result<bool> complete(HeldDocument& held) const;
  bool mine(const Audience& audience) const;
  void hold(HeldDocument document);
  void reject(DocumentKind kind, const std::string& jws, const Error& why);

  Setup setup_;
  Outbox* outbox_;
  VersionFloors floors_;
  PublicKey root_key_;
  HeldTrust trust_;
  std::vector<HeldDocument> documents_;
  bool bodies_change_ = false;              // some body may be named by nobody any more
  std::vector<ReportedDocument> refusals_;  // never held: signature, version, audience, form
  std::map<Hash256, std::pair<DocumentKind, std::string>>
      rejected_;  // said already; tried again under new trust
};

// "schedule 41 for group/demo"
std::string describe(const DocumentHeader& header);

}  // namespace vitrine
