#include "state/content_store.hpp"

#include "platform/crypto.hpp"
#include "toml_text.hpp"

namespace vitrine {

fs::path ContentStore::path_of(const Hash256& sha256) const {
  return directory_ / to_hex(sha256);
}
fs::path ContentStore::part_of(const Hash256& sha256) const {
  return directory_ / (to_hex(sha256) + ".part");
}

bool ContentStore::has(const Hash256& sha256) const {
  std::error_code error;
  return fs::is_regular_file(path_of(sha256), error);
}

Status ContentStore::commit(const Hash256& sha256, std::uint64_t size) {
  const fs::path part = part_of(sha256);
  const auto refuse = [&](std::string message) -> Status {
    if (auto removed = remove_file(part); !removed) message += " (" + removed.error().message + ")";
    return fail(ErrorCode::corrupt, std::move(message));
  };
  auto file = open_read(part);
  if (!file) return std::move(file).error();
  std::error_code error;
  const std::uint64_t came = fs::file_size(part, error);
  if (error)
    return fail(ErrorCode::unavailable, "cannot read " + part.string() + ": " + error.message());
  const std::string named = noun_ + " " + to_hex(sha256).substr(0, 12);
  if (came != size) {
    return refuse(named + ": " + std::to_string(size) + " bytes expected, " + std::to_string(came) +
                  " came");
  }
  auto hash = sha256_of_file(part);
  if (!hash) return std::move(hash).error();
  if (*hash != sha256) {
    return refuse(named + ": sha256 differs, " + to_hex(*hash).substr(0, 12) + " came");
  }
  if (auto synced = sync_data(file->get(), part); !synced) return synced;
  fs::rename(part, path_of(sha256), error);
  if (error)
    return fail(ErrorCode::unavailable, "cannot rename " + part.string() + ": " + error.message());
  (void)remove_file(directory_ / (to_hex(sha256) + ".tag"));
  return sync_directory(directory_);
}

Result<std::optional<Verdict>> read_verdict(const fs::path& directory, const Hash256& sha256) {
  const fs::path path = directory / to_hex(sha256);
  auto config = Config::read(path);
  if (!config) {
    if (config.error().code == ErrorCode::not_found) return std::optional<Verdict>();
    return std::move(config).error();
  }
  auto eligible = config->integer("eligible");
  if (!eligible) return std::move(eligible).error();
  Verdict verdict;
  verdict.sha256 = sha256;
  verdict.eligible = *eligible != 0;
  verdict.reason = config->text_or("reason", "");
  verdict.codec = config->text_or("codec", "");
  verdict.width = static_cast<std::uint32_t>(config->integer_or("width", 0));
  verdict.height = static_cast<std::uint32_t>(config->integer_or("height", 0));
  verdict.duration_us = config->integer_or("duration_us", 0);
  verdict.frames = config->integer_or("frames", 0);
  verdict.fps_milli = static_cast<std::uint32_t>(config->integer_or("fps_milli", 0));
  verdict.first_frame = hash_from_hex(config->text_or("first_frame", "")).value_or(Hash256{});
  verdict.threads = static_cast<std::uint32_t>(config->integer_or("threads", 1));
  verdict.speed_permille = static_cast<std::uint32_t>(config->integer_or("speed_permille", 0));
  return std::optional<Verdict>(verdict);
}

Status write_verdict(const fs::path& directory, const Verdict& verdict) {
  return write_atomic(directory / to_hex(verdict.sha256),
                      TomlText()
                          .integer("eligible", verdict.eligible ? 1 : 0)
                          .text("reason", verdict.reason)
                          .text("codec", verdict.codec)
                          .integer("width", verdict.width)
                          .integer("height", verdict.height)
                          .integer("duration_us", verdict.duration_us)
                          .integer("frames", verdict.frames)
                          .integer("fps_milli", verdict.fps_milli)
                          .text("first_frame", to_hex(verdict.first_frame))
                          .integer("threads", verdict.threads)
                          .integer("speed_permille", verdict.speed_permille)
                          .str());
}

}  // namespace vitrine
