#include "redirect/target_archive.hpp"

#include "backflow/desired.hpp"
#include "platform/log.hpp"
#include "protocol/documents.hpp"
#include "protocol/envelope.hpp"
#include "protocol/reference.hpp"

namespace vitrine::redirect {

void TargetArchive::refresh() {
  std::shared_ptr<TargetBook> next;
  for (const std::string& name : list_directory(by_hash_)) {
    if (!name.ends_with(".jws")) continue;
    const auto known = seen_.find(name);
    if (known != seen_.end() && known->second) continue;
    auto fresh = std::make_shared<TargetBook>(next ? *next : *book_);
    auto taken = try_read(name, *fresh);
    if (taken && *taken) next = std::move(fresh);
    if (!taken && known == seen_.end()) {
      log_warn("{}: {}; its codes lead nowhere", (by_hash_ / name).string(), taken.error().message);
    }
    // What is not there yet may come.
    seen_[name] = taken || (taken.error().code != ErrorCode::not_found &&
                            taken.error().code != ErrorCode::unavailable);
  }
  if (next) book_ = std::move(next);
}

// false: it is no schedule.
Result<bool> TargetArchive::try_read(const std::string& name, TargetBook& into) const {
  auto jws = read_text(by_hash_ / name, kMaxPacket);
  if (!jws) return std::move(jws).error();
  auto shape = parse_envelope(*jws);
  if (!shape) return std::move(shape).error();
  if (shape->header.kind != DocumentKind::schedule) return false;
  // Without a clock: a schedule that has expired may be what a screen without a link shows.
  auto document = verify_document(*jws, DocumentKind::schedule, trust_, kNoClock);
  if (!document) return std::move(document).error();
  auto reference = reference_in(*document);
  if (!reference) return std::move(reference).error();
  if (*reference) {
    auto body = read_text(archived_body(archive_, (*reference)->sha256), kMaxReferencedBody);
    if (!body && !bodies_.empty())
      body = read_text(bodies_ / (*reference)->url, kMaxReferencedBody);
    if (!body) return std::move(body).error();
    if (auto put = put_body(*document, *std::move(body)); !put) return std::move(put).error();
  }
  auto schedule = read_schedule(document->payload);
  if (!schedule) return std::move(schedule).error();
  into.add(document->header.audience, document->header.issued_at, *schedule);
  return true;
}

}  // namespace vitrine::redirect
