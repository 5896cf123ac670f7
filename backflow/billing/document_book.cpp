#include "billing/document_book.hpp"

#include <algorithm>

#include "backflow/desired.hpp"
#include "protocol/documents.hpp"
#include "protocol/envelope.hpp"
#include "protocol/reference.hpp"

namespace vitrine::billing {
namespace {

std::vector<Audience> audiences_of(const RegisteredScreen& screen) {
  std::vector<Audience> audiences = {{Audience::Kind::screen, screen.screen}};
  for (const std::string& group : screen.groups)
    audiences.push_back({Audience::Kind::group, group});
  return audiences;
}

bool knows(const Schedule& schedule, const PlayRow& row) {
  const Creative* creative = schedule.creative(row.creative);
  return creative != nullptr &&
         std::any_of(creative->variants.begin(), creative->variants.end(),
                     [&](const Variant& variant) { return variant.content == row.content; });
}

}  // namespace

DocumentBook::DocumentBook(fs::path archive, fs::path origin)
    : archive_(std::move(archive)), origin_(std::move(origin)) {}

Result<std::string> DocumentBook::payload(DocumentKind kind, const Audience& audience,
                                          std::uint64_t version) {
  auto jws = read_text(archived_document(archive_, kind, audience, version), kMaxPacket);
  if (!jws) return std::move(jws).error();
  auto document = parse_envelope(*jws);
  if (!document) return std::move(document).error();
  auto reference = reference_in(*document);
  if (!reference) return std::move(reference).error();
  if (!*reference) return std::move(document->payload);
  const std::string name = to_hex((*reference)->sha256);
  auto body = read_text(archived_body(archive_, (*reference)->sha256), kMaxReferencedBody);
  if (!body && !origin_.empty()) body = read_text(origin_ / "documents" / name, kMaxReferencedBody);
  if (!body) return std::move(body).error().context("its body " + name);
  if (auto put = put_body(*document, *std::move(body)); !put) return std::move(put).error();
  return std::move(document->payload);
}

template <class T>
const T* DocumentBook::find(Shelf<T>& shelf, DocumentKind kind, const Audience& audience,
                            std::uint64_t version, Result<T> (*read)(std::string_view)) {
  const auto [entry, is_new] = shelf.try_emplace({audience, version});
  if (!is_new) return entry->second.get();
  auto text = payload(kind, audience, version);
  if (!text) {
    if (text.error().code != ErrorCode::not_found ||
        text.error().message.find("its body") != std::string::npos)
      missing_.insert(std::string(name_of(kind)) + " " + std::to_string(version) + " for " +
                      audience.text() + " cannot be read: " + text.error().message);
    return nullptr;
  }
  auto document = read(*text);
  if (!document) {
    missing_.insert(std::string(name_of(kind)) + " " + std::to_string(version) + " for " +
                    audience.text() + " cannot be read: " + document.error().message);
    return nullptr;
  }
  entry->second = std::make_unique<T>(*std::move(document));
  return entry->second.get();
}

const Schedule* DocumentBook::schedule(const RegisteredScreen& screen, const PlayRow& row) {
  const Schedule* first = nullptr;
  for (const Audience& audience : audiences_of(screen)) {
    const Schedule* found =
        find(schedules_, DocumentKind::schedule, audience, row.schedule_version, read_schedule);
    if (found == nullptr) continue;
    if (knows(*found, row)) return found;
    if (first == nullptr) first = found;
  }
  if (first == nullptr)
    missing_.insert("schedule " + std::to_string(row.schedule_version) + " of screen " +
                    screen.screen + " is not in the archive");
  return first;
}

const Profile* DocumentBook::profile(const RegisteredScreen& screen, std::uint64_t version) {
  if (version == 0) return nullptr;
  for (const Audience& audience : audiences_of(screen)) {
    const Profile* found = find(profiles_, DocumentKind::profile, audience, version, read_profile);
    if (found != nullptr) return found;
  }
  missing_.insert("profile " + std::to_string(version) + " of screen " + screen.screen +
                  " is not in the archive");
  return nullptr;
}

}  // namespace vitrine::billing
