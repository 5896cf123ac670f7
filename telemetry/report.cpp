#include "report.hpp"

#include <algorithm>

namespace vitrine {
namespace {

bool contains(const GenerationFiles& files, const std::string& jws) {
  return jws == files.schedule || jws == files.numbers || jws == files.profile ||
         jws == files.settings;
}

}  // namespace

Reported make_report(const StatePaths& paths, Inbox& inbox, Assembly& assembly) {
  Reported report;
  const GenerationStore store(paths);
  const auto offered = store.list();
  const ActiveState active = [&] {
    auto read = read_active(paths);
    return read ? *read : ActiveState{};
  }();
  report.generation_offered = offered.empty() ? 0 : offered.back();
  report.generation_active = active.trying != 0 ? active.trying : active.confirmed;
  report.generation_confirmed = active.confirmed;
  GenerationMemory& memory = assembly.memory();
  const GenerationFiles& newest = memory.files(report.generation_offered);
  const GenerationFiles& trying = memory.files(active.trying);
  const GenerationFiles& confirmed = memory.files(active.confirmed);

  for (const HeldDocument& held : inbox.documents()) {
    const DocumentHeader& header = held.header();
    const std::string& jws = held.document.jws;
    const bool superseded = std::any_of(
        inbox.documents().begin(), inbox.documents().end(), [&](const HeldDocument& other) {
          return other.header().kind == header.kind && other.header().audience == header.audience &&
                 other.header().version > header.version;
        });
    ReportedDocument entry{std::string(name_of(header.kind)), header.audience.text(),
                           header.version, held.state, held.error};
    if (const auto* progress = assembly.progress(held);
        progress != nullptr && held.state == ApplyState::verified) {
      entry.content_bytes = progress->bytes;
      entry.content_done = progress->done;
    }
    if (held.state != ApplyState::refused) {
      if (contains(confirmed, jws)) {
        entry.state = ApplyState::confirmed;
      } else if (contains(trying, jws)) {
        entry.state = ApplyState::active;
      } else if (contains(newest, jws)) {
        entry.state = ApplyState::offered;
      }
    }
    // An earlier version is worth a line only while it is what plays.
    if (superseded && entry.state != ApplyState::active && entry.state != ApplyState::confirmed)
      continue;
    report.documents.push_back(std::move(entry));
  }
  for (const ReportedDocument& waiting : inbox.waiting()) report.documents.push_back(waiting);
  // The trust document too: the backend sends it again to a screen that does not have it.
  if (const DocumentHeader& trust = inbox.trust_header(); trust.version != 0) {
    report.documents.push_back({std::string(name_of(DocumentKind::trust)), trust.audience.text(),
                                trust.version, ApplyState::confirmed, ""});
  }
  for (const ReportedDocument& refused : inbox.refusals()) report.documents.push_back(refused);
  report.rejected_creatives = assembly.rejected();
  return report;
}

std::string what_is_kept(const StatePaths& paths) {
  auto active = read_active(paths);
  const std::uint64_t number = !active                  ? 0
                               : active->confirmed != 0 ? active->confirmed
                                                        : active->trying;
  if (number != 0) return "generation " + std::to_string(number);
  const auto offered = GenerationStore(paths).list();
  return offered.empty() ? "what plays" : "generation " + std::to_string(offered.back());
}

}  // namespace vitrine
