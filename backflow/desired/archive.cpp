#include "backflow/desired.hpp"

namespace vitrine {
namespace {

fs::path file_of(const Audience& audience) {
  return (audience.kind == Audience::Kind::screen ? "screen-" : "group-") + audience.name;
}

}  // namespace

Result<DocumentArchive> DocumentArchive::open(const fs::path& directory) {
  DocumentArchive archive(directory);
  if (auto made = make_directories(directory / "by-hash"); !made) return std::move(made).error();
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
  return write_atomic(directory_ / "by-hash" / (to_hex(sha256(as_bytes(document.jws))) + ".jws"),
                      document.jws);
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
