// vitrine-player --probe-display: a board new to us files what its display hardware says of itself
// and shows whether it shows (docs/display-probe.md).
#pragma once

#include "platform/service.hpp"
#include "player/output.hpp"

namespace vitrine {

struct ProbeOptions {
  KmsOptions kms;
  fs::path file;               // where the record goes; empty = standard output
  Micros show = 10 * kSecond;  // how long the test card is up
};
// Writes the record before anything changes on the display, then shows the card until its time is
// up or the signal comes. Says on standard error what the picture is made of and how its flips
// kept time.
Status probe_display(const Clock& clock, const ProbeOptions& options, const StopSignal& signal);

}  // namespace vitrine
