#include "av_file.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cmath>
#include <cstring>
#include <string_view>
#include <utility>

#include "base/math.hpp"

extern "C" {
#include <libavutil/display.h>
#include <libavutil/error.h>
#include <libavutil/opt.h>
}

namespace vitrine {
namespace {

constexpr int kReadBlock = 64 * 1024;
// Bytes of video read ahead for the sound that lies behind it: a second and more at 20 Mbit/s.
constexpr std::int64_t kMostPassedOver = 4 << 20;
// By name of the demuxer. GIF, HLS, concat, image2 (which opens other files) and everything else
// stay out.
constexpr const char* kContainers = "mov,mp4,matroska,webm,jpeg_pipe,png_pipe,webp_pipe";

struct DecoderEntry {
  AVCodecID id;
  const char* name;
  Decoder kind;
};
// Tried in this order; named, so that no other build option of libavcodec can put another decoder
// here.
constexpr std::array kDecoders = {
    DecoderEntry{AV_CODEC_ID_H264, "h264", Decoder::software},
    DecoderEntry{AV_CODEC_ID_HEVC, "hevc", Decoder::software},
    DecoderEntry{AV_CODEC_ID_VP8, "vp8", Decoder::software},
    DecoderEntry{AV_CODEC_ID_VP9, "vp9", Decoder::software},
    DecoderEntry{AV_CODEC_ID_AV1, "libdav1d", Decoder::software},
    DecoderEntry{AV_CODEC_ID_MPEG4, "mpeg4", Decoder::software},
    DecoderEntry{AV_CODEC_ID_MJPEG, "mjpeg", Decoder::software},
    DecoderEntry{AV_CODEC_ID_PNG, "png", Decoder::software},
    DecoderEntry{AV_CODEC_ID_WEBP, "webp", Decoder::software},
};

std::string reason_of(int error) {
  std::array<char, AV_ERROR_MAX_STRING_SIZE> text{};
  av_strerror(error, text.data(), text.size());
  return text.data();
}

Micros to_micros(std::int64_t value, AVRational base) {
  return av_rescale_q(value, base, AVRational{1, 1'000'000});
}

int quarter_turns(const std::int32_t* matrix) {
  const double degrees = av_display_rotation_get(matrix);  // counter-clockwise
  if (std::isnan(degrees)) return 0;
  const int turns = static_cast<int>(std::lround(-degrees / 90.0));
  return ((turns % 4) + 4) % 4 * 90;
}

}  // namespace

Error AvFile::failed(const std::string& doing, int error) const {
  return fail(ErrorCode::invalid, named_ + ": " + doing + ": " + reason_of(error));
}

int AvFile::read_bytes(void* opaque, std::uint8_t* out, int size) {
  auto* self = static_cast<AvFile*>(opaque);
  if (self->cancel_ && *self->cancel_) return AVERROR_EXIT;
  if (self->unread_) return AVERROR(EIO);
  auto got = self->file_.read(static_cast<std::uint64_t>(self->position_),
                              {out, static_cast<std::size_t>(size)});
  if (!got) {
    self->unread_ = std::move(got).error().context(self->named_);
    return AVERROR(EIO);
  }
  if (*got == 0) return AVERROR_EOF;
  self->position_ += static_cast<std::int64_t>(*got);
  return static_cast<int>(*got);
}

std::int64_t AvFile::seek_to(void* opaque, std::int64_t offset, int whence) {
  auto* self = static_cast<AvFile*>(opaque);
  const auto bytes = self->file_.size();
  if (!bytes) return AVERROR(EIO);
  const auto size = static_cast<std::int64_t>(*bytes);
  switch (whence & ~AVSEEK_FORCE) {
    case AVSEEK_SIZE:
      return size;
    case SEEK_SET:
      break;
    case SEEK_CUR:
      offset += self->position_;
      break;
    case SEEK_END:
      offset += size;
      break;
    default:
      return AVERROR(EINVAL);
  }
  if (offset < 0) return AVERROR(EINVAL);
  self->position_ = offset;
  return offset;
}

Result<std::unique_ptr<AvFile>> AvFile::open(CheckedFile file, std::string named, int threads,
                                             const std::atomic<bool>* cancel, bool audio) {
  std::unique_ptr<AvFile> self(new AvFile(std::move(file), std::move(named), cancel));
  if (auto started = self->start(threads, audio); !started) return std::move(started).error();
  return self;
}

Status AvFile::start(int threads, bool audio) {
  av_log_set_level(AV_LOG_QUIET);  // what a file has wrong is told by our own one line
  if (auto opened = open_container(audio); !opened) return opened;
  if (auto opened = open_decoder(threads); !opened) return opened;
  packet_.reset(av_packet_alloc());
  if (!packet_) return failed("cannot start", AVERROR(ENOMEM));
  auto first = decode_one();
  if (!first) return std::move(first).error();
  if (!*first) return fail(ErrorCode::invalid, named_ + ": holds no picture");
  ahead_ = std::move(*first);
  return ok();
}

Status AvFile::open_container(bool audio) {
  if (const auto size = file_.size(); size && *size == 0) {
    return fail(ErrorCode::invalid, named_ + ": is empty");
  }
  auto* buffer = static_cast<unsigned char*>(av_malloc(kReadBlock));
  io_.reset(avio_alloc_context(buffer, kReadBlock, 0, this, &AvFile::read_bytes, nullptr,
                               &AvFile::seek_to));
  AVFormatContext* context = avformat_alloc_context();
  if (!io_ || !context) return failed("cannot start", AVERROR(ENOMEM));
  context->pb = io_.get();
  context->flags |= AVFMT_FLAG_CUSTOM_IO;
  AVDictionary* options = nullptr;
  av_dict_set(&options, "format_whitelist", kContainers, 0);
  av_dict_set(&options, "protocol_whitelist", "", 0);
  const int opened = avformat_open_input(&context, "", nullptr, &options);  // frees it on failure
  av_dict_free(&options);
  if (opened >= 0) container_.reset(context);
  if (unread_) return *unread_;
  if (opened < 0) return failed("is no MP4, Matroska, WebM, JPEG, PNG or WebP we can open", opened);

  const int index = av_find_best_stream(context, AVMEDIA_TYPE_VIDEO, -1, -1, nullptr, 0);
  if (index < 0) return fail(ErrorCode::invalid, named_ + ": holds no video");
  const int heard =
      audio ? av_find_best_stream(context, AVMEDIA_TYPE_AUDIO, -1, index, nullptr, 0) : -1;
  if (heard >= 0) audio_ = std::make_unique<AvAudio>(context->streams[heard], named_);
  for (int i = 0; i < static_cast<int>(context->nb_streams); ++i) {
    context->streams[i]->discard = i == index || i == heard ? AVDISCARD_DEFAULT : AVDISCARD_ALL;
  }
  stream_ = context->streams[index];
  info_.still = std::string_view(context->iformat->name).ends_with("_pipe");  // one picture a file
  if (!info_.still) {
    if (stream_->duration > 0) {
      info_.duration = to_micros(stream_->duration, stream_->time_base);
    } else if (context->duration > 0) {
      info_.duration = context->duration;  // AV_TIME_BASE is microseconds
    }
    const AVRational rate =
        stream_->avg_frame_rate.num > 0 ? stream_->avg_frame_rate : stream_->r_frame_rate;
    if (rate.num > 0 && rate.den > 0) {
      info_.fps_milli = static_cast<std::uint32_t>(av_rescale(rate.num, 1000, rate.den));
    }
  }
  return ok();
}

Status AvFile::open_decoder(int threads) {
  const AVCodecID id = stream_->codecpar->codec_id;
  info_.codec = avcodec_get_name(id);
  for (const DecoderEntry& entry : kDecoders) {
    if (entry.id != id) continue;
    const AVCodec* codec = avcodec_find_decoder_by_name(entry.name);
    if (!codec) continue;
    decoder_.reset(avcodec_alloc_context3(codec));
    if (!decoder_) return failed("cannot start", AVERROR(ENOMEM));
    int result = avcodec_parameters_to_context(decoder_.get(), stream_->codecpar);
    if (result < 0) return failed("bad codec parameters", result);
    decoder_->thread_count = std::max(1, threads);
    decoder_->pkt_timebase = stream_->time_base;
    // Else the JPEG decoder paints what a cut file lacks in grey and calls it good.
    if (info_.still) decoder_->err_recognition |= AV_EF_EXPLODE;
    decoder_->max_pixels = info_.still ? kMostStillPixels : kMostVideoPixels;
    if (std::int64_t{decoder_->width} * decoder_->height > decoder_->max_pixels) {
      return fail(ErrorCode::invalid, named_ + ": " + std::to_string(decoder_->width) + "x" +
                                          std::to_string(decoder_->height) +
                                          " is more than we decode");
    }
    result = avcodec_open2(decoder_.get(), codec, nullptr);
    if (result < 0) return failed(std::string("decoder ") + entry.name + " does not open", result);
    info_.decoder = info_.still ? Decoder::still : entry.kind;
    return ok();
  }
  return fail(ErrorCode::invalid, named_ + ": codec " + info_.codec + " is not one we play");
}

Status AvFile::demux() {
  int got = av_read_frame(container_.get(), packet_.get());
  if (got < 0 && !unread_ && audio_ && !std::exchange(audio_through_, true)) {
    // It may be sound that is missing here; the pictures behind it count.
    container_->streams[audio_->stream_index()]->discard = AVDISCARD_ALL;
    got = av_read_frame(container_.get(), packet_.get());
  }
  if (unread_) {
    unreadable_ = *unread_;
  } else if (got == AVERROR_EOF) {
    exhausted_ = true;
  } else if (got < 0) {
    unreadable_ = failed("cannot read on", got);
  } else if (audio_ && packet_->stream_index == audio_->stream_index()) {
    audio_->keep(*packet_);
  } else if (packet_->stream_index == stream_->index) {
    std::unique_ptr<AVPacket, AvFree> kept(av_packet_alloc());
    if (!kept) return failed("cannot read on", AVERROR(ENOMEM));
    av_packet_move_ref(kept.get(), packet_.get());
    bytes_passed_over_ += cost_of(*kept);
    passed_over_.push_back(std::move(kept));
  }
  av_packet_unref(packet_.get());
  return ok();
}

Status AvFile::next_packet() {
  while (passed_over_.empty()) {
    if (unreadable_) return *unreadable_;
    if (exhausted_) {
      drained_ = true;
      avcodec_send_packet(decoder_.get(), nullptr);
      return ok();
    }
    if (auto read = demux(); !read) return read;
  }
  const auto packet = std::move(passed_over_.front());
  passed_over_.pop_front();
  bytes_passed_over_ -= cost_of(*packet);
  const int sent = avcodec_send_packet(decoder_.get(), packet.get());
  if (sent < 0) return failed("cannot decode", sent);
  return ok();
}

Result<AudioRead> AvFile::read_audio(AudioChunk& chunk) {
  if (!audio_) return AudioRead::end;
  if (!origin_) return AudioRead::behind_pictures;
  for (;;) {
    if (cancel_ && *cancel_) return AudioRead::end;
    const bool last = audio_through_ || exhausted_ || unreadable_;
    auto decoded = audio_->decode(chunk, *origin_, last);
    if (!decoded) return std::move(decoded).error();
    if (*decoded == AvAudio::Decoded::chunk) return AudioRead::chunk;
    if (*decoded == AvAudio::Decoded::end) return AudioRead::end;
    if (bytes_passed_over_ >= kMostPassedOver) return AudioRead::behind_pictures;
    if (auto read = demux(); !read) return std::move(read).error();
  }
}

Result<AvFrame> AvFile::decode_one() {
  AvFrame frame(av_frame_alloc());
  if (!frame) return failed("cannot decode", AVERROR(ENOMEM));
  for (;;) {
    if (cancel_ && *cancel_) return failed("stopped reading", AVERROR_EXIT);
    const int got = avcodec_receive_frame(decoder_.get(), frame.get());
    if (got == AVERROR_EOF) return AvFrame{};
    if (got == AVERROR(EAGAIN) && !drained_) {
      if (auto fed = next_packet(); !fed) return std::move(fed).error();
      continue;
    }
    if (got < 0) return failed("cannot decode", got);
    if (frame->decode_error_flags != 0 || (frame->flags & AV_FRAME_FLAG_CORRUPT) != 0) {
      return failed("damaged picture", AVERROR_INVALIDDATA);
    }
    if (std::max(frame->width, frame->height) > kMostSide) {
      return fail(ErrorCode::invalid, named_ + ": " + std::to_string(frame->width) + "x" +
                                          std::to_string(frame->height) +
                                          " is more than we decode");
    }
    return frame;
  }
}

int AvFile::rotation_of(const AVFrame& frame) const {
  if (const auto* side = av_frame_get_side_data(&frame, AV_FRAME_DATA_DISPLAYMATRIX)) {
    return quarter_turns(reinterpret_cast<const std::int32_t*>(side->data));  // JPEG with EXIF
  }
  if (const auto* side = av_stream_get_side_data(stream_, AV_PKT_DATA_DISPLAYMATRIX, nullptr)) {
    return quarter_turns(reinterpret_cast<const std::int32_t*>(side));
  }
  return 0;
}

Result<std::optional<DecodedFrame>> AvFile::read() {
  if (broken_) return *broken_;
  if (!ahead_) return std::optional<DecodedFrame>{};
  DecodedFrame now;
  now.frame = std::move(ahead_);
  now.rotation = rotation_of(*now.frame);
  const bool sideways = now.rotation % 180 != 0;
  info_.width = sideways ? now.frame->height : now.frame->width;
  info_.height = sideways ? now.frame->width : now.frame->height;
  if (info_.still)
    return std::optional(std::move(now));  // a second picture in the file is not shown

  const Micros step = info_.fps_milli > 0 ? 1'000'000'000 / info_.fps_milli : 40 * kMillisecond;
  const auto stamp_of = [&](const AVFrame& frame) {
    return frame.best_effort_timestamp == AV_NOPTS_VALUE
               ? kAbsent
               : to_micros(frame.best_effort_timestamp, stream_->time_base);
  };
  const Micros stamp = stamp_of(*now.frame);
  if (!origin_) origin_ = stamp == kAbsent ? 0 : stamp;
  now.time.pts = stamp == kAbsent ? last_pts_ + step : stamp - *origin_;
  if (now.time.pts <= last_pts_)
    now.time.pts = last_pts_ + 1;  // time runs forward, whatever it says
  last_pts_ = now.time.pts;
  now.time.duration =
      now.frame->pkt_duration > 0 ? to_micros(now.frame->pkt_duration, stream_->time_base) : step;

  auto following = decode_one();
  if (!following) {
    // This frame is good and is shown; what is wrong after it is told by the next call.
    broken_ = std::move(following).error();
    now.last_good = true;
    return std::optional(std::move(now));
  }
  ahead_ = std::move(*following);
  now.last_good = !ahead_ && now.time.pts + now.time.duration + kEndsEarly < info_.duration;
  if (ahead_) {
    const Micros next = stamp_of(*ahead_);
    if (next != kAbsent && next - *origin_ > now.time.pts) {
      now.time.duration = next - *origin_ - now.time.pts;
    }
  }
  return std::optional(std::move(now));
}

}  // namespace vitrine
