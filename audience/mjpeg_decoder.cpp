#include "mjpeg_decoder.hpp"

#include <algorithm>

extern "C" {
#include <libavcodec/avcodec.h>
}

#include "picture.hpp"

namespace vitrine {
namespace {

// No camera that is read here has more; a damaged header may claim 65535 x 65535.
constexpr std::int64_t kMostPixels = std::int64_t{8192} * 8192;
constexpr int kMostHalvings = 3;  // what the decoder can

}  // namespace

void MjpegDecoder::Deleter::operator()(AVCodecContext* context) const {
  avcodec_free_context(&context);
}
void MjpegDecoder::Deleter::operator()(AVFrame* frame) const {
  av_frame_free(&frame);
}
void MjpegDecoder::Deleter::operator()(AVPacket* packet) const {
  av_packet_free(&packet);
}

MjpegDecoder::MjpegDecoder(int width, int needed_width)
    : picture_(av_frame_alloc()), packet_(av_packet_alloc()) {
  av_log_set_level(AV_LOG_QUIET);  // a camera with a loose plug would fill the journal
  const AVCodec* decoder = avcodec_find_decoder(AV_CODEC_ID_MJPEG);
  std::unique_ptr<AVCodecContext, Deleter> codec(avcodec_alloc_context3(decoder));
  if (!codec || decoder == nullptr) return;
  codec->thread_count = 1;
  codec->max_pixels = kMostPixels;
  // Without this a picture that ends in mid-air is handed out, its rest grey or green.
  codec->err_recognition = AV_EF_EXPLODE | AV_EF_BITSTREAM | AV_EF_BUFFER;
  while (codec->lowres < kMostHalvings && width >> (codec->lowres + 1) >= needed_width) {
    ++codec->lowres;
  }
  if (avcodec_open2(codec.get(), decoder, nullptr) == 0) codec_ = std::move(codec);
}

MjpegDecoder::~MjpegDecoder() = default;

bool MjpegDecoder::decode(ByteView jpeg, Frame& out) {
  constexpr std::size_t kLeast = 4;  // start and end of image
  constexpr std::size_t kMost = 64 * 1024 * 1024;
  if (!codec_ || jpeg.size() < kLeast || jpeg.size() > kMost) return false;
  // Owned and padded: the decoder reads some bytes past the end, and the driver's buffer is
  // returned while it may still hold a reference.
  if (av_new_packet(packet_.get(), static_cast<int>(jpeg.size())) < 0) return false;
  std::copy(jpeg.begin(), jpeg.end(), packet_->data);
  const int sent = avcodec_send_packet(codec_.get(), packet_.get());
  av_packet_unref(packet_.get());
  const int got = avcodec_receive_frame(codec_.get(), picture_.get());
  const bool whole = sent >= 0 && got >= 0 && picture_->decode_error_flags == 0 &&
                     (picture_->flags & AV_FRAME_FLAG_CORRUPT) == 0;
  if (whole) copy_picture(*picture_, out);
  if (got >= 0) av_frame_unref(picture_.get());
  return whole;
}

}  // namespace vitrine
