// Who this screen is, or that nobody said so yet: a screen that is not enrolled shows the status
// picture until it is.
#pragma once

#include "platform/crypto.hpp"
#include "platform/service.hpp"
#include "player/presenter.hpp"
#include "state/paths.hpp"

namespace vitrine {

// What enrolment leaves for the player.
struct Enrolment {
  DeviceIdentity identity;
  PublicKey root_key;
  PrivateKey proof_key;
};
// `not_found`: there is none. Anything else: files that cannot be read.
Result<Enrolment> read_enrolment(const StatePaths& paths);

// Shows the status picture of `options` until the screen is enrolled (looked for each second) or
// the signal comes. nullopt: the signal came.
std::optional<Enrolment> await_enrolment(const Clock& clock, const StatePaths& paths,
                                         Output& output, const PresenterOptions& options,
                                         const StopSignal& signal);

}  // namespace vitrine
