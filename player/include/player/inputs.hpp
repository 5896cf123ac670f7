// What the keeper's thread and the presenting thread tell each other. The keeper publishes whole
// snapshots; the programme takes the newest at a slot edge and keeps it alive as long as it uses
// it. Nobody waits for anybody: the lock is held for the exchange of a pointer.
#pragma once

#include <cstdint>
#include <memory>
#include <mutex>
#include <vector>

#include "player/content_watch.hpp"
#include "player/documents.hpp"
#include "scheduler/known_clock.hpp"

namespace vitrine {

// Everything a decision needs that is not history. Immutable once published.
struct PlayInputs {
  std::shared_ptr<const ActiveDocuments> documents;  // null: nothing to play yet
  std::shared_ptr<const ActiveTakeover> takeover;    // null: none
  WatchedContent content;
  std::uint32_t live_q4 = 16;
  KnownClock clock;
  bool safe = false;  // the safe loop (player/safe_loop.hpp): nothing is laid over what is shown
};

// How the generation in use is doing, as the keeper needs it to confirm or to fall back.
struct PlaybackReport {
  std::uint64_t generation = 0;       // from which the last decision came; 0 = none yet
  Micros shown = 0;                   // time on the glass of plays decided from it
  Micros unplayable_since = kAbsent;  // nothing at all could be shown since then
};

class InputBoard {
 public:
  void publish(std::shared_ptr<const PlayInputs> inputs);
  std::shared_ptr<const PlayInputs> newest() const;  // never null

  void report(const PlaybackReport& report);
  PlaybackReport last_report() const;

  // Content that failed on the glass too often, for the keeper to put on record.
  void quarantine(const Hash256& content);
  std::vector<Hash256> take_quarantined();

  // Content that was read and was not what had been hashed, for the keeper to hash anew.
  void doubt(const Hash256& content);
  std::vector<Hash256> take_doubted();

 private:
  mutable std::mutex mutex_;
  std::shared_ptr<const PlayInputs> inputs_ = std::make_shared<PlayInputs>();
  PlaybackReport report_;
  std::vector<Hash256> quarantined_;
  std::vector<Hash256> doubted_;
};

}  // namespace vitrine
