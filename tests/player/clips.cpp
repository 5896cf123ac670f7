#include "clips.hpp"

#include <doctest/doctest.h>

#include <cstdlib>

#include "base/bytes.hpp"
#include "temp_directory.hpp"

namespace vitrine::testing {
namespace {

const TempDirectory& directory() {
  static const TempDirectory made;
  return made;
}

void append_be32(std::string& out, std::uint32_t value) {
  for (const int shift : {24, 16, 8, 0}) out += static_cast<char>(value >> shift & 255);
}

std::uint32_t crc32(std::string_view text) {
  std::uint32_t crc = ~0u;
  for (const char c : text) {
    crc ^= static_cast<std::uint8_t>(c);
    for (int bit = 0; bit < 8; ++bit) crc = crc >> 1 ^ (crc & 1 ? 0xedb88320u : 0);
  }
  return ~crc;
}

std::string png_chunk(const std::string& kind, const std::string& body) {
  std::string chunk;
  append_be32(chunk, static_cast<std::uint32_t>(body.size()));
  chunk += kind + body;
  append_be32(chunk, crc32(kind + body));
  return chunk;
}

}  // namespace

fs::path made(const std::string& name, const std::string& arguments) {
  const fs::path path = directory() / name;
  if (fs::exists(path)) return path;
  const std::string command =
      "ffmpeg -nostdin -loglevel error -y " + arguments + " " + path.string();
  REQUIRE_MESSAGE(std::system(command.c_str()) == 0, command);
  return path;
}

fs::path clip(const std::string& codec, int fps, int frames, const std::string& size) {
  const bool webm = codec == "libvpx-vp9";
  std::string more = " -pix_fmt yuv420p -threads 1";
  if (codec == "libx265") more += " -x265-params log-level=error:pools=1";
  if (webm) more += " -deadline realtime -cpu-used 8";
  if (codec == "libx264") more += " -preset veryfast -bf 2";
  return made(codec + "-" + std::to_string(fps) + "-" + std::to_string(frames) + "-" + size +
                  (webm ? ".webm" : ".mp4"),
              "-f lavfi -i testsrc2=s=" + size + ":r=" + std::to_string(fps) + " -frames:v " +
                  std::to_string(frames) + " -c:v " + codec + more);
}

fs::path still(const std::string& name, const std::string& source) {
  return made(name, "-f lavfi -i " + source + " -frames:v 1");
}

fs::path written(const std::string& name, std::string_view body) {
  const fs::path path = directory() / name;
  REQUIRE(write_atomic(path, body));
  return path;
}

fs::path truncated(const fs::path& whole, int permille) {
  auto body = read_text(whole);
  REQUIRE(body);
  body->resize(body->size() * static_cast<std::size_t>(permille) / 1000);
  return written("cut-" + std::to_string(permille) + "-" + whole.filename().string(), *body);
}

fs::path hollow_png(std::uint32_t width, std::uint32_t height) {
  std::string header;
  append_be32(header, width);
  append_be32(header, height);
  header += std::string("\x08\x02\x00\x00\x00", 5);
  // A valid zlib stream of nothing.
  const std::string nothing("\x78\x9c\x03\x00\x00\x00\x00\x01", 8);
  return written("hollow.png", std::string("\x89PNG\r\n\x1a\n") + png_chunk("IHDR", header) +
                                   png_chunk("IDAT", nothing) + png_chunk("IEND", ""));
}

}  // namespace vitrine::testing
