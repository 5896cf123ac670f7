// Pictures as a camera's Motion JPEG has them: 4:2:2, full range, made by the ffmpeg command.
#pragma once

#include <doctest/doctest.h>

#include "platform/file.hpp"
#include "process.hpp"
#include "temp_directory.hpp"

namespace vitrine::testing {

// `number` counts from 0; each picture of the test pattern differs.
inline Bytes jpeg(int width, int height, int number = 0) {
  const TempDirectory dir;
  const std::string size = std::to_string(width) + "x" + std::to_string(height);
  const std::string source = "testsrc2=rate=10:size=" + size;
  const fs::path file = dir / "picture.jpg";
  REQUIRE(run({"ffmpeg",   "-nostdin",  "-loglevel",
               "error",    "-ss",       std::to_string(number / 10.0),
               "-f",       "lavfi",     "-i",
               source,     "-frames:v", "1",
               "-pix_fmt", "yuvj422p",  "-c:v",
               "mjpeg",    "-q:v",      "4",
               "-f",       "mjpeg",     file.string()},
              dir / "log") == 0);
  auto bytes = read_file(file);
  REQUIRE(bytes.ok());
  return std::move(*bytes);
}

}  // namespace vitrine::testing
