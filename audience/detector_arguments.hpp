// The words that choose a detector on a command line, the same for the daemon and for the
// technician's view: what is set up is then what counts.
#pragma once

#include "audience/detectors.hpp"
#include "platform/command_line.hpp"

namespace vitrine {

// --detector, --model, --model-sha256 and --input-width, into `options`, which must outlive `app`.
void add_detector_arguments(cli::App& app, DetectorOptions& options);

}  // namespace vitrine
