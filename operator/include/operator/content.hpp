// From the document an operator writes to the one that is signed. The operator may name a variant's
// file instead of its hash ("file": "ad1.mp4" in place of "content"), and may leave "content" out
// of the document.
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.hpp"
#include "platform/file.hpp"
#include "protocol/json.hpp"

namespace vitrine::op {

// A local file and where the document says it is.
struct LocalContent {
  fs::path file;
  Hash256 sha256{};
  std::uint64_t size = 0;
  std::string path;  // below the origin
};

struct FilledDocument {
  Json document;
  std::vector<LocalContent> content;  // each hash once
};

// Called with (bytes done, bytes in all).
using Progress = std::function<void(std::uint64_t, std::uint64_t)>;

// Hashes the files that `document` names, puts the hashes in their place and lists them in
// "content" as content/<sha256>. An entry that already stands in "content" is looked for in `files`
// under its path, its path's last part or its hash, and must have the hash and size it states. The
// error names the creative and the file.
Result<FilledDocument> fill_content(Json document, const fs::path& files,
                                    const Progress& progress = {});

// A variant of this document names a file, so it has to go through fill_content() first.
bool names_files(std::string_view json);

// By the name's ending; empty when it is none that screens play.
std::string media_type_of(const fs::path& file);

}  // namespace vitrine::op
