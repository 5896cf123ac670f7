// With av_audio the only caller of libavformat and libavcodec: a file's video as decoded frames,
// and its sound for whoever asks. One demuxer reads both; what one of them has to pass over for its
// own next packet is kept for the other, within bounds.
#pragma once

#include <atomic>
#include <deque>
#include <memory>
#include <optional>

#include "av_audio.hpp"
#include "av_free.hpp"
#include "checked_file.hpp"
#include "player/source.hpp"

namespace vitrine {

inline constexpr std::int64_t kMostVideoPixels = 4096 * 2304;  // 4K cinema, either way up
inline constexpr std::int64_t kMostStillPixels = 24'000'000;   // 36 MB as 4:2:0, 96 MB as RGBA
inline constexpr std::int64_t kMostSide = 16'384;

// A frame, its place on the file's timeline and how it is to be turned (0, 90, 180, 270 degrees
// clockwise).
struct DecodedFrame {
  AvFrame frame;
  FrameTime time;
  int rotation = 0;
  bool last_good = false;  // as in Frame
};

class AvFile {
 public:
  // `named` is for messages. `threads` of the decoder; `cancel` may be null.
  static Result<std::unique_ptr<AvFile>> open(CheckedFile file, std::string named, int threads,
                                              const std::atomic<bool>* cancel, bool audio = false);
  const MediaInfo& info() const { return info_; }
  // nullopt at the end of the file. After an error the file is finished; `corrupt`: its bytes are
  // no longer those that were hashed.
  Result<std::optional<DecodedFrame>> read();
  // As MediaSource::read_audio. No sound, or none that was asked for, is at its end.
  Result<AudioRead> read_audio(AudioChunk& chunk);

 private:
  AvFile(CheckedFile file, std::string named, const std::atomic<bool>* cancel)
      : file_(std::move(file)), named_(std::move(named)), cancel_(cancel) {}
  Status start(int threads, bool audio);
  Status open_container(bool audio);
  Status open_decoder(int threads);
  Status demux();                // one packet, to whose it is
  Status next_packet();          // of the video, to its decoder
  Result<AvFrame> decode_one();  // a null frame at the end
  int rotation_of(const AVFrame& frame) const;
  Error failed(const std::string& doing, int error) const;

  static int read_bytes(void* self, std::uint8_t* out, int size);
  static std::int64_t seek_to(void* self, std::int64_t offset, int whence);

  CheckedFile file_;
  std::string named_;
  const std::atomic<bool>* cancel_;
  std::int64_t position_ = 0;
  // Why bytes could not be had. libavformat makes half a packet or an early end of that, so it is
  // asked for after each of its calls.
  std::optional<Error> unread_;
  MediaInfo info_;
  // In this order: the container goes before the bytes it reads from.
  std::unique_ptr<AVIOContext, AvFree> io_;
  std::unique_ptr<AVFormatContext, AvFree> container_;
  std::unique_ptr<AVCodecContext, AvFree> decoder_;
  std::unique_ptr<AVPacket, AvFree> packet_;
  AVStream* stream_ = nullptr;  // of container_
  std::unique_ptr<AvAudio> audio_;
  std::deque<std::unique_ptr<AVPacket, AvFree>> passed_over_;  // of the video, for the sound's sake
  std::int64_t bytes_passed_over_ = 0;
  bool audio_through_ = false;       // no more of its packets come
  bool exhausted_ = false;           // the container
  std::optional<Error> unreadable_;  // from here on; what lies before it is still decoded
  bool drained_ = false;
  AvFrame ahead_;                // the frame after the one read last: tells how long that one lasts
  std::optional<Error> broken_;  // told once the good frames before it are out
  std::optional<Micros> origin_;
  Micros last_pts_ = -1;
};

}  // namespace vitrine
