// What libavformat, libavcodec and libswresample hand out, owned.
#pragma once

#include <cstdint>
#include <memory>

extern "C" {
#include <libavcodec/avcodec.h>
#include <libavformat/avformat.h>
#include <libswresample/swresample.h>
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
  void operator()(SwrContext* resampler) const { swr_free(&resampler); }
};
using AvFrame = std::unique_ptr<AVFrame, AvFree>;

// What a packet that is kept costs; one that holds nothing costs something too.
inline std::int64_t cost_of(const AVPacket& packet) {
  return packet.size + std::int64_t{256};
}

}  // namespace vitrine
