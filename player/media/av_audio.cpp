#include "av_audio.hpp"

#include <algorithm>
#include <array>
#include <utility>

extern "C" {
#include <libavutil/channel_layout.h>
#include <libavutil/error.h>
}

namespace vitrine {
namespace {

constexpr std::int64_t kMostBytesKept = 2 << 20;
constexpr int kMostErrors = 500;  // in a row, 10 s of AAC: nothing more is expected of it
constexpr int kMostChannels = 8;
constexpr int kLeastRate = 8'000;
constexpr int kMostRate = 192'000;

struct AudioDecoder {
  AVCodecID id;
  const char* name;
};
// Named, so that no other build option of libavcodec can put another decoder here.
constexpr std::array kAudioDecoders = {
    AudioDecoder{AV_CODEC_ID_AAC, "aac"},
    AudioDecoder{AV_CODEC_ID_MP3, "mp3float"},
    AudioDecoder{AV_CODEC_ID_OPUS, "opus"},
    AudioDecoder{AV_CODEC_ID_VORBIS, "vorbis"},
    AudioDecoder{AV_CODEC_ID_FLAC, "flac"},
    AudioDecoder{AV_CODEC_ID_AC3, "ac3"},
    AudioDecoder{AV_CODEC_ID_PCM_U8, "pcm_u8"},
    AudioDecoder{AV_CODEC_ID_PCM_S16LE, "pcm_s16le"},
    AudioDecoder{AV_CODEC_ID_PCM_S16BE, "pcm_s16be"},
    AudioDecoder{AV_CODEC_ID_PCM_S24LE, "pcm_s24le"},
    AudioDecoder{AV_CODEC_ID_PCM_S24BE, "pcm_s24be"},
    AudioDecoder{AV_CODEC_ID_PCM_S32LE, "pcm_s32le"},
    AudioDecoder{AV_CODEC_ID_PCM_F32LE, "pcm_f32le"},
};

Micros micros_of(std::int64_t value, AVRational base) {
  return av_rescale_q(value, base, AVRational{1, 1'000'000});
}

}  // namespace

AvAudio::AvAudio(const AVStream* stream, std::string named)
    : stream_(stream), named_(std::move(named)) {}

Error AvAudio::failed(const std::string& doing, int error) const {
  std::array<char, AV_ERROR_MAX_STRING_SIZE> text{};
  av_strerror(error, text.data(), text.size());
  return fail(ErrorCode::invalid, doing + ": " + text.data());
}

void AvAudio::keep(AVPacket& packet) {
  if (over_ || bytes_ + cost_of(packet) > kMostBytesKept) {
    dropped_ = !over_;
    return;
  }
  std::unique_ptr<AVPacket, AvFree> kept(av_packet_alloc());
  if (!kept) return;
  av_packet_move_ref(kept.get(), &packet);
  bytes_ += cost_of(*kept);
  packets_.push_back(std::move(kept));
}

Status AvAudio::open() {
  const AVCodecID id = stream_->codecpar->codec_id;
  const auto entry = std::find_if(kAudioDecoders.begin(), kAudioDecoders.end(),
                                  [id](const AudioDecoder& known) { return known.id == id; });
  const AVCodec* codec =
      entry == kAudioDecoders.end() ? nullptr : avcodec_find_decoder_by_name(entry->name);
  if (!codec) {
    return fail(ErrorCode::invalid,
                std::string("codec ") + avcodec_get_name(id) + " is not one we play");
  }
  decoder_.reset(avcodec_alloc_context3(codec));
  frame_.reset(av_frame_alloc());
  if (!decoder_ || !frame_) return failed("cannot start", AVERROR(ENOMEM));
  int result = avcodec_parameters_to_context(decoder_.get(), stream_->codecpar);
  if (result < 0) return failed("bad codec parameters", result);
  decoder_->thread_count = 1;
  decoder_->pkt_timebase = stream_->time_base;
  decoder_->max_samples = std::int64_t{kMostChannels} * kMostRate;
  result = avcodec_open2(decoder_.get(), codec, nullptr);
  if (result < 0) return failed(std::string("decoder ") + entry->name + " does not open", result);
  return ok();
}

Result<AvAudio::Decoded> AvAudio::decode(AudioChunk& chunk, Micros origin, bool last) {
  if (over_) return Decoded::end;
  const auto give_up = [this](Error error) {
    over_ = true;
    packets_.clear();
    return error;
  };
  if (!decoder_) {
    if (auto opened = open(); !opened) return give_up(std::move(opened).error());
  }
  if (std::exchange(dropped_, false)) {
    return fail(ErrorCode::exhausted, "more of it lies ahead of the picture than is kept");
  }
  for (;;) {
    const int got = avcodec_receive_frame(decoder_.get(), frame_.get());
    if (got == AVERROR_EOF) {
      over_ = true;
      return Decoded::end;
    }
    if (got >= 0) {
      errors_in_a_row_ = 0;
      if (auto made = resample(*frame_, chunk, origin); !made) {
        return give_up(std::move(made).error());
      }
      if (!chunk.samples.empty()) return Decoded::chunk;
      continue;
    }
    Result<bool> sent = got == AVERROR(EAGAIN) ? send(last) : failed("cannot decode", got);
    if (!sent) {
      if (++errors_in_a_row_ > kMostErrors) return give_up(std::move(sent).error());
      return std::move(sent).error();
    }
    if (!*sent) return Decoded::hungry;
  }
}

Result<bool> AvAudio::send(bool last) {
  if (packets_.empty()) {
    if (!last) return false;
    if (std::exchange(drained_, true)) return failed("cannot decode", AVERROR_BUG);
    avcodec_send_packet(decoder_.get(), nullptr);
    return true;
  }
  const auto packet = std::move(packets_.front());
  packets_.pop_front();
  bytes_ -= cost_of(*packet);
  const int sent = avcodec_send_packet(decoder_.get(), packet.get());
  if (sent < 0) return failed("cannot decode", sent);
  return true;
}

Status AvAudio::resample(const AVFrame& frame, AudioChunk& chunk, Micros origin) {
  const int channels = frame.ch_layout.nb_channels;
  if (channels < 1 || channels > kMostChannels || frame.sample_rate < kLeastRate ||
      frame.sample_rate > kMostRate) {
    return fail(ErrorCode::invalid, std::to_string(channels) + " channels at " +
                                        std::to_string(frame.sample_rate) +
                                        " Hz are not what we play");
  }
  if (frame.format != format_ || frame.sample_rate != rate_ || channels != channels_) {
    AVChannelLayout from{};
    if (frame.ch_layout.order == AV_CHANNEL_ORDER_UNSPEC) {
      av_channel_layout_default(&from, channels);
    } else {
      av_channel_layout_copy(&from, &frame.ch_layout);
    }
    AVChannelLayout to{};
    av_channel_layout_default(&to, kAudioChannels);
    SwrContext* made = nullptr;
    int result = swr_alloc_set_opts2(&made, &to, AV_SAMPLE_FMT_S16, kAudioRate, &from,
                                     static_cast<AVSampleFormat>(frame.format), frame.sample_rate,
                                     0, nullptr);
    resampler_.reset(made);
    av_channel_layout_uninit(&from);
    if (result >= 0) result = swr_init(made);
    if (result < 0) return failed("cannot be converted", result);
    format_ = frame.format;
    rate_ = frame.sample_rate;
    channels_ = channels;
  }
  const Micros stamp =
      frame.pts == AV_NOPTS_VALUE ? next_pts_ : micros_of(frame.pts, stream_->time_base);
  next_pts_ = stamp + frame.nb_samples * kSecond / frame.sample_rate;
  // What the resampler still holds comes first.
  chunk.pts = stamp - origin - swr_get_delay(resampler_.get(), kSecond);
  const int room = swr_get_out_samples(resampler_.get(), frame.nb_samples);
  if (room < 0) return failed("cannot be converted", room);
  chunk.samples.resize(static_cast<std::size_t>(room) * kAudioChannels);
  auto* out = reinterpret_cast<std::uint8_t*>(chunk.samples.data());
  const int made =
      swr_convert(resampler_.get(), &out, room,
                  const_cast<const std::uint8_t**>(frame.extended_data), frame.nb_samples);
  if (made < 0) return failed("cannot be converted", made);
  chunk.samples.resize(static_cast<std::size_t>(made) * kAudioChannels);
  return ok();
}

}  // namespace vitrine
