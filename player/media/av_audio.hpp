// The sound of a file that av_file has opened: packets of its audio stream as 48 kHz stereo.
#pragma once

#include <deque>
#include <memory>
#include <string>

#include "av_free.hpp"
#include "base/math.hpp"
#include "player/audio_track.hpp"

extern "C" {
#include <libavcodec/avcodec.h>
#include <libavformat/avformat.h>
#include <libswresample/swresample.h>
}

namespace vitrine {

class AvAudio {
 public:
  // `stream` outlives this. The decoder is opened at the first decode().
  AvAudio(const AVStream* stream, std::string named);

  int stream_index() const { return stream_->index; }
  // Takes the packet's bytes. Beyond 2 MB they are dropped: that much sound ahead of its picture is
  // no file to be played.
  void keep(AVPacket& packet);

  enum class Decoded { chunk, hungry, end };
  // `origin` is where the video begins on the file's timeline; `last`: no packet comes any more.
  // After an error the next call goes on behind what was damaged.
  Result<Decoded> decode(AudioChunk& chunk, Micros origin, bool last);

 private:
  Status open();
  Result<bool> send(bool last);  // false: there is no packet
  Status resample(const AVFrame& frame, AudioChunk& chunk, Micros origin);
  Error failed(const std::string& doing, int error) const;

  const AVStream* stream_;
  std::string named_;
  std::deque<std::unique_ptr<AVPacket, AvFree>> packets_;
  std::int64_t bytes_ = 0;  // of packets_
  bool dropped_ = false;    // and not told yet
  bool over_ = false;
  bool drained_ = false;
  int errors_in_a_row_ = 0;
  std::unique_ptr<AVCodecContext, AvFree> decoder_;
  std::unique_ptr<AVFrame, AvFree> frame_;
  std::unique_ptr<SwrContext, AvFree> resampler_;
  int format_ = -1, rate_ = 0, channels_ = 0;  // what resampler_ is for
  Micros next_pts_ = 0;                        // on the file's timeline, where frames state none
};

}  // namespace vitrine
