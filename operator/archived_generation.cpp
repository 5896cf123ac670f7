#include "operator/archived_generation.hpp"

#include <algorithm>
#include <optional>

#include "backflow/desired.hpp"
#include "protocol/envelope.hpp"
#include "protocol/reference.hpp"

namespace vitrine::op {
namespace {

std::vector<Audience> audiences_of(const DeviceIdentity& identity) {
  std::vector<Audience> audiences = {{Audience::Kind::screen, identity.screen}};
  for (const std::string& group : identity.groups)
    audiences.push_back({Audience::Kind::group, group});
  return audiences;
}

// The screen's own goes before a group's.
Result<std::string> document_of(const ArchivePlace& archive, const DeviceIdentity& identity,
                                DocumentKind kind, std::uint64_t version) {
  for (const Audience& audience : audiences_of(identity)) {
    auto jws = read_text(archived_document(archive.directory, kind, audience, version), kMaxPacket);
    if (jws || jws.error().code != ErrorCode::not_found) return jws;
  }
  return fail(ErrorCode::not_found, std::string(name_of(kind)) + " " + std::to_string(version) +
                                        " is not in " + archive.directory.string());
}

Status put_document(const ArchivePlace& archive, const DeviceIdentity& identity, DocumentKind kind,
                    std::uint64_t version, std::string& jws, std::string& body) {
  if (version == 0) return ok();
  auto text = document_of(archive, identity, kind, version);
  if (!text) return std::move(text).error();
  auto document = parse_envelope(*text);
  if (!document) return std::move(document).error();
  auto reference = reference_in(*document);
  if (!reference) return std::move(reference).error();
  if (*reference) {
    const std::string name = to_hex((*reference)->sha256);
    auto found =
        read_text(archived_body(archive.directory, (*reference)->sha256), kMaxReferencedBody);
    if (!found && !archive.origin.empty())
      found = read_text(archive.origin / "documents" / name, kMaxReferencedBody);
    if (!found) return std::move(found).error();
    body = *std::move(found);
  }
  jws = *std::move(text);
  return ok();
}

// UTC in seconds by the clock of decisions; nullopt: there was none.
std::optional<std::int64_t> moment_of(const ScreenLog& log, const PlayRow& play) {
  std::optional<std::int64_t> utc_s;
  for (const InputRow& row : log.inputs) {
    if (row.decision_seq > play.decision_seq) break;
    if (row.kind == InputKind::clock_offset && row.boot == play.boot)
      utc_s = floor_div(play.planned_start_us + row.value, kSecond);
  }
  return utc_s;
}

std::string newest_settings(const ArchivePlace& archive, const DeviceIdentity& identity,
                            std::optional<std::int64_t> before_s) {
  for (const Audience& audience : audiences_of(identity)) {
    const fs::path folder =
        archived_document(archive.directory, DocumentKind::settings, audience, 0).parent_path();
    auto versions = list_numbers(folder);
    std::reverse(versions.begin(), versions.end());
    for (const std::uint64_t version : versions) {
      auto jws = read_text(folder / std::to_string(version), kMaxPacket);
      const auto shape = jws ? parse_envelope(*jws) : Result<SignedDocument>(jws.error());
      if (!shape || (before_s && shape->header.issued_at > *before_s)) continue;
      return *std::move(jws);
    }
  }
  return "";
}

}  // namespace

Result<Generation> archived_generation(const ArchivePlace& archive, const DeviceIdentity& identity,
                                       const ScreenLog& log, std::uint64_t number) {
  const auto play = std::find_if(log.plays.begin(), log.plays.end(), [&](const PlayRow& row) {
    return row.generation == number && row.schedule_version != 0;
  });
  if (play == log.plays.end())
    return fail(ErrorCode::not_found,
                "no play names the documents of generation " + std::to_string(number));
  Generation generation;
  generation.number = number;
  GenerationFiles& files = generation.files;
  const auto put = [&](DocumentKind kind, std::uint64_t version, std::string& jws,
                       std::string& body) {
    return put_document(archive, identity, kind, version, jws, body);
  };
  if (auto done =
          put(DocumentKind::schedule, play->schedule_version, files.schedule, files.schedule_body);
      !done)
    return std::move(done).error();
  if (auto done =
          put(DocumentKind::numbers, play->numbers_version, files.numbers, files.numbers_body);
      !done)
    return std::move(done).error();
  if (auto done =
          put(DocumentKind::profile, play->profile_version, files.profile, files.profile_body);
      !done)
    return std::move(done).error();
  files.settings = newest_settings(archive, identity, moment_of(log, *play));
  return generation;
}

Result<std::string> archived_takeover(const ArchivePlace& archive, const DeviceIdentity& identity,
                                      std::uint64_t version) {
  return document_of(archive, identity, DocumentKind::takeover, version);
}

}  // namespace vitrine::op
