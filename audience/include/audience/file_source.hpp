// Any clip as a camera, by libavformat and libavcodec: paced by its own time stamps on the
// handed-in clock.
#pragma once

#include "audience/frame_source.hpp"
#include "platform/clock.hpp"
#include "platform/file.hpp"

namespace vitrine {

struct FileSourceOptions {
  bool loop = true;   // false: `exhausted` after the last frame
  int most_fps = 10;  // of a faster clip only so many frames a second are handed out
};

// `clock` must outlive the source. Errors: the file is missing, no regular file, or holds no
// picture that decodes.
Result<std::unique_ptr<FrameSource>> open_file_source(const fs::path& path, const Clock& clock,
                                                      const FileSourceOptions& options = {});

}  // namespace vitrine
