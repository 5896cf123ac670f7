#include "codec/one_line.hpp"

namespace vitrine::codec {
namespace {

constexpr std::size_t kMostShown = 60;

// The beginning of a text, ending with a whole UTF-8 sequence.
std::string_view cut(std::string_view text) {
  if (text.size() <= kMostShown) return text;
  std::size_t end = kMostShown;
  while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xc0) == 0x80) --end;
  return text.substr(0, end);
}

std::string count_of(std::size_t count, const char* what) {
  return std::to_string(count) + " " + what + (count == 1 ? "" : "s");
}

}  // namespace

std::string in_quotes(std::string_view text) {
  const auto begin = cut(text);
  std::string line = write_json(Json(std::string(begin)));
  // JSON need not escape this one, but it is a control character all the same.
  for (auto at = line.find('\x7f'); at != std::string::npos; at = line.find('\x7f', at)) {
    line.replace(at, 1, "\\u007f");
  }
  if (begin.size() < text.size()) line.insert(line.size() - 1, "...");
  return line;
}

std::string shown(const Json& value) {
  if (const auto* text = value.text()) return in_quotes(*text);
  if (const auto* array = value.array()) return "a list of " + std::to_string(array->size());
  if (const auto* object = value.object()) {
    return "an object of " + count_of(object->size(), "member");
  }
  return write_json(value);
}

std::string pointer_step(std::string_view name) {
  const std::string line = in_quotes(name);
  std::string step = "/";
  for (const char c : std::string_view(line).substr(1, line.size() - 2)) {
    if (c == '~') {
      step += "~0";
    } else if (c == '/') {
      step += "~1";
    } else {
      step += c;
    }
  }
  return step;
}

std::string pointer_step(std::size_t index) {
  return "/" + std::to_string(index);
}

}  // namespace vitrine::codec
