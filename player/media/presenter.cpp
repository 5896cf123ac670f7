#include "player/presenter.hpp"

#include <algorithm>
#include <optional>
#include <vector>

#include "cadence.hpp"
#include "glass.hpp"
#include "item_reader.hpp"
#include "platform/log.hpp"

namespace vitrine {
namespace {

constexpr Micros kReflipAfter =
    900 * kMillisecond;  // what stands still is flipped at least once a second
constexpr Micros kLookEvery = 100 * kMillisecond;  // for a stop, while nothing is due
constexpr Micros kLookWhileDark = 250 * kMillisecond;
constexpr Micros kAskAgainAfter = 1 * kSecond;
constexpr Micros kProgressEvery = kReflipAfter;  // so that a still reports at each of its flips
// A decoder that cannot keep up still gets a frame on the glass this often, instead of having all
// of them dropped.
constexpr Micros kStarving = 200 * kMillisecond;
// What ends within this anyway is not cut for what is urgent.
constexpr Micros kEndsSoon = 300 * kMillisecond;
// What is urgent and cannot be opened is tried again, less and less often, while an item is on the
// glass.
constexpr Micros kMostUrgentWait = 60 * kSecond;
// So many items in a row that do not open are as good as nothing to show: what comes next is asked
// at leisure.
constexpr std::size_t kMostFailures = 3;

}  // namespace

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

  void run() {
    while (!stop_) {
      if (output_lost_) recover();
      if (!next_ && current_ && !failed_.empty()) {
        end_current(
            std::max(clock_.boottime(), current_->end));  // so that the failures are heard of first
      }
      if (!next_) ask(std::max(seam_.value_or(0), clock_.boottime()));
      if (!next_ && dark_) {
        stay_dark();
      } else if (!next_) {
        show_status();
      } else if (await_primed() && take_glass()) {
        play();
      }
      std::erase_if(retired_, [](const auto& reader) { return reader->finished(); });
    }
    finish();
  }

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

  void ask(Micros seam) {
    const Micros now = clock_.boottime();
    if (now < ask_not_before_) return;
    dark_ = programme_.dark(seam);
    auto planned = dark_ ? std::nullopt : programme_.next(seam);
    if (!planned) {
      ask_not_before_ = now + kAskAgainAfter;
      return;
    }
    next_.emplace();
    next_->asked_at = now;
    next_->figures.planned_start = seam;
    next_->figures.planned_length = planned->whole > 0 ? planned->whole : planned->length;
    next_->figures.display_bits = output_.display_bits();
    if (options_.audio) next_->sound.track = options_.audio->track(planned->muted);
    const int threads = planned->threads > 0 ? planned->threads : options_.decoder_threads;
    next_->reader = std::make_unique<ItemReader>(
        ItemReader::Setup{&clock_, &glass_.pool(), options_.open, planned->file, threads,
                          planned->blocks, next_->sound.track, planned->scene});
    next_->planned = std::move(*planned);
  }

  // When the current item's successor is to be asked for.
  Micros ask_at() const {
    const Micros lead = std::clamp(2 * slowest_prime_, options_.least_lead, options_.most_lead);
    return std::max(ask_not_before_, current_->end - lead);
  }

  // Called all the time while an item is on the glass.
  void tend() {
    if (next_ && next_->reader->state() == ItemReader::State::failed) {
      fail_next(why_unreadable(*next_), CutCause::decode_error);
    }
    // Decoding is a few pictures ahead of the glass: time to open what comes instead.
    if (const auto good = current_->reader->breaks_off()) {
      current_->end = std::min(current_->end, current_->figures.first_flip + *good);
    }
    const Micros now = clock_.boottime();
    if (current_->end - now > kEndsSoon) make_way(now);
    if (!next_ && failed_.size() - dropped_ < kMostFailures && now >= ask_at()) {
      ask(std::max(current_->end, now));
    }
    if (current_->end > now) announce_sound(current_->end);
  }

  // Ahead of the seam: what the audio device gets now will be heard after it.
  void announce_sound(Micros seam) {
    if (!next_ || next_->reader->state() != ItemReader::State::primed) return;
    const Micros anchor = cadence_.vblank_for(seam);
    if (next_->sound.anchor == anchor) return;
    next_->sound.anchor = anchor;
    play_sound(*next_);
  }

  void play_sound(const Item& item) const {
    if (options_.audio && item.sound.track) options_.audio->play(item.sound);
  }

  // What is urgent is brought to its first frame; then the current item gives way.
  void make_way(Micros now) {
    if (!rushing_ && now >= urgent_not_before_) {
      const auto urgency = programme_.urgency();
      if (urgency == Programme::Urgency::anew) {
        if (next_) drop_next();
        ask(now);
      }
      rushing_ = urgency != Programme::Urgency::none && next_.has_value();
    }
    gives_way_ = rushing_ && next_ && next_->reader->state() == ItemReader::State::primed;
  }

  // Decided, and no longer what comes next.
  void drop_next() {
    next_->figures.cut_cause = CutCause::takeover;
    retire(*next_);
    failed_.push_back(std::move(*next_));
    next_.reset();
    ++dropped_;
  }

  static std::string why_unreadable(Item& item) {
    Error error = item.reader->error();
    item.figures.altered = error.code == ErrorCode::corrupt;
    return std::move(error.message);
  }

  void fail_next(std::string why, CutCause cause = CutCause::none) {
    log_warn("cannot show {}: {}; going on to the next item", next_->planned.label, why);
    next_->figures.error = std::move(why);
    next_->figures.cut_cause = cause;
    retire(*next_);
    failed_.push_back(std::move(*next_));
    next_.reset();
    if (rushing_) {  // it would be asked for again at once
      urgent_not_before_ = clock_.boottime() + urgent_wait_;
      urgent_wait_ = std::min(2 * urgent_wait_, kMostUrgentWait);
    }
    rushing_ = gives_way_ = false;
    if (++failures_in_a_row_ >= kMostFailures && !current_) {
      ask_not_before_ = clock_.boottime() + kAskAgainAfter;
    }
  }

  // Holds the glass until next_ has its first frame. False: it was given up, or stop.
  bool await_primed() {
    const Micros deadline = std::max(seam_.value_or(0), next_->asked_at) + options_.late_limit;
    while (!halted()) {
      const Micros reflip = glass_.lit() ? reflip_at() : deadline;
      const auto state = next_->reader->wait_primed(std::min(deadline, reflip), stop_);
      if (state == ItemReader::State::primed) {
        slowest_prime_ = std::max(slowest_prime_, next_->reader->prime_time());
        if (!next_->reader->info().still || next_->planned.length > 0) return true;
        give_up("a still states no length", CutCause::decode_error);
      } else if (state == ItemReader::State::failed) {
        give_up(why_unreadable(*next_), CutCause::decode_error);
      } else if (clock_.boottime() >= deadline) {
        give_up("not ready " + std::to_string(options_.late_limit / kMillisecond) +
                " ms after its time");
      } else if (clock_.boottime() >= reflip) {
        flip_again();
        continue;
      } else {
        continue;
      }
      return false;
    }
    return false;
  }

  // The seam is here and what was to follow does not come: the item on the glass has had its play.
  // It is ended now, so that the programme hears of the failure before it is asked again.
  void give_up(std::string why, CutCause cause = CutCause::none) {
    const bool was_showing = current_.has_value();
    fail_next(std::move(why), cause);
    end_current(was_showing ? std::max(clock_.boottime(), current_->end) : clock_.boottime());
  }

  // --- on the glass ---

  // Flips the first frame of next_, which makes it the current item.
  bool take_glass() {
    Frame first;
    if (next_->reader->take(first, 0, stop_) != ItemReader::Next::frame) {
      give_up("lost its first frame");
      return false;
    }
    programme_.starting(next_->planned);
    const Micros target = seam_ ? cadence_.target_for(*seam_) : clock_.boottime();
    const FrameTime first_time = first.time;
    auto flip = glass_.show(std::move(first), target, next_->planned.scene);
    if (!flip) {
      lost(flip.error(), true);
      fail_next(flip.error().message, CutCause::output_lost);
      return false;
    }
    found();
    Item item = std::move(*next_);
    next_.reset();
    rushing_ = gives_way_ = false;
    urgent_not_before_ = 0;
    urgent_wait_ = kAskAgainAfter;
    PlayFigures& figures = item.figures;
    if (seam_) {
      const Micros ideal = cadence_.vblank_for(*seam_);
      if (cadence_.later_than(flip->at, ideal)) figures.gap_before = flip->at - ideal;
    }
    end_current(flip->at);
    ask_not_before_ = 0;
    failures_in_a_row_ = 0;

    const MediaInfo info = item.reader->info();
    figures.shown = true;
    figures.first_flip = figures.last_flip = flip->at;
    figures.frames_due = figures.frames_shown = 1;
    figures.decoder = info.decoder;
    figures.grade =
        (figures.display_bits & kDisplayVblankReal) != 0 ? Grade::scanned_out : Grade::presented;
    if (glass_.belied()) figures.grade = Grade::scheduled;
    if (figures.planned_length <= 0) figures.planned_length = info.duration;
    item.first = first_time;
    const Micros length = item.planned.length > 0 ? item.planned.length : figures.planned_length;
    item.end = flip->at + length;
    if (item.planned.not_after != kAbsent) {
      item.end =
          std::max(flip->at + output_.vblank_period(), std::min(item.end, item.planned.not_after));
    }
    item.progress_at = flip->at + kProgressEvery;
    item.sound.anchor = flip->at;
    if (length > 0) item.sound.until = item.end;
    item.sound.video_until = flip->at + item.first.duration;
    play_sound(item);
    current_ = std::move(item);
    programme_.shown(current_->planned, current_->figures);
    return true;
  }

  // Shows the current item until its successor is due at seam_; stop and a lost output end it
  // sooner.
  void play() {
    Item& item = *current_;
    const MediaInfo info = item.reader->info();
    const Micros anchor = item.figures.first_flip;
    const bool planned = item.planned.length > 0;
    Micros step = item.first.duration;
    Micros file_end = info.still ? item.end : anchor + step;  // as far as it was decoded
    for (;;) {
      Frame frame;
      const auto next = await_frame(frame);
      if (halted()) return;
      if (gives_way_) break;
      if (next == ItemReader::Next::error) {
        cut(CutCause::decode_error, why_unreadable(item), file_end);
        break;
      }
      if (next == ItemReader::Next::end) {
        if (info.still) break;
        const Micros stated =
            planned ? std::min(info.duration, item.planned.length) : info.duration;
        if (file_end - anchor + kEndsEarly < stated) {
          cut(CutCause::decode_error,
              "the file ends " + std::to_string((stated - (file_end - anchor)) / kMillisecond) +
                  " ms before the length it states",
              file_end);
        } else if (!planned) {
          item.end = file_end;
        }
        break;
      }
      if (next == ItemReader::Next::waiting) {
        if (!planned) {
          cut(CutCause::decode_error,
              "no frame for " + std::to_string(options_.late_limit / kMillisecond) + " ms",
              clock_.boottime());
        }
        count_never_decoded(file_end, std::min(item.end, anchor + info.duration), step);
        break;
      }
      const Micros due = anchor + frame.time.pts;
      if (planned && due >= cadence_.target_for(item.end)) break;
      step = frame.time.duration;
      file_end = due + step;
      const Micros until = planned ? std::min(file_end, item.end) : file_end;
      show(std::move(frame), due, until);
      if (halted()) return;
    }
    if (item.figures.planned_length <= 0) item.figures.planned_length = item.end - anchor;
    if (item.figures.cut_cause == CutCause::none) item.figures.cut_cause = item.planned.cut_cause;
    if (item.release == kAbsent) item.release = cadence_.vblank_for(std::min(file_end, item.end));
    flip_before_end(step);
    hold_until(item.end - output_.vblank_period());
    if (gives_way_ && !halted()) {
      // At the first vblank that is free.
      const Micros free =
          std::max(clock_.boottime(), glass_.last_flip() + output_.vblank_period() / 2);
      log_info("{} gives way to {}", item.planned.label, next_->planned.label);
      item.figures.cut_cause = CutCause::takeover;
      item.end = output_.vblank_at_or_after(free);
    }
    seam_ = item.end;
    item.sound.until = item.sound.video_until = item.end;
    play_sound(item);
    announce_sound(std::max(item.end, clock_.boottime()));
  }

  // What stood longer than a frame does is flipped once more right before its end: a row knows an
  // item's last flip, and people are counted until then.
  void flip_before_end(Micros step) {
    const Micros last = current_->end - 2 * output_.vblank_period();
    if (glass_.last_flip() + step >= last) return;
    hold_until(last);
    if (!halted() && !gives_way_ && clock_.boottime() < last + output_.vblank_period())
      flip_again();
  }

  // The turn of a source frame that belongs to [due, until): onto the glass, dropped, or due at no
  // vblank at all.
  void show(Frame frame, Micros due, Micros until) {
    Item& item = *current_;
    const bool due_at_all = cadence_.holds_vblank(due, until);
    if (due_at_all) {
      if (item.release == kAbsent) item.release = cadence_.vblank_for(due);
      hold_until(due - output_.vblank_period());
    }
    if (!due_at_all || halted() || gives_way_) return;
    ++item.figures.frames_due;
    const Micros soonest = std::max(clock_.boottime(), glass_.last_flip() + 1);
    const Micros vblank = output_.vblank_at_or_after(std::max(soonest, cadence_.target_for(due)));
    if (vblank >= cadence_.target_for(until) && vblank - glass_.last_flip() < kStarving) {
      ++item.figures.frames_dropped;
      return;
    }
    auto flip = glass_.show(std::move(frame), vblank, item.planned.scene);
    if (!flip) {
      ++item.figures.frames_dropped;
      lost(flip.error());
      return;
    }
    ++item.figures.frames_shown;
    if (cadence_.later_than(flip->at, item.release)) ++item.figures.frames_repeated;
    item.release = kAbsent;
    item.sound.video_until = until;
    play_sound(item);
    flipped(*flip);
  }

  // The next decoded frame; meanwhile the glass keeps what it shows. `waiting`: it came neither
  // before the planned end nor, without one, for late_limit.
  ItemReader::Next await_frame(Frame& frame) {
    const Micros limit = current_->planned.length > 0 ? current_->end - output_.vblank_period()
                                                      : clock_.boottime() + options_.late_limit;
    for (;;) {
      tend();
      const Micros reflip = reflip_at();
      const Micros look = clock_.boottime() + kLookEvery;
      const auto next = current_->reader->take(frame, std::min({limit, reflip, look}), stop_);
      if (next != ItemReader::Next::waiting || clock_.boottime() >= limit || gives_way_)
        return next;
      if (clock_.boottime() >= reflip) flip_again();
      if (halted()) return next;
    }
  }

  // When the glass is to be flipped again if nothing new comes. Where something moves that is every
  // vblank, as late before it as leaves time to draw.
  Micros reflip_at() const {
    if (glass_.moves()) return glass_.last_flip() + output_.vblank_period() * 3 / 4;
    return glass_.last_flip() + kReflipAfter;
  }

  // A decoder that lags behind the end of its item owes the frames it never delivered.
  void count_never_decoded(Micros from, Micros until, Micros step) {
    for (; step > 0 && from + step <= until; from += step) {
      if (!cadence_.holds_vblank(from, from + step)) continue;
      ++current_->figures.frames_due;
      ++current_->figures.frames_dropped;
    }
  }

  // Keeps the glass as it is until `moment`: flips again, asks for what is next, reports progress.
  void hold_until(Micros moment) {
    while (!halted()) {
      tend();
      const Micros now = clock_.boottime();
      if (gives_way_) return;
      if (glass_.moves() && vblank_free_before(moment + output_.vblank_period(), now)) {
        flip_again();
        continue;
      }
      if (now >= moment) return;
      const Micros reflip = glass_.last_flip() + kReflipAfter;
      // Not when it would take the very vblank that is being waited for.
      if (now >= reflip && output_.vblank_at_or_after(now) < moment) {
        flip_again();
        continue;
      }
      Micros wake = std::min(moment, now + kLookEvery);
      if (now < reflip) wake = std::min(wake, reflip);
      if (!next_ && ask_at() > now) wake = std::min(wake, ask_at());
      clock_.sleep_until(wake);
    }
  }

  // The next vblank comes before the one that belongs to `due`.
  bool vblank_free_before(Micros due, Micros now) const {
    const Micros next = output_.vblank_at_or_after(std::max(now, glass_.last_flip() + 1));
    return next < cadence_.vblank_for(due) - output_.vblank_period() / 2;
  }

  void flip_again() {
    auto flip = glass_.again(clock_.boottime());
    if (!flip) return lost(flip.error());
    if (current_) flipped(*flip);
  }

  // After every flip of the current item but its first.
  void flipped(const Flip& flip) {
    current_->figures.last_flip = flip.at;
    hand_snapshot(current_->planned.ticket, current_->planned.label);
    if (flip.at < current_->progress_at) return;
    current_->progress_at = flip.at + kProgressEvery;
    programme_.progress(current_->planned, current_->figures);
  }

  void hand_snapshot(std::uint64_t ticket, const std::string& label) {
    if (options_.snapshots == nullptr || !options_.snapshots->wanted()) return;
    options_.snapshots->hand({glass_.on_glass(), glass_.last_flip(), ticket, label});
  }

  // --- ends ---

  void cut(CutCause cause, std::string why, Micros end) {
    log_warn("{} is cut short: {}; going on to the next item", current_->planned.label, why);
    current_->figures.cut_cause = cause;
    current_->figures.error = std::move(why);
    current_->end = end;
  }

  void end_current(Micros at) {
    if (current_) {
      Item item = std::move(*current_);
      current_.reset();
      retire(item);
      item.figures.ended = at;
      if (item.release != kAbsent && cadence_.later_than(at, item.release)) {
        ++item.figures.frames_repeated;
      }
      programme_.ended(item.planned, item.figures);
    }
    for (const Item& item : failed_) programme_.ended(item.planned, item.figures);
    failed_.clear();
    dropped_ = 0;
  }

  // Decoding winds down on its own thread, which is joined once it is through.
  void retire(Item& item) {
    if (options_.audio) options_.audio->drop(item.sound.track);
    item.reader->cancel();
    retired_.push_back(std::move(item.reader));
  }

  void show_status() {
    const Micros target = seam_ ? cadence_.target_for(*seam_) : clock_.boottime();
    auto flip = glass_.show_status(options_.status ? options_.status() : nullptr, target);
    if (!flip) return lost(flip.error());
    found();
    hand_snapshot(0, {});
    end_current(flip->at);
    seam_.reset();
    const Micros moment = std::min(ask_not_before_, glass_.last_flip() + kReflipAfter);
    while (!stop_ && clock_.boottime() < moment) {
      if (failures_in_a_row_ < kMostFailures && programme_.urgency() != Programme::Urgency::none) {
        ask_not_before_ = 0;
        return;
      }
      clock_.sleep_until(std::min(moment, clock_.boottime() + kLookEvery));
    }
  }

  // The panel is off by plan: nothing is shown, and that is as it should be.
  void stay_dark() {
    if (seam_) pause_until(*seam_);
    const Status off = output_.power(false);
    end_current(clock_.boottime());
    seam_.reset();
    log_info("the panel is off by plan");
    if (!off) log_warn("the panel stays lit, with a black picture: {}", off.error().message);
    while (!halted() && (dark_ = programme_.dark(clock_.boottime()))) {
      if (off) {
        notify_watchdog();  // a hold that the plan wants
      } else if (const auto flip = glass_.show_black(clock_.boottime()); !flip) {
        lost(flip.error());
      }
      pause_until(clock_.boottime() + kLookWhileDark);
    }
    if (auto on = output_.power(true); !on) lost(on.error());
    ask_not_before_ = 0;
    if (!dark_) log_info("the panel is on again");
  }

  void lost(const Error& error, bool at_seam = false) {
    if (error.message != output_error_)
      log_error("the output failed: {}; trying again each second", error.message);
    output_error_ = error.message;
    output_lost_ = true;
    if (current_ && glass_.belied()) current_->figures.grade = Grade::scheduled;
    if (!current_ || at_seam)
      return;  // at its seam an item had its whole play: its successor is lost
    current_->figures.cut_cause = CutCause::output_lost;
    current_->figures.error = error.message;
  }

  // After a flip that succeeded.
  void found() {
    if (!output_error_.empty()) log_info("the output shows again");
    output_error_.clear();
  }

  void recover() {
    end_current(clock_.boottime());
    seam_.reset();
    pause_until(clock_.boottime() + kAskAgainAfter);
    output_lost_ = false;
  }

  void pause_until(Micros moment) {
    while (!stop_ && clock_.boottime() < moment) {
      clock_.sleep_until(std::min(moment, clock_.boottime() + kLookEvery));
    }
  }

  void finish() {
    if (current_ && current_->figures.cut_cause == CutCause::none) {
      current_->figures.cut_cause = CutCause::stopped;
      current_->figures.error = "the player was stopped";
    }
    end_current(clock_.boottime());
    if (next_) {
      next_->figures.cut_cause = CutCause::stopped;
      next_->figures.error = "the player was stopped before its first frame";
      retire(*next_);
      programme_.ended(next_->planned, next_->figures);
      next_.reset();
    }
    retired_.clear();
  }

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

Presenter::Presenter(const Clock& clock, Output& output, Programme& programme,
                     const PresenterOptions& options)
    : loop_(std::make_unique<Loop>(clock, output, programme, options, stop_)) {}

Presenter::~Presenter() = default;

void Presenter::run() {
  loop_->run();
}

}  // namespace vitrine
