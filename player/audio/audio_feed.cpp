#include "audio_feed.hpp"

#include "platform/log.hpp"

namespace vitrine {

AudioFeed::~AudioFeed() {
  if (track_) track_->end();
}

bool AudioFeed::step(MediaSource& source) {
  if (!open() || behind_pictures_ || !track_->wants()) return false;
  AudioChunk chunk;
  const auto read = source.read_audio(chunk);
  if (!read) {
    if (!told_) {
      log_warn("{}: its sound is damaged: {}; what cannot be decoded is silent", named_,
               read.error().message);
    }
    told_ = true;
    return true;
  }
  switch (*read) {
    case AudioRead::chunk:
      track_->push(std::move(chunk));
      break;
    case AudioRead::behind_pictures:
      behind_pictures_ = true;
      return false;
    case AudioRead::end:
      ended_ = true;
      track_->end();
      break;
  }
  return true;
}

}  // namespace vitrine
