#include "backflow/export_log.hpp"

#include "base/time.hpp"
#include "platform/crypto.hpp"
#include "platform/file_lock.hpp"
#include "protocol/json.hpp"

namespace vitrine {
namespace {

// Lines are read whole; a log of this size holds millions of them.
constexpr std::size_t kMostLog = std::size_t{1} << 30;

Hash256 hash_of(std::string_view line) {
  return sha256(as_bytes(line));
}

// The last whole line; empty: there is none.
std::string_view last_line(std::string_view text) {
  if (!text.empty() && text.back() == '\n') text.remove_suffix(1);
  const auto end = text.rfind('\n');
  return end == std::string_view::npos ? text : text.substr(end + 1);
}

}  // namespace

Status append_export(const fs::path& log, const ExportRecord& record) {
  auto lock = FileLock::take(log.string() + ".lock");
  if (!lock) return std::move(lock).error().context("another export is being written down");
  std::string before;
  if (auto text = read_text(log, kMostLog)) {
    before = *std::move(text);
  } else if (text.error().code != ErrorCode::not_found) {
    return std::move(text).error();
  }
  const std::string_view last = last_line(before);
  const std::string line =
      write_json(Json::Object{{"at", format_utc(record.at_s)},
                              {"before", to_hex(last.empty() ? Hash256{} : hash_of(last))},
                              {"file", record.file},
                              {"rows", record.rows},
                              {"scope", record.scope},
                              {"sha256", to_hex(record.sha256)},
                              {"what", record.what},
                              {"who", record.who}});
  auto file = open_append(log);
  if (!file) return std::move(file).error();
  const std::string bytes = (before.empty() || before.back() == '\n' ? "" : "\n") + line + "\n";
  if (auto done = write_all(file->get(), as_bytes(bytes), log); !done) return done;
  if (auto done = sync_data(file->get(), log); !done) return done;
  return before.empty() ? sync_directory(log.parent_path().empty() ? "." : log.parent_path())
                        : ok();
}

Result<std::size_t> check_export_log(const fs::path& log) {
  auto text = read_text(log, kMostLog);
  if (!text) return std::move(text).error();
  std::string_view rest = *text;
  Hash256 before{};
  std::size_t lines = 0;
  while (!rest.empty()) {
    const auto end = rest.find('\n');
    const std::string_view line = rest.substr(0, end);
    rest.remove_prefix(end == std::string_view::npos ? rest.size() : end + 1);
    ++lines;
    if (auto json = parse_json(line)) {
      const Json* said = json->find("before");
      if (!said || !said->text() || *said->text() != to_hex(before))
        return fail(ErrorCode::corrupt, log.string() + ":" + std::to_string(lines) +
                                            ": does not follow from the line before it");
    } else if (lines == 1 || end == std::string_view::npos) {
      // The tear of a power cut, unless somebody else made it.
      return fail(ErrorCode::corrupt,
                  log.string() + ":" + std::to_string(lines) + ": is no whole record");
    }
    before = hash_of(line);
  }
  return lines;
}

}  // namespace vitrine
