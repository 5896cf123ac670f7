// A file of rows that appears whole, and its hash.
#pragma once

#include <string_view>

#include "platform/crypto.hpp"
#include "platform/file.hpp"

namespace vitrine::report {

// Written as <path>.part, which goes again unless it is shown.
class ExportFile {
 public:
  static Result<ExportFile> create(const fs::path& path);
  ExportFile(ExportFile&&) = default;
  ~ExportFile();

  Status head(std::string_view line) { return put(line); }
  Status row(std::string_view line) {
    ++rows_;
    return put(line);
  }
  std::int64_t rows() const { return rows_; }
  // Everything on disk; its hash. Nothing may be put afterwards.
  Result<Hash256> finish();
  Status show();  // under its own name

 private:
  ExportFile(fs::path path, FileDescriptor fd) : path_(std::move(path)), fd_(std::move(fd)) {}
  fs::path part() const { return path_.string() + ".part"; }
  Status put(std::string_view bytes);
  Status flush();

  fs::path path_;
  FileDescriptor fd_;
  Sha256 hash_;
  std::string buffer_;
  std::int64_t rows_ = 0;
};

}  // namespace vitrine::report
