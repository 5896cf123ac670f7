// Where sound goes: 48 kHz, stereo, 16 bits. One file an output (alsa, null). One thread, but for
// audible(); no call waits for a device.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>

#include "base/time.hpp"
#include "platform/clock.hpp"

namespace vitrine {

inline constexpr int kAudioRate = 48'000;  // frames a second
inline constexpr int kAudioChannels = 2;   // samples a frame, left then right

// How long so many frames sound, by their own rate.
constexpr Micros audio_length(std::int64_t frames) {
  return frames * kSecond / kAudioRate;
}
constexpr std::int64_t audio_frames(Micros length) {
  return length * kAudioRate / kSecond;
}

struct AudioPosition {
  std::size_t queued = 0;  // frames that were written and are still to be played
  Micros heard_at = 0;     // CLOCK_BOOTTIME at which the next frame written will be heard
};

class AudioOutput {
 public:
  virtual ~AudioOutput() = default;
  // Whether anybody may hear what is written; where nobody does, nothing needs to be decoded. Any
  // thread.
  virtual bool audible() const = 0;
  // Where the device is. One that ran dry is made ready again here, one that is missing looked for
  // now and then.
  virtual AudioPosition look() = 0;
  // Takes as many of these frames (interleaved) as there is room for at once; returns how many.
  virtual std::size_t write(std::span<const std::int16_t> samples) = 0;
  // Nothing comes for a while: the device may stand still until the next write().
  virtual void rest() = 0;
};

// Inaudible: swallows what it is given at the clock's rate.
std::unique_ptr<AudioOutput> make_null_audio(const Clock& clock);

// An ALSA device by its name ("default", "hw:1", "plughw:CARD=vc4hdmi0"), opened at the first
// look(). Without it (missing, unplugged, in use) this goes on as the null output, says so in one
// line of the log and tries again every ten seconds. audible() until the first try says otherwise.
std::unique_ptr<AudioOutput> make_alsa_audio(const Clock& clock, std::string device);

}  // namespace vitrine
