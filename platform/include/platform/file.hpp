// Files that survive a power cut, and little else. All errors name the path and the system's
// reason.
#pragma once

#include <compare>
#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "base/bytes.hpp"
#include "base/result.hpp"

namespace vitrine {

namespace fs = std::filesystem;

// Owns a file descriptor; closes it. Move-only.
class FileDescriptor {
 public:
  FileDescriptor() = default;
  explicit FileDescriptor(int fd) : fd_(fd) {}
  FileDescriptor(FileDescriptor&& other) noexcept : fd_(other.release()) {}
  FileDescriptor& operator=(FileDescriptor&& other) noexcept;
  FileDescriptor(const FileDescriptor&) = delete;
  FileDescriptor& operator=(const FileDescriptor&) = delete;
  ~FileDescriptor();

  int get() const { return fd_; }
  bool open() const { return fd_ >= 0; }
  int release() {
    const int fd = fd_;
    fd_ = -1;
    return fd;
  }

 private:
  int fd_ = -1;
};

// `not_found` when it does not exist; `exhausted` when it is larger than `most` bytes.
Result<Bytes> read_file(const fs::path& path, std::size_t most = 64 * 1024 * 1024);
Result<std::string> read_text(const fs::path& path, std::size_t most = 64 * 1024 * 1024);

// Write to a neighbour, fsync, rename over `path`, fsync the directory: after a power cut the file
// is the old one or the new one, whole. The parent directory must exist.
Status write_atomic(const fs::path& path, ByteView body, unsigned mode = 0640);
Status write_atomic(const fs::path& path, std::string_view body, unsigned mode = 0640);
// The same without fsync, for tmpfs: readers never see half a file.
Status replace_volatile(const fs::path& path, std::string_view body);

// In place and without fsync, for a few bytes that are always as many: survives the end of the
// process, and a power cut may bring back older ones.
Status overwrite_in_place(const fs::path& path, ByteView body);

// Swaps two directories of one file system in one step and makes that durable: a power cut leaves
// each name with the one content or the other. Both must exist.
Status exchange_directories(const fs::path& one, const fs::path& other);

Status make_directories(const fs::path& path);
// `path`, with all that lies in it, becomes its directory's owner's, as if that one had written it.
// Only root can; whoever else calls this writes what is his own already, and nothing is done.
Status give_to_owner_of_directory(const fs::path& path);
Status sync_directory(const fs::path& path);
Status remove_file(const fs::path& path);  // fine when it is not there
// Tells whether a file is still the one that was read. A file replaced by rename is another inode,
// so even two changes within one tick of the clock are told apart.
struct FileStamp {
  std::int64_t changed_ns = 0;
  std::uint64_t inode = 0, size = 0;
  auto operator<=>(const FileStamp&) const = default;
};
Result<FileStamp> stamp_of(const fs::path& path);
// Names in a directory, sorted; empty when the directory does not exist.
std::vector<std::string> list_directory(const fs::path& path);
// Of these the ones that are numbers, ascending.
std::vector<std::uint64_t> list_numbers(const fs::path& path);

Result<FileDescriptor> open_read(const fs::path& path);
// Creates the file when absent; positions at its end for every write.
Result<FileDescriptor> open_append(const fs::path& path, unsigned mode = 0640);
Status write_all(int fd, ByteView body, const fs::path& named);
Status sync_data(int fd, const fs::path& named);

// Copies the bytes of `path` through SHA-256, 1 MiB at a time.
Result<Hash256> sha256_of_file(const fs::path& path);

}  // namespace vitrine
