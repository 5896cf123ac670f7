// The pictures of one clip in order, by libavformat and libavcodec.
#pragma once

#include <memory>

#include "audience/frame_source.hpp"
#include "platform/file.hpp"

struct AVCodecContext;
struct AVFormatContext;
struct AVFrame;
struct AVPacket;

namespace vitrine {

class ClipReader {
 public:
  static Result<ClipReader> open(const fs::path& path);

  // The next picture is decoded and waits: true, and offset() tells its place in the clip. false:
  // the clip is over.
  Result<bool> advance();
  Micros offset() const { return offset_; }          // of the waiting picture, 0 = the clip's first
  Micros frame_time() const { return frame_time_; }  // how long one picture stands
  void copy(Frame& out) const;                       // of the waiting picture: all but its time

 private:
  struct FormatDeleter {
    void operator()(AVFormatContext* context) const;
  };
  struct CodecDeleter {
    void operator()(AVCodecContext* context) const;
  };
  struct FrameDeleter {
    void operator()(AVFrame* frame) const;
  };
  struct PacketDeleter {
    void operator()(AVPacket* packet) const;
  };

  ClipReader() = default;
  bool receive();

  std::unique_ptr<AVFormatContext, FormatDeleter> format_;
  std::unique_ptr<AVCodecContext, CodecDeleter> codec_;
  std::unique_ptr<AVFrame, FrameDeleter> frame_;
  std::unique_ptr<AVPacket, PacketDeleter> packet_;
  std::string named_;
  int stream_ = -1;
  bool draining_ = false;
  bool any_ = false;
  std::int64_t first_pts_ = 0;
  Micros offset_ = 0;
  Micros frame_time_ = 0;
};

}  // namespace vitrine
