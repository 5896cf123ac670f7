#include "show.hpp"

#include <poll.h>

#include <atomic>
#include <thread>
#include <utility>

#include "platform/log.hpp"
#include "platform/priority.hpp"

namespace vitrine {
namespace {

// Turns SIGTERM into the presenter's stop; ends with it.
class StopWatch {
 public:
  StopWatch(const StopSignal& signal, Presenter& presenter, const std::function<void()>& look)
      : thread_([this, &signal, &presenter, &look] {
          while (!done_) {
            pollfd entry{signal.fd(), POLLIN, 0};
            if (::poll(&entry, 1, 200) > 0) break;
            if (look) look();
          }
          presenter.request_stop();
        }) {}
  ~StopWatch() {
    done_ = true;
    thread_.join();
  }

 private:
  std::atomic<bool> done_{false};
  std::thread thread_;
};

constexpr Micros kDisplayPatience = 10 * kSecond;  // less than the unit's TimeoutStartSec
constexpr Micros kDisplayLook = 50 * kMillisecond;
constexpr const char* kKeptDisplay = "vitrine-display";

// The display of a service: its picture outlives a crash, and it remembers its mode.
KmsOptions of_service(const PlayerArguments& arguments) {
  KmsOptions options = arguments.kms;
  const fs::path remembered = arguments.paths.display();
  std::error_code ignored;
  if (fs::is_directory(remembered.parent_path(), ignored)) options.last_good = remembered;
  options.kept = take_kept_descriptor(kKeptDisplay).release();
  // Upright on a display turned clockwise is turned the other way on its own rows.
  options.rotation = (360 - arguments.rotate) % 360;
  options.keep = [](int card) { keep_descriptor(kKeptDisplay, card); };
  return options;
}

Result<std::unique_ptr<Output>> make_unturned(const Clock& clock,
                                              const PlayerArguments& arguments) {
  switch (arguments.output) {
    case OutputKind::kms:
      return make_kms_output(clock, of_service(arguments));
    case OutputKind::x11:
      return make_x11_output(clock, arguments.x11);
    case OutputKind::headless:
      break;
  }
  return make_headless_output(clock, arguments.headless);
}

}  // namespace

Result<std::unique_ptr<Output>> make_output(const Clock& clock, const PlayerArguments& arguments) {
  auto output = make_unturned(clock, arguments);
  if (!output) return output;
  // KMS turns by itself, by a plane where one can.
  return make_rotated_output(std::move(*output),
                             arguments.output == OutputKind::kms ? 0 : arguments.rotate);
}

Result<std::unique_ptr<Output>> await_output(const Clock& clock, const PlayerArguments& arguments,
                                             const StopSignal& signal) {
  const Micros until = clock.boottime() + kDisplayPatience;
  bool told = false;
  for (;;) {
    auto output = make_output(clock, arguments);
    if (output || clock.boottime() >= until) return output;
    if (!std::exchange(told, true)) log_info("{}; waiting for it", output.error().message);
    pollfd entry{signal.fd(), POLLIN, 0};
    if (::poll(&entry, 1, kDisplayLook / kMillisecond) > 0) return output;
  }
}

Sound start_sound(const Clock& clock, const PlayerArguments& arguments) {
  Sound sound;
  if (!arguments.alsa) return sound;
  sound.output = make_alsa_audio(clock, *arguments.alsa);
  sound.player = std::make_unique<AudioPlayer>(clock, *sound.output);
  sound.player->start();
  return sound;
}

void show(Presenter& presenter, const StopSignal& signal, const std::function<void()>& look) {
  {
    const StopWatch watch(signal, presenter, look);
    // After the watch was started: it is in no hurry. Decoding is neither; the pictures a few
    // frames ahead are its time to be late in.
    if (auto preferred = prefer_this_thread(); !preferred) {
      log_info("{}; a busy machine may delay pictures", preferred.error().message);
    }
    notify_ready();
    presenter.run();
  }
  if (signal.raised()) notify_stopping();  // else more may follow
}

}  // namespace vitrine
