// The programme of a schedule: asks the scheduler what comes next, keeps count, and turns what the
// presenter saw into rows. All calls on the presenting thread; none waits for a disk.
#pragma once

#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>

#include "player/input_notes.hpp"
#include "player/inputs.hpp"
#include "player/open_plays.hpp"
#include "player/panel_plan.hpp"
#include "player/programme.hpp"
#include "player/recorder.hpp"
#include "player/shot_book.hpp"
#include "scheduler/replay.hpp"
#include "state/content_store.hpp"

namespace vitrine {

class SceneMaker;

// What was played before, as a programme that starts needs it.
Result<ScreenLog> read_screen_log(PlayLog& log);

class ScheduleProgramme final : public Programme {
 public:
  struct Setup {
    const Clock& clock;
    StatePaths paths;
    InputBoard& board;
    PlaySink& sink;
    ZoneTable zone;
    std::uint64_t next_decision_seq = 1;
    std::function<std::uint64_t()> rows;  // in the log now, for run/player/live
    PanelPlan* panel = nullptr;           // null: always on
    const SceneMaker* scenes = nullptr;   // null: every item fills the glass
    // What else others know for run/player/live; may be null.
    std::function<void(PlayerLive&)> figures = {};
    ShotBook* shots = nullptr;  // null: no row names a screenshot
  };
  // `log` is what was played before: the newest plays with their clocks, and all sums.
  ScheduleProgramme(Setup setup, ScreenLog log);

  std::optional<PlannedItem> next(Micros seam) override;
  // Outside the display hours, or an operator said so. A takeover does not light the panel.
  bool dark(Micros at) override;
  // A takeover began, ended, was withdrawn or gave way to another since what is on the glass was
  // decided.
  Urgency urgency() override;
  void starting(const PlannedItem& item) override;
  void shown(const PlannedItem& item, const PlayFigures& figures) override;
  void progress(const PlannedItem& item, const PlayFigures& figures) override;
  void ended(const PlannedItem& item, const PlayFigures& figures) override;

 private:
  // A decision on its way: decided, perhaps shown, not yet ended.
  struct Entry {
    Decision decision;
    std::shared_ptr<const PlayInputs> inputs;
    KnownClock clock;
    Micros seam = 0;
    std::string label;
    Micros length = 0;
    bool shown = false;
    std::int64_t local_day = 0;
    Micros counted = 0;  // of its time on the glass, what the report holds already
  };

  void take_inputs();
  void use_documents();
  void use_files();
  Decision ask(Micros seam);
  PlannedItem item_of(const Entry& entry) const;
  void nothing_to_show(const Decision& decision);
  Entry* find(std::uint64_t ticket);
  static const ActiveTakeover* takeover_of(const Entry& entry);  // null: it is none
  OpenPlay open_play(const Entry& entry, const PlayFigures& figures) const;
  void add_ghosts(const Entry& entry, const PlayFigures& figures);
  void count_shown_time(Entry& entry, Micros until);
  void count_failure(const Entry& entry, const PlayFigures& figures);
  void write_dark() const;
  void write_live(const Entry* entry, Micros first_flip, const std::string& error);

  Setup setup_;
  std::optional<ScreenLog> log_;  // until the first question
  Scheduler scheduler_;
  Question question_;  // the last
  InputNotes notes_;
  OpenPlays open_plays_;
  ContentStore content_;
  std::shared_ptr<const PlayInputs> inputs_;
  ContentState files_;  // the inputs', less what failed or was altered here
  KnownClock clock_;    // the inputs', but for what it drifted since it was put on record
  std::uint64_t decision_seq_;
  std::deque<Entry> entries_;  // oldest first
  PlaybackReport report_;
  std::map<Hash256, int> failures_;
  std::set<Hash256> quarantined_;  // here at once; the keeper's snapshot follows
  ContentBlocks altered_;  // what was read was not this: not shown until the keeper hashed it anew
  Micros dark_told_at_ = 0;
  std::string last_error_;
  std::string last_problem_;  // why nothing can be shown, logged when it changes
};

}  // namespace vitrine
