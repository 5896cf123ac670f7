// The only caller of libavformat and libavcodec: a file's video as decoded frames.
#pragma once

#include <atomic>
#include <memory>
#include <optional>

#include "checked_file.hpp"
#include "player/source.hpp"

extern "C" {
#include <libavcodec/avcodec.h>
#include <libavformat/avformat.h>
}

namespace vitrine {

struct AvFree {
  void operator()(AVFormatContext* context) const { avformat_close_input(&context); }
  void operator()(AVCodecContext* context) const { avcodec_free_context(&context); }
  void operator()(AVPacket* packet) const { av_packet_free(&packet); }
  void operator()(AVFrame* frame) const { av_frame_free(&frame); }
  void operator()(AVIOContext* io) const {
    av_freep(&io->buffer);
    avio_context_free(&io);
  }
};
using AvFrame = std::unique_ptr<AVFrame, AvFree>;

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
                                              const std::atomic<bool>* cancel);
  const MediaInfo& info() const { return info_; }
  // nullopt at the end of the file. After an error the file is finished; `corrupt`: its bytes are
  // no longer those that were hashed.
  Result<std::optional<DecodedFrame>> read();

 private:
  AvFile(CheckedFile file, std::string named, const std::atomic<bool>* cancel)
      : file_(std::move(file)), named_(std::move(named)), cancel_(cancel) {}
  Status start(int threads);
  Status open_container();
  Status open_decoder(int threads);
  Status next_packet();
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
  bool drained_ = false;
  AvFrame ahead_;                // the frame after the one read last: tells how long that one lasts
  std::optional<Error> broken_;  // told once the good frames before it are out
  std::optional<Micros> origin_;
  Micros last_pts_ = -1;
};

}  // namespace vitrine
