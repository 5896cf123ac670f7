#include "operator/content.hpp"

#include <algorithm>
#include <array>
#include <cctype>
#include <map>

#include "platform/crypto.hpp"

namespace vitrine::op {
namespace {

struct MediaType {
  std::string_view ending;
  std::string_view type;
};
constexpr std::array<MediaType, 10> kMediaTypes = {{{".mp4", "video/mp4"},
                                                    {".m4v", "video/mp4"},
                                                    {".mov", "video/quicktime"},
                                                    {".webm", "video/webm"},
                                                    {".mkv", "video/x-matroska"},
                                                    {".ts", "video/mp2t"},
                                                    {".jpg", "image/jpeg"},
                                                    {".jpeg", "image/jpeg"},
                                                    {".png", "image/png"},
                                                    {".webp", "image/webp"}}};

Result<std::uint64_t> size_of(const fs::path& file) {
  std::error_code error;
  if (!fs::is_regular_file(file, error)) {
    return fail(ErrorCode::not_found, file.string() + " is no file");
  }
  const auto size = fs::file_size(file, error);
  if (error) return fail(ErrorCode::unavailable, file.string() + ": " + error.message());
  return static_cast<std::uint64_t>(size);
}

class Filler {
 public:
  Filler(const fs::path& files, const Progress& progress) : files_(files), progress_(progress) {}

  // What will be hashed, so that progress has an end. Files that are missing are told later, with
  // their creative.
  void plan(const std::vector<fs::path>& named) {
    for (const auto& file : named) {
      if (auto size = size_of(file)) all_ += *size;
    }
  }

  Result<LocalContent> hash(const fs::path& file) {
    if (const auto known = hashed_.find(file); known != hashed_.end()) return known->second;
    auto size = size_of(file);
    if (!size) return std::move(size).error();
    auto sha256 = sha256_of_file(file);
    if (!sha256) return std::move(sha256).error();
    done_ += *size;
    if (progress_) progress_(done_, all_);
    LocalContent content{file, *sha256, *size, "content/" + to_hex(*sha256)};
    hashed_.emplace(file, content);
    return content;
  }

  void keep(const LocalContent& content) {
    const auto same = [&](const LocalContent& other) { return other.sha256 == content.sha256; };
    if (std::none_of(kept.begin(), kept.end(), same)) kept.push_back(content);
  }

  const fs::path& files() const { return files_; }
  std::vector<LocalContent> kept;

 private:
  const fs::path& files_;
  const Progress& progress_;
  std::uint64_t done_ = 0;
  std::uint64_t all_ = 0;
  std::map<fs::path, LocalContent> hashed_;
};

// Calls `visit(variant, name)` for each variant that names a file.
template <class Visit>
Status for_each_file(Json& document, const Visit& visit) {
  Json* creatives = document.find("creatives");
  if (!creatives || !creatives->array()) return ok();  // the schema will say it better
  for (auto& creative : *creatives->array()) {
    Json* variants = creative.find("variants");
    if (!variants || !variants->array()) continue;
    const Json* id = creative.find("id");
    for (auto& variant : *variants->array()) {
      const Json* file = variant.find("file");
      if (!file) continue;
      const std::string named = "creative " + (id ? write_json(*id) : std::string("without id"));
      if (!file->text() || file->text()->empty()) {
        return fail(ErrorCode::invalid,
                    named + ": \"file\" must be a name, found " + write_json(*file));
      }
      if (variant.find("content")) {
        return fail(ErrorCode::invalid,
                    named + ": a variant has either \"file\" or \"content\", found both");
      }
      if (auto done = visit(variant, *file->text()); !done)
        return std::move(done).error().context(named);
    }
  }
  return ok();
}

Json content_entry(const LocalContent& content, const std::string& media_type) {
  return Json::Object{{"sha256", to_hex(content.sha256)},
                      {"size", static_cast<std::int64_t>(content.size)},
                      {"media_type", media_type},
                      {"path", content.path}};
}

// The file of an entry that the operator wrote, or an empty path.
fs::path find_listed(const fs::path& files, const std::string& path, const std::string& sha256) {
  std::error_code error;
  for (const auto& candidate : {files / path, files / fs::path(path).filename(), files / sha256}) {
    if (fs::is_regular_file(candidate, error)) return candidate;
  }
  return {};
}

Status keep_listed(Filler& filler, const Json& entry) {
  const Json* path = entry.find("path");
  const Json* sha256 = entry.find("sha256");
  const Json* size = entry.find("size");
  if (!path || !path->text() || !sha256 || !sha256->text() || !size || !size->integer())
    return ok();  // for the schema
  const auto file = find_listed(filler.files(), *path->text(), *sha256->text());
  if (file.empty()) {
    return fail(ErrorCode::not_found,
                "content " + *path->text() + " is listed but not in " + filler.files().string());
  }
  auto content = filler.hash(file);
  if (!content) return std::move(content).error();
  if (to_hex(content->sha256) != *sha256->text() ||
      static_cast<std::int64_t>(content->size) != *size->integer()) {
    return fail(ErrorCode::corrupt, "content " + *path->text() + ": " + file.string() + " has " +
                                        std::to_string(content->size) + " bytes and sha256 " +
                                        to_hex(content->sha256) + ", the document says " +
                                        std::to_string(*size->integer()) + " and " +
                                        *sha256->text());
  }
  content->path = *path->text();
  filler.keep(*content);
  return ok();
}

}  // namespace

std::string media_type_of(const fs::path& file) {
  std::string ending = file.extension().string();
  std::transform(ending.begin(), ending.end(), ending.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  for (const auto& known : kMediaTypes) {
    if (known.ending == ending) return std::string(known.type);
  }
  return {};
}

bool names_files(std::string_view json) {
  auto document = parse_json(json);
  bool named = false;
  if (!document) return false;
  (void)for_each_file(*document, [&](Json&, const std::string&) {
    named = true;
    return ok();
  });
  return named;
}

Result<FilledDocument> fill_content(Json document, const fs::path& files,
                                    const Progress& progress) {
  if (!document.object()) return fail(ErrorCode::invalid, "the document is no JSON object");
  Filler filler(files, progress);

  std::vector<fs::path> named;
  auto listed = document.find("content");
  if (listed && listed->array()) {
    for (const auto& entry : *listed->array()) {
      const Json* path = entry.find("path");
      const Json* sha256 = entry.find("sha256");
      if (path && path->text() && sha256 && sha256->text()) {
        named.push_back(find_listed(files, *path->text(), *sha256->text()));
      }
    }
  }
  auto looked = for_each_file(document, [&](Json&, const std::string& name) {
    named.push_back(files / name);
    return ok();
  });
  if (!looked) return std::move(looked).error();
  std::sort(named.begin(), named.end());
  named.erase(std::unique(named.begin(), named.end()), named.end());
  filler.plan(named);

  Json::Array content;
  if (listed) {
    if (!listed->array()) return fail(ErrorCode::invalid, "/content must be a list");
    content = *listed->array();
    for (const auto& entry : content) {
      if (auto kept = keep_listed(filler, entry); !kept) return std::move(kept).error();
    }
  }
  auto filled = for_each_file(document, [&](Json& variant, const std::string& name) -> Status {
    const auto type = media_type_of(name);
    if (type.empty()) return fail(ErrorCode::invalid, name + " has no ending that screens play");
    auto hashed = filler.hash(files / name);
    if (!hashed) return std::move(hashed).error();
    const auto before = filler.kept.size();
    filler.keep(*hashed);
    if (filler.kept.size() > before) content.push_back(content_entry(*hashed, type));
    variant.object()->erase("file");
    variant.object()->insert_or_assign("content", to_hex(hashed->sha256));
    return ok();
  });
  if (!filled) return std::move(filled).error();
  document.object()->insert_or_assign("content", std::move(content));
  return FilledDocument{std::move(document), std::move(filler.kept)};
}

}  // namespace vitrine::op
