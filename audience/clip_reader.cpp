#include "clip_reader.hpp"

#include <algorithm>

extern "C" {
#include <libavcodec/avcodec.h>
#include <libavformat/avformat.h>
#include <libavutil/pixdesc.h>
}

#include "picture.hpp"

namespace vitrine {
namespace {

Error av_error(const std::string& doing, int code) {
  char text[AV_ERROR_MAX_STRING_SIZE] = {};
  av_strerror(code, text, sizeof(text));
  return fail(ErrorCode::unavailable, doing + ": " + text);
}

}  // namespace

void ClipReader::FormatDeleter::operator()(AVFormatContext* context) const {
  avformat_close_input(&context);
}
void ClipReader::CodecDeleter::operator()(AVCodecContext* context) const {
  avcodec_free_context(&context);
}
void ClipReader::FrameDeleter::operator()(AVFrame* frame) const {
  av_frame_free(&frame);
}
void ClipReader::PacketDeleter::operator()(AVPacket* packet) const {
  av_packet_free(&packet);
}

Result<ClipReader> ClipReader::open(const fs::path& path) {
  av_log_set_level(AV_LOG_QUIET);  // our own one line an event says what matters
  const std::string doing = "cannot read camera file " + path.string();
  std::error_code error;
  const fs::file_status status = fs::status(path, error);
  if (!fs::exists(status)) return fail(ErrorCode::not_found, doing + ": it does not exist");
  // A pipe or a device would block the thread for ever.
  if (!fs::is_regular_file(status))
    return fail(ErrorCode::invalid, doing + ": it is no regular file");

  ClipReader reader;
  reader.named_ = path.string();
  AVDictionary* options = nullptr;
  av_dict_set(&options, "protocol_whitelist", "file", 0);
  AVFormatContext* format = nullptr;
  int code = avformat_open_input(&format, ("file:" + path.string()).c_str(), nullptr, &options);
  av_dict_free(&options);
  if (code < 0) return av_error(doing, code);
  reader.format_.reset(format);
  code = avformat_find_stream_info(format, nullptr);
  if (code < 0) return av_error(doing, code);
  const AVCodec* decoder = nullptr;
  reader.stream_ = av_find_best_stream(format, AVMEDIA_TYPE_VIDEO, -1, -1, &decoder, 0);
  if (reader.stream_ < 0 || decoder == nullptr) {
    return fail(ErrorCode::invalid, doing + ": it holds no video we can decode");
  }
  for (unsigned i = 0; i < format->nb_streams; ++i) {
    if (static_cast<int>(i) != reader.stream_) format->streams[i]->discard = AVDISCARD_ALL;
  }
  const AVStream& stream = *format->streams[reader.stream_];
  reader.codec_.reset(avcodec_alloc_context3(decoder));
  reader.codec_->thread_count = 1;
  code = avcodec_parameters_to_context(reader.codec_.get(), stream.codecpar);
  if (code >= 0) code = avcodec_open2(reader.codec_.get(), decoder, nullptr);
  if (code < 0) return av_error(doing, code);
  reader.frame_.reset(av_frame_alloc());
  reader.packet_.reset(av_packet_alloc());
  const AVRational rate = av_guess_frame_rate(format, format->streams[reader.stream_], nullptr);
  reader.frame_time_ =
      rate.num > 0 && rate.den > 0 ? av_rescale(kSecond, rate.den, rate.num) : 100 * kMillisecond;
  reader.frame_time_ = std::clamp(reader.frame_time_, kMillisecond, 10 * kSecond);
  return reader;
}

bool ClipReader::receive() {
  if (avcodec_receive_frame(codec_.get(), frame_.get()) < 0) return false;
  if (av_pix_fmt_desc_get(static_cast<AVPixelFormat>(frame_->format)) == nullptr) return false;
  const Micros before = offset_;
  const std::int64_t pts = frame_->best_effort_timestamp;
  if (!any_) first_pts_ = pts == AV_NOPTS_VALUE ? 0 : pts;
  offset_ =
      pts == AV_NOPTS_VALUE
          ? before + frame_time_
          : av_rescale_q(pts - first_pts_, format_->streams[stream_]->time_base, {1, kSecond});
  if (!any_) offset_ = 0;
  // Clips with broken stamps exist; time goes on all the same.
  if (any_ && offset_ <= before) offset_ = before + frame_time_;
  any_ = true;
  return true;
}

Result<bool> ClipReader::advance() {
  while (!receive()) {
    if (draining_) {
      if (!any_)
        return fail(ErrorCode::invalid, "camera file " + named_ + ": no picture in it decodes");
      return false;
    }
    if (av_read_frame(format_.get(), packet_.get()) < 0) {
      draining_ = true;
      avcodec_send_packet(codec_.get(), nullptr);
      continue;
    }
    // A damaged packet costs its picture, not the clip.
    if (packet_->stream_index == stream_) (void)avcodec_send_packet(codec_.get(), packet_.get());
    av_packet_unref(packet_.get());
  }
  return true;
}

void ClipReader::copy(Frame& out) const {
  copy_picture(*frame_, out);
}

}  // namespace vitrine
