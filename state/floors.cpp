#include <algorithm>
#include <charconv>

#include "platform/log.hpp"
#include "state/generation.hpp"

namespace vitrine {
namespace {

fs::path floor_file(const fs::path& directory, DocumentKind kind, const Audience& audience) {
  const char* who = audience.kind == Audience::Kind::group ? "group" : "screen";
  return directory / (std::string(name_of(kind)) + "." + who + "." + audience.name);
}

}  // namespace

std::uint64_t VersionFloors::get(DocumentKind kind, const Audience& audience) const {
  if (!is_valid_name(audience.name)) return 0;
  const fs::path path = floor_file(directory_, kind, audience);
  auto text = read_text(path, 64);
  std::uint64_t version = 0;
  if (!text) return 0;
  const auto parsed = std::from_chars(text->data(), text->data() + text->size(), version);
  if (parsed.ec != std::errc()) {
    log_error("{} holds no number; its versions count from 0 again", path.string());
    return 0;
  }
  return version;
}

std::uint64_t VersionFloors::highest(DocumentKind kind) const {
  std::uint64_t highest = 0;
  const std::string prefix = std::string(name_of(kind)) + ".";
  for (const std::string& name : list_directory(directory_)) {
    if (!name.starts_with(prefix)) continue;
    std::string rest = name.substr(prefix.size());
    const auto dot = rest.find('.');
    if (dot == std::string::npos) continue;
    rest[dot] = '/';
    if (const auto audience = Audience::parse(rest))
      highest = std::max(highest, get(kind, *audience));
  }
  return highest;
}

Status VersionFloors::raise(DocumentKind kind, const Audience& audience, std::uint64_t version) {
  if (!is_valid_name(audience.name)) {
    return fail(ErrorCode::invalid, "'" + audience.name + "' is no valid audience name");
  }
  if (version <= get(kind, audience)) return ok();
  return write_atomic(floor_file(directory_, kind, audience), std::to_string(version) + "\n");
}

}  // namespace vitrine
