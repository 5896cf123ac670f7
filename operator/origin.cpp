#include "operator/origin.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "operator/http_put.hpp"
#include "platform/crypto.hpp"

namespace vitrine::op {
namespace {

constexpr std::size_t kChunk = 1024 * 1024;

bool lies_there(const fs::path& target, const LocalContent& content) {
  std::error_code error;
  if (!fs::is_regular_file(target, error) || fs::file_size(target, error) != content.size)
    return false;
  const auto hash = sha256_of_file(target);
  return hash && *hash == content.sha256;
}

Result<Hash256> copy_hashed(const fs::path& from, const fs::path& to) {
  auto source = open_read(from);
  if (!source) return std::move(source).error();
  const FileDescriptor target(::open(to.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644));
  if (!target.open()) {
    return fail(ErrorCode::unavailable,
                "cannot create " + to.string() + ": " + std::strerror(errno));
  }
  Sha256 hash;
  Bytes chunk(kChunk);
  for (;;) {
    const ssize_t got = ::read(source->get(), chunk.data(), chunk.size());
    if (got < 0 && errno == EINTR) continue;
    if (got < 0)
      return fail(ErrorCode::unavailable,
                  "cannot read " + from.string() + ": " + std::strerror(errno));
    if (got == 0) break;
    const ByteView bytes(chunk.data(), static_cast<std::size_t>(got));
    hash.add(bytes);
    if (auto written = write_all(target.get(), bytes, to); !written)
      return std::move(written).error();
  }
  if (auto synced = sync_data(target.get(), to); !synced) return std::move(synced).error();
  return hash.finish();
}

Status put_in_directory(const fs::path& directory, const LocalContent& content) {
  const fs::path target = directory / content.path;
  if (lies_there(target, content)) return ok();
  if (auto made = make_directories(target.parent_path()); !made) return made;
  fs::path part = target;
  part += ".part";
  auto hash = copy_hashed(content.file, part);
  if (!hash) {
    (void)remove_file(part);
    return std::move(hash).error();
  }
  if (*hash != content.sha256) {
    (void)remove_file(part);
    return fail(ErrorCode::conflict, content.file.string() + " changed while it was copied");
  }
  if (::rename(part.c_str(), target.c_str()) != 0) {
    return fail(ErrorCode::unavailable,
                "cannot rename to " + target.string() + ": " + std::strerror(errno));
  }
  return sync_directory(target.parent_path());
}

}  // namespace

Status put_content(const OriginOptions& options, const LocalContent& content) {
  const bool remote =
      options.origin.starts_with("https://") || options.origin.starts_with("http://");
  if (!remote) return put_in_directory(options.origin, content);
  std::string url = options.origin;
  if (!url.ends_with('/')) url += '/';
  return http_put(url + content.path, content, options.ca_file);
}

}  // namespace vitrine::op
