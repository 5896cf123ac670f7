// The loop that never shows an idle surface. While one item is on the glass the next is opened and
// its first frame decoded (Cold -> Opening -> Primed -> OnScreen -> Draining -> Done | Failed); at
// the seam the new first frame replaces the old last one at a vblank, one cadence step after it.
// Late: the last frame is held, and after `late_limit` the item is skipped. The timeline is
// anchored anew at each item's first flip.
//
// When nothing may be shown a status picture is up and no play runs.
#pragma once

#include <atomic>
#include <functional>
#include <memory>

#include "platform/service.hpp"
#include "player/audio_player.hpp"
#include "player/output.hpp"
#include "player/programme.hpp"
#include "player/snapshot_desk.hpp"
#include "player/source.hpp"

namespace vitrine {

struct PresenterOptions {
  // lead = 2 x the slowest prime seen, within these. Of any codec: which one comes is not known
  // before it is asked for.
  Micros least_lead = 1 * kSecond;
  Micros most_lead = 5 * kSecond;
  Micros late_limit = 3 * kSecond;
  int decoder_threads = 1;
  SourceOpener open = open_media_source;  // called on worker threads
  AudioPlayer* audio = nullptr;           // borrowed; null: nothing is heard
  // The picture for when nothing may be shown, asked for at each flip of it. Null, or none made
  // yet: a plain card.
  std::function<std::shared_ptr<const PictureBuffer>()> status;
  SnapshotDesk* snapshots = nullptr;  // asked for after each flip; borrowed, null: nobody does
  // When the glass begins not to follow what is flipped, and why; empty: it does again.
  std::function<void(const std::string& text)> glass_trouble = {};
};

// Borrows clock, output and programme for its life. run() on one thread; decoding on threads of its
// own, one an item.
class Presenter {
 public:
  Presenter(const Clock& clock, Output& output, Programme& programme,
            const PresenterOptions& options);
  ~Presenter();
  Presenter(const Presenter&) = delete;
  Presenter& operator=(const Presenter&) = delete;

  // Shows until request_stop(), which it notices within 100 ms; the item then on the glass ends
  // with cut cause `stopped`. Feeds the watchdog on every flip (at least one a second, stills
  // included).
  void run();
  void request_stop() { stop_ = true; }  // any thread

 private:
  class Loop;
  std::atomic<bool> stop_{false};
  std::unique_ptr<Loop> loop_;
};

}  // namespace vitrine
