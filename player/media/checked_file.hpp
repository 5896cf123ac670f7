// The bytes of a media file, and no others than those that were hashed: each block is read into
// memory of our own, hashed there and handed on from there. Whoever can write to the file while it
// is played can end that play and not change it.
#pragma once

#include <memory>
#include <span>

#include "platform/file_blocks.hpp"

namespace vitrine {

class CheckedFile {
 public:
  // Takes the descriptor. Without `blocks` the file is read as it is: vet judges files that nobody
  // vouches for, and --play shows a person's own.
  CheckedFile(FileDescriptor file, std::shared_ptr<const FileBlocks> blocks = nullptr)
      : file_(std::move(file)), blocks_(std::move(blocks)) {}

  // What was hashed, whatever was appended since.
  Result<std::uint64_t> size() const;
  // At least one byte from `at` on; 0 at the end. `corrupt`: the block is not what was hashed.
  Result<std::size_t> read(std::uint64_t at, std::span<std::uint8_t> out);

 private:
  Status load(std::size_t index);

  FileDescriptor file_;
  std::shared_ptr<const FileBlocks> blocks_;
  Bytes block_;  // the one read last, checked
  std::size_t loaded_ = SIZE_MAX;
};

}  // namespace vitrine
