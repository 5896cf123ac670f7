// The command `screenshot`: the picture that was presented last, small, with the hash of the whole.
#pragma once

#include <functional>

#include "platform/clock.hpp"
#include "player/command_watch.hpp"
#include "player/shot_book.hpp"
#include "player/snapshot_desk.hpp"

namespace vitrine {

// SHA-256 of a picture in its normal form: "vt1pic", width and height (u32 LE), and the three
// planes Y, Cb, Cr, row by row without what fills up their strides.
Hash256 picture_hash(const Picture& picture);

// All are borrowed. The JPEG's hash goes into the row of the play that was on the glass, by
// `shots`; the answer says whether it does. At most one in a few seconds, for each holds a picture
// and costs an encoding. Called on the thread that watches for commands, which it holds up for a
// second at most.
CommandWatch::Act screenshot_act(const Clock& clock, const StatePaths& paths, SnapshotDesk& desk,
                                 ShotBook& shots);

}  // namespace vitrine
