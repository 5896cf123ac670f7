#include "player/audio_track.hpp"

#include <algorithm>

namespace vitrine {
namespace {

constexpr std::int64_t kHeld = audio_frames(500 * kMillisecond);
constexpr std::int64_t kLow = audio_frames(200 * kMillisecond);
constexpr Micros kJoinedWithin = 5 * kMillisecond;

}  // namespace

bool AudioTrack::wants() const {
  const std::lock_guard lock(mutex_);
  return !ended_ && !left_ && waiting_ < kHeld;
}

bool AudioTrack::low() const {
  const std::lock_guard lock(mutex_);
  return !ended_ && !left_ && waiting_ < kLow;
}

void AudioTrack::push(AudioChunk chunk) {
  const std::int64_t frames = chunk.frames();
  const std::lock_guard lock(mutex_);
  if (frames == 0 || ended_ || left_) return;
  Piece piece;
  if (stretch_pts_) {
    const Micros off = chunk.pts - (*stretch_pts_ + audio_length(stretch_frames_));
    piece.joined = off <= kJoinedWithin && off >= -kJoinedWithin;
  }
  if (!piece.joined) {
    stretch_pts_ = chunk.pts;
    stretch_frames_ = 0;
  }
  stretch_frames_ += frames;
  waiting_ += frames;
  piece.chunk = std::move(chunk);
  pieces_.push_back(std::move(piece));
}

void AudioTrack::end() {
  const std::lock_guard lock(mutex_);
  ended_ = true;
}

std::int64_t AudioTrack::pull(std::vector<std::int16_t>& out, std::int64_t most) {
  const std::lock_guard lock(mutex_);
  std::int64_t pulled = 0;
  while (pulled < most && !pieces_.empty() && pieces_.front().joined) {
    Piece& piece = pieces_.front();
    const std::int64_t count = std::min(most - pulled, piece.chunk.frames() - piece.read);
    const auto from = piece.chunk.samples.begin() + piece.read * kAudioChannels;
    out.insert(out.end(), from, from + count * kAudioChannels);
    piece.read += count;
    pulled += count;
    if (piece.read == piece.chunk.frames()) pieces_.pop_front();
  }
  waiting_ -= pulled;
  return pulled;
}

std::optional<Micros> AudioTrack::next_stretch() {
  const std::lock_guard lock(mutex_);
  if (pieces_.empty() || pieces_.front().joined) return std::nullopt;
  pieces_.front().joined = true;
  return pieces_.front().chunk.pts;
}

void AudioTrack::leave() {
  const std::lock_guard lock(mutex_);
  left_ = true;
  pieces_.clear();
  waiting_ = 0;
}

}  // namespace vitrine
