#include "platform/file.hpp"

#include <fcntl.h>
#include <stdio.h>  // renameat2
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <cstring>

#include "platform/crypto.hpp"

namespace vitrine {
namespace {

Error system_error(std::string_view doing, const fs::path& path) {
  const int number = errno;
  const ErrorCode code = number == ENOENT                       ? ErrorCode::not_found
                         : number == EACCES || number == EPERM  ? ErrorCode::denied
                         : number == ENOSPC || number == EDQUOT ? ErrorCode::exhausted
                                                                : ErrorCode::unavailable;
  return fail(code, std::string(doing) + " " + path.string() + ": " + std::strerror(number));
}

Result<FileDescriptor> open_file(const fs::path& path, int flags, unsigned mode) {
  FileDescriptor file(::open(path.c_str(), flags | O_CLOEXEC, mode));
  if (!file.open()) return system_error("cannot open", path);
  return file;
}

Status replace(const fs::path& path, ByteView body, unsigned mode, bool durable) {
  fs::path fresh = path;
  fresh += ".new";
  {
    auto file = open_file(fresh, O_WRONLY | O_CREAT | O_TRUNC, mode);
    if (!file) return std::move(file).error();
    if (auto written = write_all(file->get(), body, fresh); !written) return written;
    if (durable) {
      if (auto synced = sync_data(file->get(), fresh); !synced) return synced;
    }
  }
  if (::rename(fresh.c_str(), path.c_str()) != 0) return system_error("cannot rename to", path);
  return durable ? sync_directory(path.parent_path()) : ok();
}

}  // namespace

FileDescriptor& FileDescriptor::operator=(FileDescriptor&& other) noexcept {
  if (this != &other) {
    if (fd_ >= 0) ::close(fd_);
    fd_ = other.release();
  }
  return *this;
}

FileDescriptor::~FileDescriptor() {
  if (fd_ >= 0) ::close(fd_);
}

Result<Bytes> read_file(const fs::path& path, std::size_t most) {
  auto file = open_read(path);
  if (!file) return std::move(file).error();
  Bytes body;
  std::array<std::uint8_t, 64 * 1024> chunk;
  for (;;) {
    const ssize_t got = ::read(file->get(), chunk.data(), chunk.size());
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return system_error("cannot read", path);
    if (got == 0) return body;
    if (body.size() + static_cast<std::size_t>(got) > most) {
      return fail(ErrorCode::exhausted,
                  path.string() + " is larger than " + std::to_string(most) + " bytes");
    }
    body.insert(body.end(), chunk.data(), chunk.data() + got);
  }
}

Result<std::string> read_text(const fs::path& path, std::size_t most) {
  auto body = read_file(path, most);
  if (!body) return std::move(body).error();
  return std::string(as_text(*body));
}

Status write_atomic(const fs::path& path, ByteView body, unsigned mode) {
  return replace(path, body, mode, true);
}

Status write_atomic(const fs::path& path, std::string_view body, unsigned mode) {
  return replace(path, as_bytes(body), mode, true);
}

Status replace_volatile(const fs::path& path, std::string_view body) {
  return replace(path, as_bytes(body), 0640, false);
}

Status overwrite_in_place(const fs::path& path, ByteView body) {
  auto file = open_file(path, O_WRONLY | O_CREAT, 0640);
  if (!file) return std::move(file).error();
  return write_all(file->get(), body, path);
}

Status exchange_directories(const fs::path& one, const fs::path& other) {
  if (::renameat2(AT_FDCWD, one.c_str(), AT_FDCWD, other.c_str(), RENAME_EXCHANGE) != 0)
    return system_error("cannot swap " + other.string() + " with", one);
  if (auto synced = sync_directory(one.parent_path()); !synced) return synced;
  return one.parent_path() == other.parent_path() ? ok() : sync_directory(other.parent_path());
}

Status make_directories(const fs::path& path) {
  std::error_code error;
  fs::create_directories(path, error);
  if (error) {
    return fail(ErrorCode::unavailable, "cannot create " + path.string() + ": " + error.message());
  }
  return ok();
}

Status give_to_owner_of_directory(const fs::path& path) {
  if (::geteuid() != 0) return ok();
  struct stat directory = {};
  const fs::path parent = path.has_parent_path() ? path.parent_path() : fs::path(".");
  if (::stat(parent.c_str(), &directory) != 0) return system_error("cannot look at", parent);
  const auto give = [&](const fs::path& file) {
    if (::lchown(file.c_str(), directory.st_uid, directory.st_gid) == 0) return ok();
    return Status(system_error("cannot give to its directory's owner", file));
  };
  if (auto given = give(path); !given) return given;
  std::error_code error;
  if (!fs::is_directory(fs::symlink_status(path, error))) return ok();
  for (fs::recursive_directory_iterator at(path, error), end; !error && at != end;
       at.increment(error)) {
    if (auto given = give(at->path()); !given) return given;
  }
  if (error)
    return fail(ErrorCode::unavailable, "cannot read " + path.string() + ": " + error.message());
  return ok();
}

Status sync_directory(const fs::path& path) {
  auto directory = open_file(path.empty() ? fs::path(".") : path, O_RDONLY | O_DIRECTORY, 0);
  if (!directory) return std::move(directory).error();
  if (::fsync(directory->get()) != 0) return system_error("cannot fsync", path);
  return ok();
}

Status remove_file(const fs::path& path) {
  if (::unlink(path.c_str()) != 0 && errno != ENOENT) return system_error("cannot remove", path);
  return ok();
}

Result<FileStamp> stamp_of(const fs::path& path) {
  struct stat info {};
  if (::stat(path.c_str(), &info) != 0) return system_error("cannot read", path);
  return FileStamp{std::int64_t{info.st_mtim.tv_sec} * 1'000'000'000 + info.st_mtim.tv_nsec,
                   info.st_ino, static_cast<std::uint64_t>(info.st_size)};
}

std::vector<std::string> list_directory(const fs::path& path) {
  std::vector<std::string> names;
  std::error_code error;
  for (fs::directory_iterator it(path, error), end; !error && it != end; it.increment(error)) {
    names.push_back(it->path().filename().string());
  }
  std::sort(names.begin(), names.end());
  return names;
}

std::vector<std::uint64_t> list_numbers(const fs::path& path) {
  std::vector<std::uint64_t> numbers;
  for (const std::string& name : list_directory(path)) {
    std::uint64_t number = 0;
    const auto parsed = std::from_chars(name.data(), name.data() + name.size(), number);
    if (parsed.ec == std::errc() && parsed.ptr == name.data() + name.size())
      numbers.push_back(number);
  }
  std::sort(numbers.begin(), numbers.end());
  return numbers;
}

Result<FileDescriptor> open_read(const fs::path& path) {
  // Not to be held for ever by a FIFO that somebody put in the file's place; files do not mind.
  return open_file(path, O_RDONLY | O_NONBLOCK, 0);
}

Result<FileDescriptor> open_append(const fs::path& path, unsigned mode) {
  return open_file(path, O_RDWR | O_CREAT | O_APPEND, mode);
}

Status write_all(int fd, ByteView body, const fs::path& named) {
  while (!body.empty()) {
    const ssize_t put = ::write(fd, body.data(), body.size());
    if (put < 0 && errno == EINTR) continue;
    if (put < 0) return system_error("cannot write", named);
    body = body.subspan(static_cast<std::size_t>(put));
  }
  return ok();
}

Status sync_data(int fd, const fs::path& named) {
  if (::fdatasync(fd) != 0) return system_error("cannot fsync", named);
  return ok();
}

Result<Hash256> sha256_of_file(const fs::path& path) {
  auto file = open_read(path);
  if (!file) return std::move(file).error();
  Sha256 hash;
  Bytes chunk(1024 * 1024);
  for (;;) {
    const ssize_t got = ::read(file->get(), chunk.data(), chunk.size());
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return system_error("cannot read", path);
    if (got == 0) return hash.finish();
    hash.add({chunk.data(), static_cast<std::size_t>(got)});
  }
}

}  // namespace vitrine
