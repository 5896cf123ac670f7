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

Status check_payload(DocumentKind kind, std::string_view json) {
  switch (kind) {
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
      break;
  }
  return fail(ErrorCode::invalid,
              "a command answers one birth and is never retained; it cannot be pushed");
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

Desired::Desired(DocumentArchive archive, VerifiedTrust trust, const PublicKey& root)
    : archive_(std::move(archive)), trust_(std::move(trust)), root_(root) {}

Result<Desired> Desired::open(const fs::path& archive, VerifiedTrust trust, const PublicKey& root) {
  auto opened = DocumentArchive::open(archive);
  if (!opened) return std::move(opened).error();
  Desired desired(*std::move(opened), std::move(trust), root);
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

Result<SignedDocument> Desired::check(std::string_view jws, std::int64_t now_utc_s) const {
  auto shape = parse_envelope(jws);
  if (!shape) return shape;
  const DocumentHeader& header = shape->header;
  auto verified = header.kind == DocumentKind::trust
                      ? verify_with_key(jws, header.kind, root_)
                      : verify_document(jws, header.kind, trust_.trust, now_utc_s);
  if (!verified) return verified;
  const SignedDocument* current = archive_.current(header.kind, header.audience);
  if (current != nullptr && header.version <= current->header.version && current->jws != jws) {
    return fail(ErrorCode::stale, "version " + std::to_string(header.version) + " is not above " +
                                      std::to_string(current->header.version) +
                                      ", the last one accepted for " + header.audience.text());
  }
  auto reference = reference_in(*verified);
  if (!reference) return std::move(reference).error();
  // The body of a reference is not asked for: `push` read it before it was signed, screens read it
  // before they act on it, and this server needs no way to the origins.
  if (*reference) return verified;
  if (auto read = check_payload(header.kind, verified->payload); !read)
    return std::move(read).error();
  return verified;
}

Desired::Verdict Desired::push(std::string_view jws, std::int64_t now_utc_s) {
  Verdict verdict;
  // What can be read of the header goes into the reply, so that the operator knows which push is
  // meant.
  if (auto shape = parse_envelope(jws)) {
    verdict.reply.kind = name_of(shape->header.kind);
    verdict.reply.audience = shape->header.audience.text();
    verdict.reply.version = shape->header.version;
  }
  auto document = check(jws, now_utc_s);
  auto kept = document ? archive_.keep(*document) : Status(document.error());
  if (!kept) {
    verdict.reply.reason = kept.error().message;
    return verdict;
  }
  if (document->header.kind == DocumentKind::trust && document->header.version > trust_.version) {
    if (auto read = read_trust(document->payload))
      trust_ = {*std::move(read), document->header.version};
  }
  verdict.reply.accepted = true;
  verdict.retain = retained(*document);
  return verdict;
}

std::vector<RetainedDocument> Desired::everything() const {
  std::vector<RetainedDocument> documents;
  for (const SignedDocument* document : archive_.all()) documents.push_back(retained(*document));
  return documents;
}

std::vector<RetainedDocument> Desired::on_birth(const RegisteredScreen& screen, Micros now) {
  return missing(screen, now);
}

std::vector<RetainedDocument> Desired::on_reported(const RegisteredScreen& screen,
                                                   const Reported& reported, Micros now) {
  auto& versions = reported_[screen.screen];
  versions.clear();
  for (const ReportedDocument& document : reported.documents) {
    auto& version = versions[{document.kind, document.audience}];
    version = std::max(version, document.version);
  }
  return missing(screen, now);
}

std::vector<RetainedDocument> Desired::missing(const RegisteredScreen& screen, Micros now) {
  const auto& versions = reported_[screen.screen];
  std::vector<RetainedDocument> documents;
  for (const SignedDocument* document : archive_.all()) {
    const DocumentHeader& header = document->header;
    if (!is_for(header.audience, screen)) continue;
    const DocumentName name{std::string(name_of(header.kind)), header.audience.text()};
    const auto has = versions.find(name);
    if (has != versions.end() && has->second >= header.version) continue;
    const auto [last, never] = sent_again_.try_emplace({screen.screen, name}, now);
    if (!never && now - last->second < kSendAgainAfter) continue;
    last->second = now;
    documents.push_back(retained(*document));
  }
  return documents;
}

}  // namespace vitrine
