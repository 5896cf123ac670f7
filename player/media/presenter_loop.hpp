// The presenter's inside: what comes next (presenter_next.cpp), what is on the glass
// (presenter_glass.cpp), how items and the show end (presenter.cpp). On the presenting thread
// alone.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "cadence.hpp"
#include "glass.hpp"
#include "item_reader.hpp"
#include "player/presenter.hpp"

namespace vitrine {

inline constexpr Micros kReflipAfter =
    900 * kMillisecond;  // what stands still is flipped at least once a second
inline constexpr Micros kLookEvery = 100 * kMillisecond;  // for a stop, while nothing is due
inline constexpr Micros kAskAgainAfter = 1 * kSecond;
// So many items in a row that do not open are as good as nothing to show: what comes next is asked
// at leisure.
inline constexpr std::size_t kMostFailures = 3;

class Presenter::Loop {
 public:
  Loop(const Clock& clock, Output& output, Programme& programme, const PresenterOptions& options,
       const std::atomic<bool>& stop)
      : clock_(clock),
        output_(output),
        programme_(programme),
        options_(options),
        stop_(stop),
        cadence_(output),
        glass_(output, options.glass_trouble) {}

  void run();

 private:
  struct Item {
    PlannedItem planned;
    std::unique_ptr<ItemReader> reader;
    AudioPart sound;
    PlayFigures figures;
    Micros asked_at = 0;
    FrameTime first;  // of its first frame
    Micros end = 0;   // when the next one is due
    Micros release =
        kAbsent;  // ideal vblank of what follows the frame now shown; absent while not known
    Micros progress_at = 0;
  };

  bool halted() const { return stop_ || output_lost_; }

  // --- what comes next ---

  void ask(Micros seam);

  // When the current item's successor is to be asked for.
  Micros ask_at() const;

  // Called all the time while an item is on the glass.
  void tend();

  // Ahead of the seam: what the audio device gets now will be heard after it.
  void announce_sound(Micros seam);

  void play_sound(const Item& item) const;

  // What is urgent is brought to its first frame; then the current item gives way.
  void make_way(Micros now);

  // Decided, and no longer what comes next.
  void drop_next();

  static std::string why_unreadable(Item& item);

  void fail_next(std::string why, CutCause cause = CutCause::none);

  // Holds the glass until next_ has its first frame. False: it was given up, or stop.
  bool await_primed();

  // The seam is here and what was to follow does not come: the item on the glass has had its play.
  // It is ended now, so that the programme hears of the failure before it is asked again.
  void give_up(std::string why, CutCause cause = CutCause::none);

  // --- on the glass ---

  // Flips the first frame of next_, which makes it the current item.
  bool take_glass();

  // Shows the current item until its successor is due at seam_; stop and a lost output end it
  // sooner.
  void play();

  // What stood longer than a frame does is flipped once more right before its end: a row knows an
  // item's last flip, and people are counted until then.
  void flip_before_end(Micros step);

  // The turn of a source frame that belongs to [due, until): onto the glass, dropped, or due at no
  // vblank at all.
  void show(Frame frame, Micros due, Micros until);

  // The next decoded frame; meanwhile the glass keeps what it shows. `waiting`: it came neither
  // before the planned end nor, without one, for late_limit.
  ItemReader::Next await_frame(Frame& frame);

  // When the glass is to be flipped again if nothing new comes. Where something moves that is every
  // vblank, as late before it as leaves time to draw.
  Micros reflip_at() const;

  // A decoder that lags behind the end of its item owes the frames it never delivered.
  void count_never_decoded(Micros from, Micros until, Micros step);

  // Keeps the glass as it is until `moment`: flips again, asks for what is next, reports progress.
  void hold_until(Micros moment);

  // The next vblank comes before the one that belongs to `due`.
  bool vblank_free_before(Micros due, Micros now) const;

  void flip_again();

  // After every flip of the current item but its first.
  void flipped(const Flip& flip);

  void hand_snapshot(std::uint64_t ticket, const std::string& label);

  // --- ends ---

  void cut(CutCause cause, std::string why, Micros end);

  void end_current(Micros at);

  // Decoding winds down on its own thread, which is joined once it is through.
  void retire(Item& item);

  void show_status();

  // The panel is off by plan: nothing is shown, and that is as it should be.
  void stay_dark();

  void lost(const Error& error, bool at_seam = false);

  // After a flip that succeeded.
  void found();

  void recover();

  void pause_until(Micros moment);

  void finish();

  const Clock& clock_;
  Output& output_;
  Programme& programme_;
  PresenterOptions options_;
  const std::atomic<bool>& stop_;
  Cadence cadence_;
  Glass glass_;
  std::optional<Item> current_;  // on the glass
  std::optional<Item> next_;     // opening or primed
  std::vector<Item> failed_;     // not shown; told after current_'s end, to keep the order
  std::optional<Micros>
      seam_;  // when the next first flip is due; none at the start and after a status picture
  Micros ask_not_before_ = 0;
  Micros slowest_prime_ = 0;
  std::size_t failures_in_a_row_ = 0;
  bool dark_ = false;  // at the moment last asked for the panel is to be off
  bool output_lost_ = false;
  std::string output_error_;  // why, said once
  std::size_t dropped_ = 0;   // of failed_: nothing was wrong with them
  bool rushing_ = false;      // next_ takes the glass as soon as it can
  bool gives_way_ = false;    // and now it can
  Micros urgent_not_before_ = 0, urgent_wait_ = kAskAgainAfter;
  std::vector<std::unique_ptr<ItemReader>> retired_;  // last: their threads use the pool in glass_
};

}  // namespace vitrine
