// What a file was when it was hashed, block by block: whoever reads it later can tell of every
// block whether it is still that.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "platform/file.hpp"

namespace vitrine {

// 32 bytes for 64 KiB, half a MiB for a GiB. Hashes are kept whole: two blocks that share 16 bytes
// of theirs can be prepared in 2^64 tries, one of them in a creative that somebody signs.
struct FileBlocks {
  static constexpr std::size_t kBytes = 64 * 1024;
  std::uint64_t size = 0;       // of the file
  std::vector<Hash256> hashes;  // of its blocks; the last may be shorter

  std::size_t length_of(std::size_t index) const;  // bytes of a block
};

struct HashedFile {
  Hash256 sha256{};  // of the whole
  FileBlocks blocks;
};

// Both from the same bytes. `exhausted` when the file holds more than `most` of them; it is not
// read then.
Result<HashedFile> hash_file(const fs::path& path, std::uint64_t most);

// Fills `out` from `at` on, less where the file ends.
Result<std::size_t> read_at(int fd, std::uint64_t at, std::span<std::uint8_t> out,
                            const fs::path& named);

}  // namespace vitrine
