#include "backflow/desired.hpp"

#include <algorithm>

#include "platform/log.hpp"
#include "protocol/reference.hpp"
#include "protocol/topics.hpp"

namespace vitrine {
namespace {

constexpr Micros kSendAgainAfter = 30 * kSecond;

template <class T>
Status outcome(const Result<T>& read) {
  if (!read) return read.error();
  return ok();
}

Status check_payload(const DocumentHeader& header, std::string_view json) {
  switch (header.kind) {
    case DocumentKind::schedule:
      return outcome(read_schedule(json));
    case DocumentKind::numbers:
      return outcome(read_numbers(json));
    case DocumentKind::profile:
      return outcome(read_profile(json));
    case DocumentKind::settings:
      return outcome(read_settings(json));
    case DocumentKind::takeover:
      return outcome(read_takeover(json));
    case DocumentKind::trust:
      return outcome(read_trust(json));
    case DocumentKind::command:
      // A group has no birth to answer: what is said of one is said of its rollout.
      return header.audience.kind == Audience::Kind::screen ? outcome(read_command(json))
                                                            : outcome(read_rollout_order(json));
  }
  return fail(ErrorCode::internal, "no such kind of document");
}

RetainedDocument retained(const SignedDocument& document) {
  return {desired_topic(document.header.audience, document.header.kind), document.jws};
}

bool is_for(const Audience& audience, const RegisteredScreen& screen) {
  if (audience.kind == Audience::Kind::screen) return audience.name == screen.screen;
  return std::find(screen.groups.begin(), screen.groups.end(), audience.name) !=
         screen.groups.end();
}

}  // namespace

std::vector<const RegisteredScreen*> screens_in(const Audience& audience,
                                                const Registry& registry) {
  std::vector<const RegisteredScreen*> screens;
  for (const RegisteredScreen& screen : registry.screens) {
    if (!screen.revoked && is_for(audience, screen)) screens.push_back(&screen);
  }
  return screens;
}

Desired::Desired(DocumentArchive archive, Rollouts rollouts, VerifiedTrust trust,
                 const PublicKey& root, RolloutRules rules)
    : archive_(std::move(archive)),
      rollouts_(std::move(rollouts)),
      trust_(std::move(trust)),
      root_(root),
      rules_(std::move(rules)) {}

Result<Desired> Desired::open(const fs::path& archive, VerifiedTrust trust, const PublicKey& root,
                              RolloutRules rules) {
  auto opened = DocumentArchive::open(archive);
  if (!opened) return std::move(opened).error();
  auto rollouts = Rollouts::open(archive / "rollout");
  if (!rollouts) return std::move(rollouts).error();
  Desired desired(*std::move(opened), *std::move(rollouts), std::move(trust), root,
                  std::move(rules));
  for (const SignedDocument* document : desired.archive_.all()) {
    if (document->header.kind != DocumentKind::trust ||
        document->header.version <= desired.trust_.version)
      continue;
    auto read = read_trust(document->payload);
    if (!read) return std::move(read).error().context("archived trust document");
    desired.trust_ = {*std::move(read), document->header.version};
  }
  return desired;
}

Result<SignedDocument> Desired::check(std::string_view jws, std::int64_t now_utc_s,
                                      const Registry& registry) const {
  auto shape = parse_envelope(jws);
  if (!shape) return shape;
  const DocumentHeader& header = shape->header;
  auto verified = header.kind == DocumentKind::trust
                      ? verify_with_key(jws, header.kind, root_)
                      : verify_document(jws, header.kind, trust_.trust, now_utc_s);
  if (!verified) return verified;
  auto reference = reference_in(*verified);
  if (!reference) return std::move(reference).error();
  // The body of a reference is not asked for: `push` read it before it was signed, screens read it
  // before they act on it, and this server needs no way to the origins.
  if (!*reference) {
    if (auto read = check_payload(header, verified->payload); !read) return std::move(read).error();
  }
  if (header.kind == DocumentKind::command) return verified;
  const auto stale = [&](std::uint64_t known, const std::string& of) {
    return fail(ErrorCode::stale, "version " + std::to_string(header.version) + " is not above " +
                                      std::to_string(known) + ", the last one accepted for " + of);
  };
  const SignedDocument* current = archive_.current(header.kind, header.audience);
  if (current != nullptr && header.version <= current->header.version && current->jws != jws)
    return stale(current->header.version, header.audience.text());
  const Rollouts::Entry* rolling = rollouts_.find(header.kind, header.audience);
  if (rolling != nullptr && header.version <= rolling->state.version &&
      rolling->document.jws != jws)
    return stale(rolling->state.version, header.audience.text());
  // One trust document holds for a screen, whoever else it is for; its versions rise for all.
  if (header.kind == DocumentKind::trust && header.version < trust_.version)
    return stale(trust_.version, "anybody");
  if (auto reach = check_reach(*verified, registry); !reach) return std::move(reach).error();
  return verified;
}

// A slip, or a stolen key, must not reach a whole network at once.
Status Desired::check_reach(const SignedDocument& document, const Registry& registry) const {
  const TrustedKey* key = trust_.trust.find(document.header.key_id);
  if (key == nullptr || key->most_screens == 0 || !document.countersigned_by.empty()) return ok();
  const std::size_t screens = screens_in(document.header.audience, registry).size();
  if (screens <= key->most_screens) return ok();
  return fail(ErrorCode::denied,
              document.header.audience.text() + " has " + std::to_string(screens) + " screens, " +
                  key->key_id + " reaches " + std::to_string(key->most_screens) +
                  " alone: a second signature is needed (vitrine push --countersign)");
}

Desired::Verdict Desired::push(std::string_view jws, std::int64_t now_utc_s,
                               const Registry& registry, const std::string& by) {
  Verdict verdict;
  // What can be read of the header goes into the reply, so that the operator knows which push is
  // meant.
  if (auto shape = parse_envelope(jws)) {
    verdict.reply.kind = name_of(shape->header.kind);
    verdict.reply.audience = shape->header.audience.text();
    verdict.reply.version = shape->header.version;
  }
  auto document = check(jws, now_utc_s, registry);
  auto taken =
      document ? accept(*document, registry, now_utc_s, by, verdict) : Status(document.error());
  if (!taken) {
    verdict.reply.reason = taken.error().message;
    verdict.retain.clear();
    return verdict;
  }
  verdict.reply.accepted = true;
  return verdict;
}

Status Desired::accept(const SignedDocument& document, const Registry& registry,
                       std::int64_t now_utc_s, const std::string& by, Verdict& verdict) {
  const DocumentHeader& header = document.header;
  if (header.kind == DocumentKind::command) {
    if (header.audience.kind == Audience::Kind::group)
      return obey_order(document, registry, by, verdict);
    const RegisteredScreen* screen = registry.find(header.audience.name);
    if (screen == nullptr || screen->revoked) {
      return fail(ErrorCode::not_found, header.audience.text() + " is not in the registry");
    }
    if (header.expires_at == 0 || header.expires_at - now_utc_s > 3600)
      return fail(ErrorCode::invalid, "a command ends within an hour; this one does not");
    verdict.pass_on = {DeviceTopics(screen->screen).command(), document.jws};
    return archive_.keep_by_hash(document);
  }
  const bool known = archive_.current(header.kind, header.audience) != nullptr &&
                     archive_.current(header.kind, header.audience)->jws == document.jws;
  const bool in_rings =
      rules_.in_rings() && header.audience.kind == Audience::Kind::group &&
      (header.kind == DocumentKind::schedule || header.kind == DocumentKind::settings);
  if (in_rings && !known) return begin_rollout(document, registry, by, verdict);
  if (auto kept = archive_.keep(document); !kept) return kept;
  verdict.retain.push_back(retained(document));
  if (header.kind == DocumentKind::trust) use_trust(document, registry, verdict);
  return ok();
}

void Desired::use_trust(const SignedDocument& document, const Registry& registry,
                        Verdict& verdict) {
  if (document.header.version <= trust_.version) return;
  auto read = read_trust(document.payload);
  if (!read) return;
  trust_ = {*std::move(read), document.header.version};
  // What a revoked key signed is taken from the screens that have not heard of the revocation yet.
  for (const SignedDocument* held : archive_.all()) {
    if (usable(*held)) continue;
    log_warn("{} {} for {} is no longer used: its key is revoked or unknown",
             name_of(held->header.kind), held->header.version, held->header.audience.text());
    verdict.retain.push_back({retained(*held).topic, ""});
  }
  for (auto& [name, entry] : rollouts_.all()) {
    if (usable(entry.document) || entry.state.status == RolloutStatus::done) continue;
    clear_copies(entry, screens_of(entry.state, registry), verdict.retain);
    Rollouts::Entry ended = entry;
    ended.open_to.clear();
    if (abort(ended.state, "its key being revoked") && !rollouts_.put(ended))
      log_error("the end of a rollout is not on disk");
  }
}

bool Desired::usable(const DocumentHeader& header, const std::string& countersigned_by) const {
  if (header.kind == DocumentKind::trust) return true;
  const Trust& trust = trust_.trust;
  for (const std::string& key : {header.key_id, countersigned_by}) {
    if (key.empty()) continue;
    if (trust.find(key) == nullptr) return false;
    if (std::find(trust.revoked.begin(), trust.revoked.end(), key) != trust.revoked.end())
      return false;
  }
  return true;
}

std::vector<RetainedDocument> Desired::everything(const Registry& registry) {
  living_.clear();
  std::vector<RetainedDocument> documents;
  for (const SignedDocument* document : archive_.all()) {
    documents.push_back(retained(*document));
    if (!usable(*document)) documents.back().jws.clear();
  }
  for (auto& [name, entry] : rollouts_.all()) {
    const auto screens = screens_of(entry.state, registry);
    open_rings(entry, screens);
    const RolloutStatus status = entry.state.status;
    if (status == RolloutStatus::done || status == RolloutStatus::aborted) {
      clear_copies(entry, screens, documents);
    } else {
      copies(entry, documents);
    }
  }
  return documents;
}

std::vector<RetainedDocument> Desired::on_birth(const RegisteredScreen& screen, Micros now) {
  living_.insert(screen.screen);
  return missing(screen, now);
}

void Desired::on_farewell(const ScreenId& screen) {
  living_.erase(screen);
}

std::vector<RetainedDocument> Desired::on_reported(const RegisteredScreen& screen,
                                                   const Reported& reported, Micros now) {
  told_[screen.screen] = {reported.generation_offered != 0, reported.documents};
  return missing(screen, now);
}

std::vector<RetainedDocument> Desired::missing(const RegisteredScreen& screen, Micros now) {
  std::map<DocumentName, std::uint64_t> versions;
  for (const ReportedDocument& document : told_[screen.screen].documents) {
    auto& version = versions[{document.kind, document.audience}];
    version = std::max(version, document.version);
  }
  std::vector<RetainedDocument> documents;
  const auto want = [&](const SignedDocument& document, const std::string& topic) {
    const DocumentHeader& header = document.header;
    const DocumentName name{std::string(name_of(header.kind)), header.audience.text()};
    const auto has = versions.find(name);
    if (has != versions.end() && has->second >= header.version) return;
    const auto [last, never] = sent_again_.try_emplace({screen.screen, name}, now);
    if (!never && now - last->second < kSendAgainAfter) return;
    last->second = now;
    documents.push_back({topic, document.jws});
  };
  std::vector<Audience> audiences = {{Audience::Kind::screen, screen.screen}};
  for (const std::string& group : screen.groups)
    audiences.push_back({Audience::Kind::group, group});
  for (std::size_t i = 0; i < kDocumentKindNames.size(); ++i) {
    const auto kind = static_cast<DocumentKind>(i);
    for (const Audience& audience : audiences) {
      const SignedDocument* document = archive_.current(kind, audience);
      if (document == nullptr || !usable(*document)) continue;
      const Rollouts::Entry* rolling = rollouts_.find(kind, audience);
      if (rolling != nullptr && rolling->open_to.contains(screen.screen)) continue;  // it is ahead
      want(*document, retained(*document).topic);
    }
  }
  for (const auto& [name, entry] : rollouts_.all()) {
    if (entry.open_to.contains(screen.screen) && usable(entry.document))
      want(entry.document, DeviceTopics(screen.screen).desired(name.first));
  }
  return documents;
}

}  // namespace vitrine
