#include "operator/screen_documents.hpp"

#include <limits>

#include "base/bytes.hpp"
#include "platform/crypto.hpp"
#include "protocol/documents.hpp"
#include "protocol/envelope.hpp"

namespace vitrine::op {
namespace {

template <class T>
Result<T> read_as(const fs::path& file, Result<T> (*read)(std::string_view)) {
  auto text = read_text(file, kMaxReferencedBody);
  if (!text) return std::move(text).error();
  auto document = read(*text);
  if (!document) return std::move(document).error().context(file.string());
  return document;
}

template <class T>
Status read_into(std::optional<T>& into, const fs::path& file,
                 Result<T> (*read)(std::string_view)) {
  if (file.empty()) return ok();
  auto document = read_as(file, read);
  if (!document) return std::move(document).error();
  into = *std::move(document);
  return ok();
}

// The line for this screen, of a file with a signed document a line.
Result<std::string> payload_for(const std::string& screen, const fs::path& file,
                                std::string_view text) {
  std::size_t lines = 0;
  std::string found;
  while (!text.empty()) {
    const std::size_t end = text.find('\n');
    const std::string_view line = text.substr(0, end);
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
    if (line.empty()) continue;
    ++lines;
    const std::string where = file.string() + " line " + std::to_string(lines);
    auto document = parse_envelope(line);
    if (!document) return std::move(document).error().context(where);
    if (document->header.kind != DocumentKind::numbers)
      return fail(ErrorCode::invalid, where + ": numbers expected");
    if (!screen.empty() && document->header.audience.name != screen) continue;
    if (!found.empty()) {
      return fail(ErrorCode::invalid,
                  file.string() + (screen.empty() ? " holds the numbers of several "
                                                    "screens; --screen NAME says whose"
                                                  : " holds screen " + screen + " twice"));
    }
    found = std::move(document->payload);
  }
  if (found.empty()) {
    return fail(ErrorCode::not_found, file.string() + ": none of its " + std::to_string(lines) +
                                          " lines is for screen '" + screen + "'");
  }
  return found;
}

Result<Numbers> read_screen_numbers(const DocumentOptions& options) {
  auto text = read_text(options.numbers, std::numeric_limits<std::size_t>::max());
  if (!text) return std::move(text).error();
  const auto first = text->find_first_not_of(" \t\r\n");
  if (first == std::string::npos || (*text)[first] != '{') {
    text = payload_for(options.screen, options.numbers, *text);
    if (!text) return std::move(text).error();
  } else if (!options.screen.empty()) {
    return fail(ErrorCode::invalid, "--screen picks a line of signed numbers, but " +
                                        options.numbers.string() + " is one JSON document");
  }
  auto numbers = read_numbers(*text);
  if (!numbers) return std::move(numbers).error().context(options.numbers.string());
  return numbers;
}

}  // namespace

Documents ScreenDocuments::view() const {
  Documents documents;
  documents.schedule = &schedule;
  documents.numbers = numbers ? &*numbers : nullptr;
  documents.profile = profile ? &*profile : nullptr;
  documents.settings = settings ? &*settings : nullptr;
  return documents;
}

Result<std::unique_ptr<ScreenDocuments>> read_documents(const DocumentOptions& options) {
  auto documents = std::make_unique<ScreenDocuments>();
  auto schedule = read_as(options.schedule, read_schedule);
  if (!schedule) return std::move(schedule).error();
  documents->schedule = *std::move(schedule);
  if (!options.numbers.empty()) {
    auto numbers = read_screen_numbers(options);
    if (!numbers) return std::move(numbers).error();
    const Hash256 signed_as = sha256(as_bytes(write_schedule(documents->schedule)));
    if (numbers->schedule_sha256 != signed_as) {
      return fail(ErrorCode::invalid, options.numbers.string() +
                                          ": these numbers belong to schedule " +
                                          to_hex(numbers->schedule_sha256).substr(0, 12) +
                                          ", not to " + options.schedule.string() +
                                          ", whose SHA-256 as signed is " + to_hex(signed_as));
    }
    documents->numbers = *std::move(numbers);
  }
  if (auto read = read_into(documents->profile, options.profile, read_profile); !read)
    return std::move(read).error();
  if (auto read = read_into(documents->settings, options.settings, read_settings); !read)
    return std::move(read).error();
  documents->zone = options.zone;
  if (documents->zone.empty() && documents->profile) documents->zone = documents->profile->zone;
  return documents;
}

}  // namespace vitrine::op
