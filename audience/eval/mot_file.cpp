#include "mot_file.hpp"

#include <fmt/format.h>

#include <charconv>
#include <iterator>

namespace vitrine {
namespace {

constexpr std::size_t kNeeded = 6;  // the score is the seventh
constexpr double kMostFrames = 1e7;
constexpr double kUnknown = -1;

// The numbers of one line, at most seven; empty where there are fewer than needed.
std::vector<double> numbers_of(std::string_view line) {
  std::vector<double> numbers;
  const char* at = line.data();
  const char* end = at + line.size();
  while (at != end && numbers.size() <= kNeeded) {
    while (at != end && (*at == ' ' || *at == '\t')) ++at;
    double number = 0;
    const auto [next, error] = std::from_chars(at, end, number);
    if (error != std::errc()) return {};
    numbers.push_back(number);
    at = next;
    while (at != end && (*at == ' ' || *at == '\t' || *at == '\r')) ++at;
    if (at != end && *at++ != ',') return {};
  }
  return numbers.size() < kNeeded ? std::vector<double>() : numbers;
}

}  // namespace

Result<MotFrames> read_mot(const fs::path& path) {
  auto text = read_text(path);
  if (!text) return std::move(text).error();
  MotFrames frames;
  std::string_view rest = *text;
  for (int number = 1; !rest.empty(); ++number) {
    const std::string_view line = rest.substr(0, rest.find('\n'));
    rest.remove_prefix(std::min(line.size() + 1, rest.size()));
    if (line.find_first_not_of(" \t\r") == std::string_view::npos) continue;
    const std::vector<double> fields = numbers_of(line);
    if (fields.empty() || fields[0] < 1 || fields[0] > kMostFrames) {
      return fail(ErrorCode::invalid,
                  fmt::format("{}, line {}: not \"frame,id,x,y,width,height,score\"", path.string(),
                              number));
    }
    MotBox row;
    row.id = static_cast<int>(fields[1]);
    row.box = {fields[2], fields[3], fields[4], fields[5]};
    if (fields.size() > kNeeded && fields[kNeeded] != kUnknown) {
      row.box.score = static_cast<float>(fields[kNeeded]);
    }
    frames[static_cast<int>(fields[0])].push_back(row);
  }
  return frames;
}

Status write_mot(const fs::path& path, const MotFrames& frames) {
  std::string text;
  for (const auto& [frame, boxes] : frames) {
    for (const MotBox& row : boxes) {
      fmt::format_to(std::back_inserter(text),
                     "{},{},{:.2f},{:.2f},{:.2f},{:.2f},{:.3g},-1,-1,-1\n", frame, row.id,
                     row.box.x, row.box.y, row.box.width, row.box.height, row.box.score);
    }
  }
  return replace_volatile(path, text);
}

}  // namespace vitrine
