// Media made on the spot with the ffmpeg command, small and in every shape the tests need. Each is
// made once a run.
#pragma once

#include <string>

#include "platform/file.hpp"

namespace vitrine::testing {

// testsrc2 of that size, rate and length; `codec` is ffmpeg's encoder ("libx264", "libx265",
// "libvpx-vp9").
fs::path clip(const std::string& codec, int fps, int frames, const std::string& size = "160x90");
// One picture; the file's type is that of `name` ("a.png", "b.jpg"). `source` is a lavfi source.
fs::path still(const std::string& name, const std::string& source = "testsrc2=s=160x90");
// Any other ffmpeg invocation; `arguments` go between the common flags and the file's name.
fs::path made(const std::string& name, const std::string& arguments);
// Bytes as they are.
fs::path written(const std::string& name, std::string_view body);
// The first `permille` of another file.
fs::path truncated(const fs::path& whole, int permille);
// A PNG whose header states this size and holds nothing of it.
fs::path hollow_png(std::uint32_t width, std::uint32_t height);

}  // namespace vitrine::testing
