#include "checked_file.hpp"

#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "platform/crypto.hpp"

namespace vitrine {

Result<std::uint64_t> CheckedFile::size() const {
  if (blocks_) return blocks_->size;
  struct stat info {};
  if (::fstat(file_.get(), &info) != 0) return fail(ErrorCode::unavailable, std::strerror(errno));
  return static_cast<std::uint64_t>(info.st_size);
}

Result<std::size_t> CheckedFile::read(std::uint64_t at, std::span<std::uint8_t> out) {
  if (!blocks_) return read_at(file_.get(), at, out, "it");
  if (at >= blocks_->size || out.empty()) return std::size_t{0};
  const auto index = static_cast<std::size_t>(at / FileBlocks::kBytes);
  if (auto loaded = load(index); !loaded) return std::move(loaded).error();
  const auto from = static_cast<std::size_t>(at % FileBlocks::kBytes);
  const std::size_t count = std::min(out.size(), block_.size() - from);
  std::memcpy(out.data(), block_.data() + from, count);
  return count;
}

Status CheckedFile::load(std::size_t index) {
  if (index == loaded_) return ok();
  loaded_ = SIZE_MAX;
  block_.resize(blocks_->length_of(index));
  const std::uint64_t at = std::uint64_t{index} * FileBlocks::kBytes;
  auto got = read_at(file_.get(), at, block_, "it");
  if (!got) return std::move(got).error();
  if (*got < block_.size() || sha256(block_) != blocks_->hashes[index]) {
    return fail(ErrorCode::corrupt, "bytes " + std::to_string(at) + " to " +
                                        std::to_string(at + block_.size() - 1) +
                                        " are no longer those that were hashed");
  }
  loaded_ = index;
  return ok();
}

}  // namespace vitrine
