// The command `screenshot`: the picture that was presented last, small, with the hash of the whole.
#pragma once

#include <functional>

#include "platform/clock.hpp"
#include "player/command_watch.hpp"
#include "player/snapshot_desk.hpp"

namespace vitrine {

// SHA-256 of a picture in its normal form: "vt1pic", width and height (u32 LE), and the three
// planes Y, Cb, Cr, row by row without what fills up their strides.
Hash256 picture_hash(const Picture& picture);

// Both are borrowed. At most one in a few seconds, for each holds a picture and costs an encoding.
// Called on the thread that watches for commands, which it holds up for a second at most.
CommandWatch::Act screenshot_act(const Clock& clock, const StatePaths& paths, SnapshotDesk& desk);

}  // namespace vitrine
