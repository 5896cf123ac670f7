#include "platform/file_blocks.hpp"

#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <future>

#include "platform/crypto.hpp"

namespace vitrine {
namespace {

constexpr std::size_t kChunk = 16 * FileBlocks::kBytes;

}  // namespace

std::size_t FileBlocks::length_of(std::size_t index) const {
  return static_cast<std::size_t>(
      std::min<std::uint64_t>(kBytes, size - std::uint64_t{index} * kBytes));
}

Result<HashedFile> hash_file(const fs::path& path, std::uint64_t most) {
  auto file = open_read(path);
  if (!file) return std::move(file).error();
  struct stat info {};
  if (::fstat(file->get(), &info) != 0 || !S_ISREG(info.st_mode))
    return fail(ErrorCode::invalid, path.string() + " is no regular file");
  HashedFile hashed;
  hashed.blocks.size = static_cast<std::uint64_t>(info.st_size);
  if (hashed.blocks.size > most) {
    return fail(ErrorCode::exhausted,
                path.string() + " is larger than " + std::to_string(most) + " bytes");
  }
  Sha256 whole;
  Bytes chunk(kChunk);
  for (std::uint64_t at = 0; at < hashed.blocks.size;) {
    const auto wanted =
        static_cast<std::size_t>(std::min<std::uint64_t>(kChunk, hashed.blocks.size - at));
    auto got = read_at(file->get(), at, {chunk.data(), wanted}, path);
    if (!got) return std::move(got).error();
    if (*got < wanted) return fail(ErrorCode::corrupt, path.string() + " shrinks as it is read");
    const ByteView bytes(chunk.data(), wanted);
    // Side by side: a screen that starts shows nothing before its files are hashed, and that is to
    // take no longer than one hash of each. Without a thread to be had it is done in get().
    auto added = std::async([&] { whole.add(bytes); });
    for (std::size_t from = 0; from < wanted; from += FileBlocks::kBytes) {
      hashed.blocks.hashes.push_back(
          sha256(bytes.subspan(from, std::min(FileBlocks::kBytes, wanted - from))));
    }
    added.get();
    at += wanted;
  }
  hashed.sha256 = whole.finish();
  return hashed;
}

Result<std::size_t> read_at(int fd, std::uint64_t at, std::span<std::uint8_t> out,
                            const fs::path& named) {
  std::size_t filled = 0;
  while (filled < out.size()) {
    const ssize_t got =
        ::pread(fd, out.data() + filled, out.size() - filled, static_cast<off_t>(at + filled));
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) {
      return fail(ErrorCode::unavailable,
                  "cannot read " + named.string() + ": " + std::strerror(errno));
    }
    if (got == 0) break;
    filled += static_cast<std::size_t>(got);
  }
  return filled;
}

}  // namespace vitrine
