#include "report/export_file.hpp"

namespace vitrine::report {
namespace {

constexpr std::size_t kBuffer = 256 * 1024;

}  // namespace

Result<ExportFile> ExportFile::create(const fs::path& path) {
  if (auto gone = remove_file(path.string() + ".part"); !gone) return std::move(gone).error();
  auto fd = open_append(path.string() + ".part", 0640);
  if (!fd) return std::move(fd).error();
  return ExportFile(path, *std::move(fd));
}

ExportFile::~ExportFile() {
  if (fd_.open()) (void)remove_file(part());
}

Status ExportFile::put(std::string_view bytes) {
  buffer_ += bytes;
  return buffer_.size() < kBuffer ? ok() : flush();
}

Status ExportFile::flush() {
  hash_.add(as_bytes(buffer_));
  auto written = write_all(fd_.get(), as_bytes(buffer_), part());
  buffer_.clear();
  return written;
}

Result<Hash256> ExportFile::finish() {
  if (auto written = flush(); !written) return std::move(written).error();
  if (auto synced = sync_data(fd_.get(), part()); !synced) return std::move(synced).error();
  return hash_.finish();
}

Status ExportFile::show() {
  std::error_code error;
  fs::rename(part(), path_, error);
  if (error)
    return fail(ErrorCode::unavailable, "cannot rename " + part().string() + " to " +
                                            path_.string() + ": " + error.message());
  fd_ = {};
  return sync_directory(path_.parent_path().empty() ? "." : path_.parent_path());
}

}  // namespace vitrine::report
