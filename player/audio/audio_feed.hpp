// Brings an item's sound from its source to its track, on the thread that reads the item. Sound is
// no reason for an item to fail: what cannot be decoded is silence and one line of the log.
#pragma once

#include <memory>
#include <string>

#include "player/source.hpp"

namespace vitrine {

class AudioFeed {
 public:
  // `track` null: the item is not heard. `named` is for messages.
  AudioFeed(std::shared_ptr<AudioTrack> track, std::string named)
      : track_(std::move(track)), named_(std::move(named)) {}
  ~AudioFeed();  // nothing more comes

  // Decodes a piece if one is wanted. False: nothing was done.
  bool step(MediaSource& source);
  // A picture was read: sound that lay behind it can be had.
  void picture_read() { behind_pictures_ = false; }
  // There is more to come, now or later.
  bool open() const { return track_ && !ended_; }
  // Sound is decoded before the next picture, for it would stop sooner than the picture does.
  bool urgent() const { return open() && !behind_pictures_ && track_->low(); }

 private:
  std::shared_ptr<AudioTrack> track_;
  std::string named_;
  bool ended_ = false;
  bool behind_pictures_ = false;
  bool told_ = false;
};

}  // namespace vitrine
