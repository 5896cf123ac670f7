// Where presenting and deciding meet. The presenter asks what comes next and tells what became of
// it; it knows neither schedule nor log. All calls come from the presenting thread and must return
// within a millisecond: whoever implements this hands slow work (the play log) to a thread of its
// own.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "base/time.hpp"
#include "platform/file_blocks.hpp"
#include "player/scene.hpp"
#include "protocol/play.hpp"

namespace vitrine {

struct PlannedItem {
  std::uint64_t ticket =
      0;  // the caller's own name for it (the decision_seq); comes back unchanged
  fs::path file;
  std::string label;  // for people
  Micros length = 0;  // 0 = the file's own; stills must state it
  // Where `length` cuts it: what it would have been (0 = not known), and what the cut is called.
  Micros whole = 0;
  CutCause cut_cause = CutCause::none;
  // What `file` was when it was hashed; only that is shown. Null: it is shown as it is.
  std::shared_ptr<const FileBlocks> blocks = nullptr;
  // The glass is another's from then on, however late the first flip was.
  Micros not_after = kAbsent;
  bool muted = false;  // its sound, if it has any, is not heard
  // What it is shown within; null: it fills the glass.
  std::shared_ptr<Scene> scene = nullptr;
  int threads = 0;  // of its decoder; 0 = as the presenter has it
};

// What was seen of an item, on CLOCK_BOOTTIME.
struct PlayFigures {
  bool shown = false;  // its first frame was flipped
  Micros planned_start = 0;
  Micros planned_length = 0;
  Micros first_flip = kAbsent;
  Micros last_flip = kAbsent;
  Micros ended = kAbsent;  // when the next item's first flip (or the end) took the glass
  std::int64_t frames_due = 0;
  std::int64_t frames_shown = 0;
  std::int64_t frames_dropped = 0;
  std::int64_t frames_repeated = 0;
  Micros gap_before = 0;
  Grade grade = Grade::scheduled;
  std::uint32_t display_bits = 0;
  Decoder decoder = Decoder::none;
  CutCause cut_cause = CutCause::none;
  bool altered = false;  // it failed or was cut because its file is not what was hashed
  std::string error;     // why it failed or was cut, for people
};

class Programme {
 public:
  virtual ~Programme() = default;
  // What to show from `seam` on. Asked once an item, ahead of the seam by the lead. nullopt:
  // nothing may be shown now; the presenter keeps the status picture up and asks again after a
  // second.
  virtual std::optional<PlannedItem> next(Micros seam) = 0;
  // Whether the glass is another's from now on: what is on it gives way as soon as what is to come
  // has its first frame. That is what next() gave last (`next`), or what it gives when it is asked
  // again (`anew`). Asked several times a second.
  enum class Urgency { none, next, anew };
  virtual Urgency urgency() { return Urgency::none; }
  // Whether the panel is to be off at that moment, which may lie ahead. Then nothing is asked for,
  // and when what is on the glass has ended the panel is switched off. Asked several times a second
  // while it is off, and before each next().
  virtual bool dark(Micros) { return false; }
  // Immediately before the first flip is handed to the output, and immediately after it happened.
  virtual void starting(const PlannedItem& item) = 0;
  virtual void shown(const PlannedItem& item, const PlayFigures& figures) = 0;
  // About once a second while it is on the glass.
  virtual void progress(const PlannedItem& item, const PlayFigures& figures) = 0;
  // Its end, whatever the end was. Called exactly once for every item next() returned, in order. An
  // item that failed to open or decode before its first flip ends with shown = false and an error.
  // At a seam from A to B: starting(B), the flip, ended(A), shown(B). What fails to open while A is
  // still within its length is told right after A's own end.
  virtual void ended(const PlannedItem& item, const PlayFigures& figures) = 0;
};

}  // namespace vitrine
