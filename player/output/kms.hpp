// The KMS output over any calls of DRM: what make_kms_output() makes over the kernel's, and tests
// over a recorded device.
#pragma once

#include "drm_calls.hpp"
#include "player/output.hpp"

namespace vitrine {

// `kept`: the descriptor behind `drm` comes from a process that ended with its picture on the
// display. What it left goes on until the first flip, and is freed then. `unseen`: a card with
// nothing connected will do.
Result<std::unique_ptr<Output>> make_kms_output_on(const Clock& clock,
                                                   std::unique_ptr<DrmCalls> drm,
                                                   const KmsOptions& options, bool kept,
                                                   bool unseen = true);

}  // namespace vitrine
