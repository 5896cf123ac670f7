#include "inbox.hpp"

#include <algorithm>
#include <tuple>

#include "platform/log.hpp"
#include "protocol/reference.hpp"

namespace vitrine {
namespace {

// Nobody sends this many different bad documents by accident.
constexpr std::size_t kMostRejected = 64;

template <class T, class Variant>
Status put(Result<T> read, Variant& into) {
  if (!read) return std::move(read).error();
  into = std::move(*read);
  return ok();
}

Status read_body(HeldDocument& held) {
  const DocumentKind kind = held.header().kind;
  const std::string& text = held.document.payload;
  Status read = fail(ErrorCode::invalid,
                     "this version does not take " + std::string(name_of(kind)) + " documents");
  if (kind == DocumentKind::schedule) read = put(read_schedule(text), held.body);
  if (kind == DocumentKind::numbers) read = put(read_numbers(text), held.body);
  if (kind == DocumentKind::profile) read = put(read_profile(text), held.body);
  if (kind == DocumentKind::settings) read = put(read_settings(text), held.body);
  if (kind == DocumentKind::takeover) read = put(read_takeover(text), held.body);
  return read;
}

}  // namespace

std::string describe(const DocumentHeader& header) {
  return std::string(name_of(header.kind)) + " " + std::to_string(header.version) + " for " +
         header.audience.text();
}

Inbox::Inbox(Setup setup, Outbox& outbox)
    : setup_(std::move(setup)), outbox_(&outbox), floors_(setup_.paths.telemetry_floors()) {}

Result<Inbox> Inbox::open(Setup setup, Outbox& outbox) {
  Inbox inbox(std::move(setup), outbox);
  auto root = read_public_key(inbox.setup_.paths.root_key());
  if (!root) return std::move(root).error();
  inbox.root_key_ = *root;
  inbox.load_trust();
  inbox.load_documents();
  return inbox;
}

void Inbox::load_trust() {
  TrustFound found = find_trust(setup_.paths, root_key_, floors_);
  if (!found.complaint.empty()) {
    log_error("{}; {}", found.complaint,
              found.held ? "using an earlier one"
                         : "nothing is used until the broker brings one that holds");
  }
  if (!found.held) return;
  trust_ = std::move(*found.held);
  if (auto raised =
          floors_.raise(DocumentKind::trust, trust_.header.audience, trust_.header.version);
      !raised) {
    log_warn("{}", raised.error().message);
  }
}

// Verified anew: a key may have been revoked since. That its time is over by now takes nothing back
// that it signed in time; when a document itself ends, candidates() knows.
void Inbox::load_documents() {
  auto stored = outbox_->documents();
  if (!stored) {
    log_error("cannot read the documents kept: {}; waiting for the broker's",
              stored.error().message);
    return;
  }
  for (const StoredDocument& kept : *stored) {
    auto parsed = parse_envelope(kept.jws);
    if (!parsed) continue;
    auto document = verify_document(kept.jws, parsed->header.kind, trust_.trust, kNoClock);
    if (!document) {
      log_warn("{} is no longer used: {}", describe(parsed->header), document.error().message);
      continue;
    }
    HeldDocument held;
    held.document = *std::move(document);
    auto whole = complete(held);
    if (!whole || !*whole || !read_body(held)) continue;
    held.state = kept.state;
    held.error = kept.error;
    documents_.push_back(std::move(held));
  }
}

Result<bool> Inbox::complete(HeldDocument& held) const {
  auto reference = reference_in(held.document);
  if (!reference) return std::move(reference).error();
  held.reference = *reference;
  if (!held.reference) return true;
  auto body = setup_.bodies ? setup_.bodies->find(*held.reference) : std::nullopt;
  if (!body) {
    if (setup_.bodies) setup_.bodies->await(held.document, *held.reference);
    return false;
  }
  if (auto put = put_body(held.document, *std::move(body)); !put) return std::move(put).error();
  return true;
}

void Inbox::tick() {
  if (setup_.bodies == nullptr) return;
  for (const Bodies::Arrival& arrival : setup_.bodies->tick(settings().origins)) {
    const DocumentKind kind = arrival.document.header.kind;
    if (arrival.status) {
      receive(kind, arrival.document.jws);  // whose key may have been revoked meanwhile
    } else {
      reject(kind, arrival.document.jws, arrival.status.error());
    }
  }
  // Only now: what has just come is named by nobody before it is taken.
  if (!std::exchange(bodies_change_, false)) return;
  std::set<Hash256> named;
  for (const HeldDocument& held : documents_) {
    if (held.reference) named.insert(held.reference->sha256);
  }
  setup_.bodies->keep(named);
}

std::vector<ReportedDocument> Inbox::waiting() const {
  std::vector<ReportedDocument> documents;
  if (setup_.bodies == nullptr) return documents;
  for (const Bodies::Waiting& one : setup_.bodies->waiting()) {
    documents.push_back({std::string(name_of(one.header.kind)), one.header.audience.text(),
                         one.header.version, ApplyState::received, one.error});
  }
  return documents;
}

bool Inbox::mine(const Audience& audience) const {
  if (audience.kind == Audience::Kind::screen) return audience.name == setup_.identity.screen;
  const auto& groups = setup_.identity.groups;
  return std::find(groups.begin(), groups.end(), audience.name) != groups.end();
}

void Inbox::receive(DocumentKind kind, const std::string& jws) {
  if (jws.empty() || rejected_.contains(sha256(as_bytes(jws)))) return;
  if (kind == DocumentKind::trust) return receive_trust(jws);
  if (auto accepted = accept(kind, jws); !accepted) reject(kind, jws, accepted.error());
}

Status Inbox::accept(DocumentKind kind, const std::string& jws) {
  auto shape = parse_envelope(jws);
  if (!shape) return std::move(shape).error();
  if (shape->header.kind != kind) {
    return fail(ErrorCode::invalid, "it is a " + std::string(name_of(shape->header.kind)) +
                                        " on the topic of another kind");
  }
  if (!mine(shape->header.audience)) {
    return fail(ErrorCode::denied,
                "it is for " + shape->header.audience.text() + ", not for this screen");
  }
  // An older one that was held already is no news: while a newer version goes out in rings, the
  // group's topic still holds the one before.
  if (std::any_of(documents_.begin(), documents_.end(),
                  [&](const HeldDocument& held) { return held.document.jws == jws; })) {
    return ok();
  }
  auto document = verify_document(jws, kind, trust_.trust, setup_.now_utc_s());
  if (!document) return std::move(document).error();
  const DocumentHeader header = document->header;
  const std::uint64_t floor = floors_.get(kind, header.audience);
  if (header.version < floor) {
    return fail(ErrorCode::stale, "older version, " + std::to_string(floor) + " is known");
  }
  const bool held_already =
      std::any_of(documents_.begin(), documents_.end(), [&](const HeldDocument& held) {
        return held.header().kind == kind && held.header().audience == header.audience &&
               held.header().version == header.version;
      });
  // At the floor and not held: it was, before the outbox was lost.
  if (held_already) return ok();
  HeldDocument held;
  held.document = *std::move(document);
  auto whole = complete(held);
  if (!whole) return std::move(whole).error();
  if (!*whole) return ok();
  if (auto read = read_body(held); !read) return read;
  // Kept first, floor second: after a kill in between the same version is taken again, never lost.
  if (auto saved = outbox_->save_document(header, {jws, ApplyState::verified, ""}); !saved)
    return saved;
  if (auto raised = floors_.raise(kind, header.audience, header.version); !raised) return raised;
  log_info("{} is verified", describe(header));
  hold(std::move(held));
  return ok();
}

// Refusals of this kind and audience are history now; of earlier versions the newest two stay to
// fall back on.
void Inbox::hold(HeldDocument document) {
  const DocumentHeader header = document.header();
  std::erase_if(refusals_, [&](const ReportedDocument& refused) {
    return refused.kind == name_of(header.kind) && refused.audience == header.audience.text();
  });
  documents_.push_back(std::move(document));
  std::vector<DocumentHeader> earlier;
  for (const HeldDocument& held : documents_) {
    if (held.header().kind == header.kind && held.header().audience == header.audience &&
        held.header().version < header.version) {
      earlier.push_back(held.header());
    }
  }
  std::sort(earlier.begin(), earlier.end(),
            [](const auto& a, const auto& b) { return a.version > b.version; });
  std::size_t kept = 0;
  for (const DocumentHeader& old : earlier) {
    const auto at =
        std::find_if(documents_.begin(), documents_.end(), [&](const HeldDocument& held) {
          return held.header().kind == old.kind && held.header().audience == old.audience &&
                 held.header().version == old.version;
        });
    if (at->state != ApplyState::refused && kept++ < 2) continue;
    if (auto dropped = outbox_->drop_document(old); !dropped)
      log_warn("{}", dropped.error().message);
    documents_.erase(at);
  }
  if (setup_.bodies) setup_.bodies->overtaken(header);
  bodies_change_ = true;
}

void Inbox::reject(DocumentKind kind, const std::string& jws, const Error& why) {
  if (rejected_.size() >= kMostRejected) rejected_.erase(rejected_.begin());
  rejected_[sha256(as_bytes(jws))] = {kind, jws};
  auto shape = parse_envelope(jws);
  const std::string what = shape ? describe(shape->header) : "a " + std::string(name_of(kind));
  // The codec names the document too; once is enough in one line.
  std::string reason = why.message;
  if (reason.starts_with(what + " ")) reason.erase(0, what.size() + 1);
  setup_.notify(std::string(name_of(kind)) + "-refused",
                "cannot apply " + what + ": " + reason + "; keeping " + setup_.keeping());
  if (!shape) return;
  const ReportedDocument refused{std::string(name_of(kind)), shape->header.audience.text(),
                                 shape->header.version, ApplyState::refused, reason};
  if (refusals_.size() >= kMostRejected) refusals_.erase(refusals_.begin());
  std::erase_if(refusals_, [&](const ReportedDocument& old) {
    return old.kind == refused.kind && old.audience == refused.audience;
  });
  refusals_.push_back(refused);
}

void Inbox::receive_trust(const std::string& jws) {
  const std::uint64_t before = trust_.header.version;
  const auto take = [&]() -> Status {
    auto held = check_trust(jws, root_key_, floors_);
    if (!held) return std::move(held).error();
    const DocumentHeader& header = held->header;
    if (!mine(header.audience)) {
      return fail(ErrorCode::denied,
                  "it is for " + header.audience.text() + ", not for this screen");
    }
    if (header.version == before) return ok();
    // The floor first: once it is known, no older one may come back, even if the disk fails now.
    if (auto raised = floors_.raise(DocumentKind::trust, header.audience, header.version); !raised)
      return raised;
    if (auto put = GenerationStore(setup_.paths).put_trust(header.version, jws); !put) return put;
    trust_ = std::move(*held);
    log_info("trust {} is in force", trust_.header.version);
    return ok();
  };
  if (auto taken = take(); !taken) return reject(DocumentKind::trust, jws, taken.error());
  if (trust_.header.version == before) return;
  std::erase_if(refusals_, [](const ReportedDocument& refused) {
    return refused.kind == name_of(DocumentKind::trust);
  });
  // What a revoked key signed is used no more.
  std::erase_if(documents_, [&](const HeldDocument& held) {
    auto document = verify_document(held.document.jws, held.header().kind, trust_.trust, kNoClock);
    if (!document)
      log_warn("{} is no longer used: {}", describe(held.header()), document.error().message);
    return !document;
  });
  bodies_change_ = true;
  // Retained documents arrive in any order: what an unknown key signed a moment ago may be good
  // now, and what was kept under an earlier trust document may be again.
  const auto again = std::exchange(rejected_, {});
  for (const auto& [hash, document] : again) {
    if (document.first != DocumentKind::trust) receive(document.first, document.second);
  }
  if (before == 0) load_documents();
}

std::vector<HeldDocument*> Inbox::candidates(DocumentKind kind) {
  const std::int64_t now = setup_.now_utc_s();
  std::vector<HeldDocument*> found;
  for (HeldDocument& held : documents_) {
    const DocumentHeader& header = held.header();
    if (header.kind != kind || held.state == ApplyState::refused) continue;
    if (now != kNoClock && header.expires_at != 0 && header.expires_at <= now) continue;
    found.push_back(&held);
  }
  // Within an audience the version decides, between groups the latest signature.
  std::map<Audience, std::int64_t> newest;
  for (const HeldDocument* held : found) {
    std::int64_t& issued = newest[held->header().audience];
    issued = std::max(issued, held->header().issued_at);
  }
  const auto rank = [&](const HeldDocument* held) {
    const Audience& audience = held->header().audience;
    return std::tuple(audience.kind == Audience::Kind::screen, newest[audience], audience.name,
                      held->header().version);
  };
  std::sort(found.begin(), found.end(),
            [&](const HeldDocument* a, const HeldDocument* b) { return rank(a) > rank(b); });
  return found;
}

HeldDocument* Inbox::best(DocumentKind kind) {
  const auto found = candidates(kind);
  return found.empty() ? nullptr : found.front();
}

Settings Inbox::settings() {
  const HeldDocument* document = best(DocumentKind::settings);
  return document == nullptr ? Settings{} : std::get<Settings>(document->body);
}

void Inbox::refuse(HeldDocument& document, const std::string& why) {
  document.error = why;
  mark(document, ApplyState::refused);
  setup_.notify(
      std::string(name_of(document.header().kind)) + "-refused",
      "cannot apply " + describe(document.header()) + ": " + why + "; keeping " + setup_.keeping());
}

void Inbox::mark(HeldDocument& document, ApplyState state) {
  if (state != ApplyState::refused) document.error.clear();
  document.state = state;
  const StoredDocument stored{document.document.jws, state, document.error};
  if (auto saved = outbox_->save_document(document.header(), stored); !saved) {
    log_error("cannot keep the state of {}: {}", describe(document.header()),
              saved.error().message);
  }
}

}  // namespace vitrine
