// Motion JPEG to frames by libavcodec's decoder; of one camera, one picture at a time, one thread.
#pragma once

#include <memory>

#include "audience/frame_source.hpp"

struct AVCodecContext;
struct AVFrame;
struct AVPacket;

namespace vitrine {

class MjpegDecoder {
 public:
  // Pictures at least twice as wide as `needed_width` are decoded at 1/2, 1/4 or 1/8 of their size,
  // still at least that wide: 1280x720 takes 1.6 ms instead of 2.3 (x86), and what follows has
  // fewer pixels to look at. The rest nobody counts on.
  MjpegDecoder(int width, int needed_width);
  ~MjpegDecoder();

  // Size and planes of `out`, in full range. False: the picture is damaged, `out` as it was. Not
  // one byte of a damaged picture is shown: half of one is a scene that never was.
  bool decode(ByteView jpeg, Frame& out);

 private:
  struct Deleter {
    void operator()(AVCodecContext* context) const;
    void operator()(AVFrame* frame) const;
    void operator()(AVPacket* packet) const;
  };
  std::unique_ptr<AVCodecContext, Deleter> codec_;
  std::unique_ptr<AVFrame, Deleter> picture_;
  std::unique_ptr<AVPacket, Deleter> packet_;
};

}  // namespace vitrine
