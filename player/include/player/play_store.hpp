// The play log as a player finds it when it starts. A disk that is read-only, full or broken keeps
// no screen dark: then what can be read of the log is the history to go on from, the rows wait in
// the recorder, and each of its tries is a try to open the log.
#pragma once

#include <memory>
#include <vector>

#include "player/open_plays.hpp"
#include "player/recorder.hpp"
#include "scheduler/replay.hpp"

namespace vitrine {

struct PlayStore {
  std::unique_ptr<RowStore> rows;
  ScreenLog before;            // what was played, as far as it could be read
  std::vector<LeftPlay> left;  // of an earlier player and not stored yet: the first to record
  std::uint64_t last_seq = 0;
  std::uint64_t next_decision_seq = 1;
};

// What an earlier player left in /run is closed by this. Lines in the log say what is wrong.
PlayStore open_play_store(const StatePaths& paths, const ScreenId& screen,
                          const PrivateKey& proof_key);

}  // namespace vitrine
