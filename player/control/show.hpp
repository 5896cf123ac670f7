// What every way of playing has in common: the outputs the arguments name, and a presenter that
// runs until it is told to stop.
#pragma once

#include <functional>
#include <memory>

#include "arguments.hpp"
#include "platform/service.hpp"
#include "player/presenter.hpp"

namespace vitrine {

Result<std::unique_ptr<Output>> make_output(const Clock& clock, const PlayerArguments& arguments);

// The same for a service: at power-on the card may still be without its driver or its group. Tried
// for ten seconds, or until the signal; then the last error is for the supervisor.
Result<std::unique_ptr<Output>> await_output(const Clock& clock, const PlayerArguments& arguments,
                                             const StopSignal& signal);

// Where sound goes and the thread that plays it there. Both are null where nobody would hear any.
struct Sound {
  std::unique_ptr<AudioOutput> output;
  std::unique_ptr<AudioPlayer> player;
};
Sound start_sound(const Clock& clock, const PlayerArguments& arguments);

// Tells the supervisor that it is ready and runs the presenter on this thread, until its
// request_stop() or until the signal, which the supervisor is told of. Meanwhile `look` is called a
// few times a second on another thread; may be null.
void show(Presenter& presenter, const StopSignal& signal, const std::function<void()>& look = {});

}  // namespace vitrine
