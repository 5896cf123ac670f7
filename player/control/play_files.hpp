// `vitrine-player --play FILE...`: files on a display, with neither schedule, identity, keys nor
// log.
#pragma once

#include "arguments.hpp"
#include "platform/service.hpp"

namespace vitrine {

// Until the signal, or until each file had its turn when that was asked for. An error: it could not
// start, or nothing was ever shown of files to show once.
Status play_files(const PlayerArguments& arguments, const StopSignal& signal);

}  // namespace vitrine
