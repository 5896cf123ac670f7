#include "player/audio_player.hpp"

#include <algorithm>
#include <chrono>

#include "audio_follower.hpp"
#include "audio_timeline.hpp"

namespace vitrine {
namespace {

constexpr std::chrono::milliseconds kTick{10};
// How often a device that is missing is looked for while nothing sounds.
constexpr std::chrono::seconds kIdle{5};
// What lies in the device: enough for a thread that is late, little enough to stop soon.
constexpr std::int64_t kKeptWritten = audio_frames(80 * kMillisecond);
constexpr std::int64_t kBlock = audio_frames(10 * kMillisecond);
constexpr Micros kRestAfter = 2 * kSecond;

}  // namespace

AudioPlayer::AudioPlayer(const Clock& clock, AudioOutput& output)
    : clock_(clock),
      output_(output),
      follower_(std::make_unique<AudioFollower>()),
      timeline_(std::make_unique<AudioTimeline>()) {}

AudioPlayer::~AudioPlayer() {
  stop();
}

void AudioPlayer::start() {
  thread_ = std::thread([this] {
    std::unique_lock lock(mutex_);
    while (!stopping_) {
      lock.unlock();
      tick();
      lock.lock();
      // While it plays, orders wait for the tick.
      if (resting_) {
        idle_ = true;
        wake_.wait_for(lock, kIdle, [this] { return stopping_ || !orders_.empty(); });
        idle_ = false;
      } else {
        wake_.wait_for(lock, kTick, [this] { return stopping_; });
      }
    }
  });
}

void AudioPlayer::stop() {
  if (!thread_.joinable()) return;
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  wake_.notify_one();
  thread_.join();
  output_.rest();
}

std::shared_ptr<AudioTrack> AudioPlayer::track(bool muted) const {
  if (muted || !output_.audible()) return nullptr;
  return std::make_shared<AudioTrack>();
}

void AudioPlayer::play(AudioPart part) {
  if (!part.track) return;
  order([part = std::move(part)](AudioFollower& follower) { follower.play(part); });
}

void AudioPlayer::drop(const std::shared_ptr<AudioTrack>& track) {
  if (!track) return;
  order([track](AudioFollower& follower) { follower.drop(track); });
}

void AudioPlayer::order(std::function<void(AudioFollower&)> what) {
  const std::lock_guard lock(mutex_);
  orders_.push_back(std::move(what));
  if (idle_) wake_.notify_one();
}

bool AudioPlayer::settled() const {
  return follower_->settled();
}

void AudioPlayer::take_orders() {
  std::vector<std::function<void(AudioFollower&)>> orders;
  {
    const std::lock_guard lock(mutex_);
    orders.swap(orders_);
  }
  for (const auto& order : orders) order(*follower_);
}

void AudioPlayer::tick() {
  take_orders();
  const Micros now = clock_.boottime();
  if (!follower_->silent()) {
    silent_since_ = kAbsent;
    resting_ = false;
  } else if (silent_since_ == kAbsent) {
    silent_since_ = now;
  }
  if (!resting_ && silent_since_ != kAbsent && now - silent_since_ >= kRestAfter) {
    output_.rest();
    timeline_->restart();
    unwritten_.clear();
    resting_ = true;
  }
  if (resting_) {
    if (!output_.audible()) (void)output_.look();
    return;
  }
  const AudioPosition position = output_.look();
  timeline_->follow(position.heard_at);
  auto queued = static_cast<std::int64_t>(position.queued);
  while (write_out() && queued < kKeptWritten) {
    unwritten_.resize(static_cast<std::size_t>(kBlock * kAudioChannels));
    follower_->render(now, timeline_->heard_at(), unwritten_);
    queued += kBlock;
  }
}

// What the device did not take before. False: it does not take all of it now.
bool AudioPlayer::write_out() {
  if (unwritten_.empty()) return true;
  const std::size_t taken = output_.write(unwritten_);
  timeline_->wrote(taken);
  unwritten_.erase(unwritten_.begin(),
                   unwritten_.begin() + static_cast<std::ptrdiff_t>(taken * kAudioChannels));
  return unwritten_.empty();
}

}  // namespace vitrine
