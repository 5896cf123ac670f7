// The whole player, so that a test can build one that lies about its plays and show that the books
// notice.
#pragma once

#include <functional>
#include <memory>

#include "player/recorder.hpp"

namespace vitrine {

// Stands between the programme and the recorder; null: nobody does. `real` outlives what is
// returned.
using RecorderWrap = std::function<std::unique_ptr<PlaySink>(PlaySink& real)>;

// The exit status: 0 after a stop that was asked for or the end of what was to be played once, 1
// when it cannot start or none of the files can be shown (one line says why), 2 for wrong
// arguments.
int player_main(int argc, char** argv, const RecorderWrap& wrap);

}  // namespace vitrine
