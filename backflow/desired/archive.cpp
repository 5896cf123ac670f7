#include "backflow/desired.hpp"
#include "protocol/reference.hpp"

namespace vitrine {
namespace {

fs::path file_of(const Audience& audience) {
  return (audience.kind == Audience::Kind::screen ? "screen-" : "group-") + audience.name;
}

// The second name of a file of by-hash, which costs no room.
Status link_by_name(const fs::path& archive, const fs::path& file, const DocumentHeader& header) {
  const fs::path name = archived_document(archive, header.kind, header.audience, header.version);
  if (auto made = make_directories(name.parent_path()); !made) return made;
  std::error_code error;
  fs::create_hard_link(file, name, error);
  // There already: the reply had got lost, and the same document came again.
  if (!error || error == std::errc::file_exists) return ok();
  return fail(ErrorCode::unavailable, "cannot link " + name.string() + ": " + error.message());
}

std::string words(const DocumentHeader& header) {
  return std::string(name_of(header.kind)) + " " + std::to_string(header.version) + " for " +
         header.audience.text();
}

constexpr std::string_view kWanted = ".wanted";

// Of an archive older than by-name, and of a power cut between the two names.
Status name_the_unnamed(const fs::path& archive) {
  const fs::path folder = archive / "by-hash";
  for (const std::string& name : list_directory(folder)) {
    std::error_code error;
    if (!name.ends_with(".jws") || fs::hard_link_count(folder / name, error) != 1 || error)
      continue;
    auto jws = read_text(folder / name, kMaxPacket);
    if (!jws) return std::move(jws).error();
    const auto document = parse_envelope(*jws);
    if (!document) continue;  // nobody decides from it any more; its hash still finds it
    if (auto linked = link_by_name(archive, folder / name, document->header); !linked)
      return linked;
  }
  return ok();
}

}  // namespace

fs::path archived_document(const fs::path& archive, DocumentKind kind, const Audience& audience,
                           std::uint64_t version) {
  return archive / "by-name" / name_of(kind) / file_of(audience) / std::to_string(version);
}

fs::path archived_body(const fs::path& archive, const Hash256& sha256) {
  return archive / "bodies" / to_hex(sha256);
}

Result<DocumentArchive> DocumentArchive::open(const fs::path& directory) {
  DocumentArchive archive(directory);
  for (const char* part : {"by-hash", "bodies"})
    if (auto made = make_directories(directory / part); !made) return std::move(made).error();
  if (auto named = name_the_unnamed(directory); !named) return std::move(named).error();
  for (const std::string& name : list_directory(directory / "bodies")) {
    if (!name.ends_with(kWanted)) continue;
    auto jws = read_text(directory / "bodies" / name, kMaxPacket);
    if (!jws) return std::move(jws).error();
    const auto document = parse_envelope(*jws);
    if (!document) continue;
    if (auto wanted = archive.want_body(*document); !wanted) return std::move(wanted).error();
  }
  for (const std::string_view kind : kDocumentKindNames) {
    const fs::path folder = directory / "current" / kind;
    if (auto made = make_directories(folder); !made) return std::move(made).error();
    for (const std::string& name : list_directory(folder)) {
      if (name.ends_with(".new"))
        continue;  // a write that a power cut ended; its rename never came
      auto jws = read_text(folder / name, kMaxPacket);
      if (!jws) return std::move(jws).error();
      auto document = parse_envelope(*jws);
      // Its version is the floor for the next one: to go on without it would let an older document
      // in.
      if (!document) return std::move(document).error().context((folder / name).string());
      archive.current_.emplace(std::pair(document->header.kind, document->header.audience),
                               *document);
    }
  }
  return archive;
}

Status DocumentArchive::keep_by_hash(const SignedDocument& document) {
  const fs::path file = directory_ / "by-hash" / (to_hex(sha256(as_bytes(document.jws))) + ".jws");
  std::error_code error;
  if (!fs::exists(file, error)) {
    if (auto written = write_atomic(file, document.jws); !written) return written;
  }
  if (auto wanted = want_body(document); !wanted) return wanted;
  return link_by_name(directory_, file, document.header);
}

Status DocumentArchive::want_body(const SignedDocument& document) {
  auto reference = reference_in(document);
  if (!reference) return std::move(reference).error();
  if (!*reference) return ok();
  const fs::path body = archived_body(directory_, (*reference)->sha256);
  const fs::path mark = body.string() + std::string(kWanted);
  std::error_code error;
  if (fs::exists(body, error)) return remove_file(mark);
  wanted_[to_hex((*reference)->sha256)] = {**reference, words(document.header)};
  return fs::exists(mark, error) ? ok() : write_atomic(mark, document.jws);
}

std::vector<std::string> DocumentArchive::bring_bodies(const fs::path& origin) {
  std::vector<std::string> lacking;
  for (auto next = wanted_.begin(); next != wanted_.end();) {
    const auto& [name, wanted] = *next;
    const fs::path body = archived_body(directory_, wanted.reference.sha256);
    Status brought = fail(ErrorCode::not_found, "no origin is set");
    if (!origin.empty()) {
      auto bytes = read_file(origin / wanted.reference.url, kMaxReferencedBody);
      if (!bytes) {
        brought = std::move(bytes).error();
      } else if (bytes->size() != wanted.reference.size ||
                 sha256(*bytes) != wanted.reference.sha256) {
        brought = fail(ErrorCode::corrupt,
                       (origin / wanted.reference.url).string() + " is not what was signed");
      } else {
        brought = write_atomic(body, *bytes);
      }
    }
    if (brought) {
      // A mark that stays is looked at by the next start, which finds the body beside it.
      (void)remove_file(body.string() + std::string(kWanted));
      next = wanted_.erase(next);
      continue;
    }
    lacking.push_back("the body of " + wanted.whose +
                      " is not in the archive: " + brought.error().message);
    ++next;
  }
  return lacking;
}

Status DocumentArchive::keep(const SignedDocument& document) {
  const DocumentHeader& header = document.header;
  if (auto written = keep_by_hash(document); !written) return written;
  const fs::path current = directory_ / "current" / name_of(header.kind) / file_of(header.audience);
  if (auto written = write_atomic(current, document.jws); !written) return written;
  current_.insert_or_assign({header.kind, header.audience}, document);
  return ok();
}

const SignedDocument* DocumentArchive::current(DocumentKind kind, const Audience& audience) const {
  const auto found = current_.find({kind, audience});
  return found == current_.end() ? nullptr : &found->second;
}

std::vector<const SignedDocument*> DocumentArchive::all() const {
  std::vector<const SignedDocument*> documents;
  for (const auto& [name, document] : current_) documents.push_back(&document);
  return documents;
}

}  // namespace vitrine
