#include "small_files.hpp"

#include <charconv>
#include <sstream>

namespace vitrine {
namespace {

// /proc/<pid>/smaps_rollup, the longest, has a kilobyte.
constexpr std::size_t kMostBytes = 256 * 1024;

}  // namespace

std::optional<std::int64_t> number_of(const std::string& text, int base) {
  std::string_view digits = text;
  if (base == 16 && digits.starts_with("0x")) digits.remove_prefix(2);
  std::int64_t value = 0;
  const auto [end, error] =
      std::from_chars(digits.data(), digits.data() + digits.size(), value, base);
  if (error != std::errc{} || end != digits.data() + digits.size()) return std::nullopt;
  return value;
}

std::optional<std::int64_t> read_number(const fs::path& path, int base) {
  const auto lines = read_words(path);
  if (lines.empty() || lines.front().empty()) return std::nullopt;
  return number_of(lines.front().front(), base);
}

std::vector<std::vector<std::string>> read_words(const fs::path& path) {
  std::vector<std::vector<std::string>> lines;
  auto text = read_text(path, kMostBytes);
  if (!text) return lines;
  std::istringstream stream(*text);
  for (std::string line; std::getline(stream, line);) {
    std::istringstream words(line);
    auto& into = lines.emplace_back();
    for (std::string word; words >> word;) into.push_back(word);
  }
  return lines;
}

}  // namespace vitrine
