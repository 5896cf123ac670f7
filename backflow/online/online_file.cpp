#include "backflow/online_file.hpp"

#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "online/csv_record.hpp"

namespace vitrine {
namespace {

constexpr std::size_t kBlock = 1024 * 1024;

Result<std::size_t> read_some(int fd, std::string& block, const fs::path& path) {
  block.resize(kBlock);
  while (true) {
    const ssize_t got = ::read(fd, block.data(), block.size());
    if (got >= 0) {
      block.resize(static_cast<std::size_t>(got));
      return block.size();
    }
    if (errno != EINTR) {
      return fail(ErrorCode::unavailable,
                  "cannot read " + path.string() + ": " + std::strerror(errno));
    }
  }
}

// A spreadsheet that opens the file must not calculate what somebody put into a row.
std::string harmless(std::string_view text) {
  const bool formula =
      !text.empty() && std::string_view("=+-@\t\r").find(text.front()) != std::string_view::npos;
  return (formula ? "'" : "") + std::string(text);
}

// The rows kept aside; the file is made with the first of them.
class RejectedFile {
 public:
  explicit RejectedFile(fs::path path) : path_(std::move(path)) {}

  // What an earlier load left says nothing of this one.
  Status clear() { return remove_file(path_); }

  Status keep(const RejectedRow& row) {
    if (!fd_.open()) {
      auto opened = open_append(path_);
      if (!opened) return std::move(opened).error();
      fd_ = *std::move(opened);
      text_ = "line,cause,column,row\n";
    }
    text_ += std::to_string(row.line) + "," + std::string(name_of(row.cause)) + "," +
             std::string(row.column) + "," + online::csv_quoted(harmless(row.text)) + "\n";
    return text_.size() < kBlock ? ok() : flush();
  }

  Status flush() {
    if (text_.empty()) return ok();
    if (auto written = write_all(fd_.get(), as_bytes(text_), path_); !written) return written;
    text_.clear();
    return sync_data(fd_.get(), path_);
  }

 private:
  fs::path path_;
  FileDescriptor fd_;
  std::string text_;
};

OnlineFormat format_of(std::string_view beginning) {
  if (beginning.starts_with("\xef\xbb\xbf")) beginning.remove_prefix(3);
  const std::size_t first = beginning.find_first_not_of(" \t\r\n");
  return first != std::string_view::npos && beginning[first] == '{' ? OnlineFormat::ndjson
                                                                    : OnlineFormat::csv;
}

Status read_through(int fd, const OnlineFile& file, const OnlineRules& rules, OnlineLoader& loader,
                    const std::function<void(std::int64_t, std::int64_t)>& progress) {
  std::error_code unknown;
  const auto size = static_cast<std::int64_t>(fs::file_size(file.path, unknown));
  std::string block;
  auto got = read_some(fd, block, file.path);
  if (!got) return std::move(got).error();
  OnlineReader reader(file.kind, format_of(block), file.path.filename().string(), rules,
                      loader.sink());
  for (std::int64_t done = 0; *got > 0;) {
    if (auto fed = reader.feed(block); !fed) return fed;
    done += static_cast<std::int64_t>(*got);
    if (progress) progress(done, unknown ? 0 : size);
    got = read_some(fd, block, file.path);
    if (!got) return std::move(got).error();
  }
  if (auto finished = reader.finish(); !finished) return finished;
  return loader.flush();
}

}  // namespace

Result<OnlineCounts> load_online_file(
    SqlStore& store, const OnlineFile& file, const OnlineRules& rules,
    const std::function<void(std::int64_t, std::int64_t)>& progress) {
  auto opened = open_read(file.path);
  if (!opened) return std::move(opened).error();
  RejectedFile rejected(file.rejected.empty() ? fs::path(file.path.string() + ".rejected.csv")
                                              : file.rejected);
  if (auto cleared = rejected.clear(); !cleared) return std::move(cleared).error();
  auto loader = OnlineLoader::open(store, file.kind,
                                   [&](const RejectedRow& row) { return rejected.keep(row); });
  if (!loader) return std::move(loader).error();
  auto done = read_through(opened->get(), file, rules, *loader, progress);
  const auto kept = rejected.flush();
  if (done && !kept) done = kept;
  if (!done) {
    if (done.error().code == ErrorCode::invalid && loader->counts().read == 0)
      return std::move(done).error();
    return std::move(done).error().context(file.path.string() + " is not through, " +
                                           loader->counts().text() + "; load it again to go on");
  }
  return loader->counts();
}

}  // namespace vitrine
