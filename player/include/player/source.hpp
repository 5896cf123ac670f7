// Media files as pictures: opens a file, decodes its video, makes every frame a picture in the size
// of the output; the sound beside it only for whoever asks. A source belongs to one thread at a
// time.
//
// The file is read through our own descriptor, with no protocol and a short list of containers, so
// that a creative can name no other file and no address: MP4/MOV, Matroska/WebM (H.264, HEVC, VP8,
// VP9, AV1, MPEG-4; AAC, MP3, Opus, Vorbis, FLAC, PCM, AC-3), JPEG, PNG, WebP.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "base/result.hpp"
#include "base/time.hpp"
#include "platform/file_blocks.hpp"
#include "player/audio_track.hpp"
#include "player/picture.hpp"
#include "protocol/play.hpp"

namespace vitrine {

struct MediaInfo {
  bool still = false;
  std::string codec;  // "h264"
  int width = 0,
      height = 0;       // as shown, after rotation; 0 until known (stills before their first frame)
  Micros duration = 0;  // what the container says; 0 = unknown or a still
  std::uint32_t fps_milli = 0;  // average; 0 = unknown or a still
  Decoder decoder = Decoder::none;
};

// When a frame is to be shown, counted from the first frame of the file.
struct FrameTime {
  Micros pts = 0;
  Micros duration = 0;  // to the next frame; 0 for stills
};

// A file that ends this much before the length its container states is damaged.
inline constexpr Micros kEndsEarly = 500 * kMillisecond;

// A picture, its place on the file's timeline, and whoever holds its memory: the decoder's own
// where nothing had to be converted, else a buffer of the pool.
struct Frame {
  Picture picture;
  FrameTime time;
  std::shared_ptr<const void> owner;
  bool last_good = false;  // the file is damaged right after it
};

struct SourceOptions {
  int threads = 1;                            // of the decoder
  const std::atomic<bool>* cancel = nullptr;  // reading stops soon after it turns true; borrowed
  // What the file was when it was hashed; null: it is read as it is.
  std::shared_ptr<const FileBlocks> blocks = nullptr;
  bool audio = false;  // its sound is wanted too
};

// `behind_pictures`: more of it comes once pictures were read.
enum class AudioRead { chunk, behind_pictures, end };

class MediaSource {
 public:
  virtual ~MediaSource() = default;
  virtual const MediaInfo& info() const = 0;
  // The next frame in the size of the pool's pictures, its aspect kept and black around it, turned
  // as the file asks. nullopt at the end. An error names the file and what was wrong; the source is
  // finished then. `corrupt`: the file is not what was hashed; no byte that differs came as far as
  // libavformat.
  virtual Result<std::optional<Frame>> read(PicturePool& pool) = 0;
  // The next sound, once a picture was read. Reading it takes no picture away: what lies between is
  // kept, within bounds. After an error the next call goes on behind what was damaged.
  virtual Result<AudioRead> read_audio(AudioChunk&) { return AudioRead::end; }
};

using SourceOpener =
    std::function<Result<std::unique_ptr<MediaSource>>(const fs::path&, const SourceOptions&)>;

Result<std::unique_ptr<MediaSource>> open_media_source(const fs::path& path,
                                                       const SourceOptions& options);

}  // namespace vitrine
