// The only caller of libasound.

#include <alsa/asoundlib.h>

#include <algorithm>
#include <atomic>

#include "base/math.hpp"
#include "base/result.hpp"
#include "platform/log.hpp"
#include "player/audio_output.hpp"

namespace vitrine {
namespace {

constexpr Micros kTryAgainAfter = 10 * kSecond;
// What the device is asked for. 80 ms are kept in it; the rest is for devices with long periods.
constexpr snd_pcm_uframes_t kBuffer = audio_frames(200 * kMillisecond);
constexpr snd_pcm_uframes_t kPeriod = audio_frames(10 * kMillisecond);

// libasound writes to stderr; what went wrong is told by our own one line.
void say_nothing(const char*, int, const char*, int, const char*, ...) {}

struct PcmClose {
  void operator()(snd_pcm_t* pcm) const { snd_pcm_close(pcm); }
};
using Pcm = std::unique_ptr<snd_pcm_t, PcmClose>;

Error failed(const char* doing, int error) {
  return fail(ErrorCode::unavailable, std::string(doing) + ": " + snd_strerror(error));
}

Status set_hardware(snd_pcm_t* pcm) {
  snd_pcm_hw_params_t* params = nullptr;
  snd_pcm_hw_params_alloca(&params);
  unsigned rate = kAudioRate;
  snd_pcm_uframes_t period = kPeriod;
  snd_pcm_uframes_t buffer = kBuffer;
  int result = snd_pcm_hw_params_any(pcm, params);
  if (result < 0) return failed("has no setting", result);
  result = snd_pcm_hw_params_set_access(pcm, params, SND_PCM_ACCESS_RW_INTERLEAVED);
  if (result >= 0) result = snd_pcm_hw_params_set_format(pcm, params, SND_PCM_FORMAT_S16);
  if (result >= 0) result = snd_pcm_hw_params_set_channels(pcm, params, kAudioChannels);
  if (result >= 0) result = snd_pcm_hw_params_set_rate_near(pcm, params, &rate, nullptr);
  if (result >= 0) result = snd_pcm_hw_params_set_period_size_near(pcm, params, &period, nullptr);
  if (result >= 0) result = snd_pcm_hw_params_set_buffer_size_near(pcm, params, &buffer);
  if (result >= 0) result = snd_pcm_hw_params(pcm, params);
  if (result < 0) return failed("does not take 48 kHz stereo (try plughw:)", result);
  if (rate != kAudioRate) {
    return fail(ErrorCode::unavailable, "plays at " + std::to_string(rate) + " Hz (try plughw:)");
  }
  return ok();
}

Status set_software(snd_pcm_t* pcm) {
  snd_pcm_sw_params_t* params = nullptr;
  snd_pcm_sw_params_alloca(&params);
  int result = snd_pcm_sw_params_current(pcm, params);
  // It plays as soon as it has anything.
  if (result >= 0) result = snd_pcm_sw_params_set_start_threshold(pcm, params, 1);
  if (result >= 0) result = snd_pcm_sw_params(pcm, params);
  if (result < 0) return failed("cannot be set", result);
  return ok();
}

Result<Pcm> open_device(const std::string& device) {
  snd_pcm_t* opened = nullptr;
  const int result =
      snd_pcm_open(&opened, device.c_str(), SND_PCM_STREAM_PLAYBACK, SND_PCM_NONBLOCK);
  if (result < 0) return failed("does not open", result);
  Pcm pcm(opened);
  if (auto set = set_hardware(opened); !set) return std::move(set).error();
  if (auto set = set_software(opened); !set) return std::move(set).error();
  return pcm;
}

class AlsaAudio final : public AudioOutput {
 public:
  AlsaAudio(const Clock& clock, std::string device)
      : clock_(clock), device_(std::move(device)), silent_(make_null_audio(clock)) {
    snd_lib_error_set_handler(&say_nothing);
  }

  bool audible() const override { return audible_; }

  AudioPosition look() override {
    if (!pcm_) open();
    if (!pcm_) return silent_->look();
    snd_pcm_sframes_t room = snd_pcm_avail(pcm_.get());
    if (room < 0 && recover(static_cast<int>(room))) room = snd_pcm_avail(pcm_.get());
    if (room < 0 && pcm_) lost(static_cast<int>(room));
    if (!pcm_) return silent_->look();
    const bool runs = snd_pcm_state(pcm_.get()) == SND_PCM_STATE_RUNNING;
    // It runs and is empty: a plugin without a clock (null, file), which takes all at once.
    if (runs && room >= buffer_) return silent_->look();
    const auto queued = std::max<snd_pcm_sframes_t>(0, buffer_ - room);
    // Behind its buffer a device may hold more; one that does not run yet cannot say.
    snd_pcm_sframes_t delay = 0;
    if (!runs || snd_pcm_delay(pcm_.get(), &delay) < 0) delay = queued;
    return {static_cast<std::size_t>(queued),
            clock_.boottime() + audio_length(std::max<snd_pcm_sframes_t>(0, delay))};
  }

  std::size_t write(std::span<const std::int16_t> samples) override {
    if (!pcm_) return silent_->write(samples);
    const auto frames = samples.size() / kAudioChannels;
    snd_pcm_sframes_t taken = snd_pcm_writei(pcm_.get(), samples.data(), frames);
    if (taken < 0 && recover(static_cast<int>(taken))) {
      taken = snd_pcm_writei(pcm_.get(), samples.data(), frames);
    }
    if (taken >= 0) {
      const auto samples_taken = static_cast<std::size_t>(taken) * kAudioChannels;
      (void)silent_->write(samples.first(samples_taken));
      return static_cast<std::size_t>(taken);
    }
    if (taken != -EAGAIN && pcm_) lost(static_cast<int>(taken));
    return 0;
  }

  void rest() override {
    silent_->rest();
    if (pcm_) (void)snd_pcm_drop(pcm_.get());
  }

 private:
  void open() {
    const Micros now = clock_.boottime();
    if (tried_at_ != kAbsent && now - tried_at_ < kTryAgainAfter) return;
    tried_at_ = now;
    auto opened = open_device(device_);
    if (!opened) return missing(opened.error().message);
    pcm_ = std::move(*opened);
    snd_pcm_uframes_t buffer = 0;
    snd_pcm_uframes_t period = 0;
    if (snd_pcm_get_params(pcm_.get(), &buffer, &period) < 0) buffer = kBuffer;
    buffer_ = static_cast<snd_pcm_sframes_t>(buffer);
    audible_ = true;
    if (!complaint_.empty()) log_info("sound is heard again on ALSA device '{}'", device_);
    complaint_.clear();
  }

  // It ran dry, was suspended, or rested.
  bool recover(int error) {
    if (error != -EPIPE && error != -ESTRPIPE && error != -EBADFD) return false;
    const int prepared = snd_pcm_prepare(pcm_.get());
    if (prepared < 0) lost(prepared);
    return prepared >= 0;
  }

  void lost(int error) {
    pcm_.reset();
    tried_at_ = clock_.boottime();
    missing(std::string("is lost: ") + snd_strerror(error));
  }

  void missing(std::string why) {
    audible_ = false;
    if (why != complaint_) {
      log_warn("no sound: ALSA device '{}' {}; going on without, trying again every {} s", device_,
               why, kTryAgainAfter / kSecond);
    }
    complaint_ = std::move(why);
  }

  const Clock& clock_;
  std::string device_;
  std::unique_ptr<AudioOutput> silent_;  // what it is without a device, or a device without a clock
  std::atomic<bool> audible_{true};
  Pcm pcm_;
  snd_pcm_sframes_t buffer_ = 0;
  Micros tried_at_ = kAbsent;
  std::string complaint_;  // said once
};

}  // namespace

std::unique_ptr<AudioOutput> make_alsa_audio(const Clock& clock, std::string device) {
  return std::make_unique<AlsaAudio>(clock, std::move(device));
}

}  // namespace vitrine
