#include "scheduler/scheduler.hpp"

#include <algorithm>

#include "chooser.hpp"
#include "standing.hpp"
#include "sync_cycle.hpp"
#include "why_not.hpp"

namespace vitrine {
namespace {

// A play this little from its whole length counts as whole, so its length gives way to the cycle.
constexpr std::int64_t kWithinLengthMs = 500;

Moment moment_of(const SeamTime& seam, const ZoneTable& zone) {
  Moment moment;
  moment.known = seam.trust != ClockTrust::none;
  if (!moment.known) return moment;
  moment.utc_ms = seam.utc_ms;
  moment.local = local_time(zone, floor_div(seam.utc_ms, 1'000));
  return moment;
}

void fill_in(Decision& decision, const Creative& creative, const Variant& variant) {
  decision.playable = true;
  decision.creative = creative.id;
  decision.variant = variant.id;
  decision.content = variant.content;
  decision.length_ms = creative.length_ms;
}

void fill_in(Decision& decision, const CompiledCampaign& campaign, const Flight& flight) {
  decision.kind = campaign.paid() ? PlayKind::play : PlayKind::house;
  decision.campaign = campaign.campaign->id;
  decision.flight_phase = flight.phase;
  if (campaign.numbers != nullptr) decision.arm = campaign.numbers->arm;
}

// Ends the play where its time on the glass does, if that is before its own end.
void cut_after(Decision& decision, std::int64_t ms, CutCause cause) {
  if (decision.most_ms != 0 && decision.most_ms <= ms) return;
  decision.most_ms = static_cast<std::uint32_t>(ms);
  decision.most_cause = cause;
}

void fill_in(Decision& decision, const Choice& choice, const Slot& slot) {
  fill_in(decision, *choice.offer->creative, *choice.offer->variant);
  decision.reason = choice.reason;
  decision.kind = PlayKind::house;
  if (choice.campaign == nullptr) return;
  fill_in(decision, slot.campaign(*choice.campaign), *choice.campaign->flight->flight);
  if (choice.campaign->closes_utc_ms != kAbsent) {
    cut_after(decision, choice.campaign->closes_utc_ms - slot.moment.utc_ms, CutCause::daypart_end);
  }
}

// `control`: campaigns that may not be shown here take part, as ghosts.
bool choose(const Slot& slot, Leeway leeway, bool control, Decision& decision) {
  Chooser chooser(slot, leeway);
  std::optional<Choice> choice = chooser.best({.control = !control});
  if (choice && choice->campaign != nullptr && choice->campaign->control) {
    // The slot this campaign would have had: counted as its ghost, shown to nobody, given to
    // somebody unrelated.
    const Choice ghost = *choice;
    choice = chooser.best({.control = true, .kin_of = ghost.campaign});
    if (!choice) return false;
    choice->reason = Reason::experiment_fill;
    decision.ghosts.push_back({ghost.campaign->id, ghost.offer->creative->id});
  }
  if (!choice) return false;
  fill_in(decision, *choice, slot);
  if (const auto next = chooser.after(*choice)) decision.runner_up = next->offer->creative->id;
  return true;
}

}  // namespace

class Scheduler::Room {
 public:
  explicit Room(ZoneTable zone) : zone_(std::move(zone)) {}

  void use(const Documents& documents) {
    documents_ = documents;
    forget();
  }
  void use(ContentState content) {
    content_ = std::move(content);
    forget();
  }
  void remember(const History& history) {
    book_ = PlayBook(history);
    state_.reset();
  }
  void count(const HistoryPlay& play) {
    book_.add(play);
    if (state_ && !state_->count(play)) state_.reset();
  }

  bool taken_over(const SeamTime& at) {
    Reason why_not = Reason::none;
    return takeover_offer(moment_of(at, zone_), why_not).has_value();
  }

  Decision decide(const Question& question) {
    Decision decision;
    decision.decision_seq = question.decision_seq;
    const Moment moment = moment_of(question.seam, zone_);
    Reason no_takeover = Reason::none;
    if (const auto offer = takeover_offer(moment, no_takeover)) {
      fill_in(decision, *offer->creative, *offer->variant);
      decision.kind = PlayKind::takeover;
      decision.reason = Reason::takeover;
      if (const std::int64_t until = documents_.takeover->until_utc; until != 0 && moment.known) {
        const std::int64_t rest_ms = until * 1'000 - moment.utc_ms;
        if (rest_ms <= UINT32_MAX) cut_after(decision, rest_ms, CutCause::takeover);
      }
      return decision;
    }
    with_slot(question, moment, [&](const Slot& slot) {
      const auto cycle = sync_turn(moment);
      if (cycle && follow(*cycle, slot, decision)) return;
      // The same once more wastes nothing; a play before its turn does.
      // Last, a ghost that bars all that is at hand has to wait.
      constexpr Leeway kRepeat{.repeat = true};
      constexpr Leeway kAhead{.repeat = true, .ahead = true};
      choose(slot, {}, true, decision) || choose(slot, kRepeat, true, decision) ||
          choose(slot, kAhead, true, decision) || choose(slot, kAhead, false, decision);
      // In step with the others again as soon as it can.
      if (cycle && decision.playable) cut_after(decision, cycle->rest_ms, CutCause::sync_cycle);
    });
    return decision;
  }

  std::vector<Rejection> why_not(const Question& question, const Decision& decision) {
    const Moment moment = moment_of(question.seam, zone_);
    std::vector<Rejection> rejections;
    Reason no_takeover = Reason::none;
    (void)takeover_offer(moment, no_takeover);
    if (no_takeover != Reason::none) {
      rejections.push_back({0, documents_.takeover->creative, no_takeover});
    }
    with_slot(question, moment,
              [&](const Slot& slot) { add_rejections(slot, decision, rejections); });
    return rejections;
  }

  Standings standings(const Question& question) {
    Standings standings;
    with_slot(question, moment_of(question.seam, zone_),
              [&](const Slot& slot) { standings = standings_of(slot); });
    return standings;
  }

 private:
  void forget() {
    state_.reset();
    segment_.reset();
    day_turns_.reset();
    compiled_.reset();
  }
  const CompiledSchedule& compiled() {
    if (!compiled_) compiled_.emplace(documents_, content_);
    return *compiled_;
  }
  const Segment& segment(const Moment& moment) {
    if (!segment_ || !segment_->holds(moment)) segment_.emplace(compiled(), zone_, moment);
    return *segment_;
  }
  std::shared_ptr<DayTurns> day_turns(const Moment& moment) {
    if (!moment.known) return nullptr;
    if (!day_turns_ || day_of_turns_ != moment.local.day) {
      day_turns_ = std::make_shared<DayTurns>(compiled(), zone_, moment.local.day);
      day_of_turns_ = moment.local.day;
    }
    return day_turns_;
  }
  HourState& state(const Moment& moment) {
    if (!state_ || !state_->is_of(moment)) {
      state_.emplace(compiled(), day_turns(moment), book_, moment);
    }
    return *state_;
  }

  template <class F>
  void with_slot(const Question& question, const Moment& moment, F&& f) {
    HourState& counted = state(moment);
    if (question.pending.empty()) return ask(question, moment, counted, f);
    // What is on its way to the glass counts as if it had been there, in a copy: it may never come.
    const bool this_hour =
        std::all_of(question.pending.begin(), question.pending.end(), [&](const HistoryPlay& play) {
          return play.local_day == moment.day() &&
                 (!moment.known || play.local_hour == moment.hour());
        });
    if (this_hour) {
      HourState expected = counted;
      for (const HistoryPlay& play : question.pending) expected.count_pending(play);
      return ask(question, moment, expected, f);
    }
    PlayBook book = book_;
    for (const HistoryPlay& play : question.pending) book.add(play);
    HourState expected(compiled(), day_turns(moment), book, moment);
    ask(question, moment, expected, f);
  }

  template <class F>
  void ask(const Question& question, const Moment& moment, HourState& state, F&& f) {
    beside_competitor_.assign(compiled().campaigns().size(), false);
    Slot slot{compiled(),       segment(moment),    state, moment, question.seam.boottime,
              question.live_q4, beside_competitor_, false, false};
    const auto& previous = state.previous();
    const int place = previous ? compiled().place_of(previous->campaign) : -1;
    if (place >= 0) {
      const auto at = static_cast<std::size_t>(place);
      compiled().for_each_competitor(
          at, [&](std::size_t other) { beside_competitor_[other] = other != at; });
      const CompiledCampaign& campaign = compiled().campaigns()[at];
      slot.after_paid = campaign.paid();
      slot.after_last = campaign.campaign->rules.position == SlotPosition::last;
    }
    f(slot);
  }

  static bool holds(const Takeover& takeover, const Moment& moment) {
    const std::int64_t now = floor_div(moment.utc_ms, 1'000);
    return takeover.from_utc <= now && (takeover.until_utc == 0 || now < takeover.until_utc);
  }
  // What a takeover shows now; nullopt: none holds, or `why_not` says why it cannot be shown.
  // Without a clock only one holds that needs none.
  std::optional<Offer> takeover_offer(const Moment& moment, Reason& why_not) {
    why_not = Reason::none;
    const Takeover* takeover = documents_.takeover;
    if (takeover == nullptr || takeover->withdraw) return std::nullopt;
    if (moment.known) {
      if (!holds(*takeover, moment)) return std::nullopt;
    } else if (takeover->from_utc != 0 || takeover->until_utc != 0) {
      why_not = Reason::clock_untrusted;
      return std::nullopt;
    }
    why_not = Reason::content_absent;
    for (const Creative& creative : takeover->creatives) {
      if (creative.id != takeover->creative) continue;
      const CompiledCreative made = compiled().compile(creative);
      const auto* variant = made.variant_for(largest_group(documents_.profile, moment), why_not);
      if (variant == nullptr) return std::nullopt;
      return Offer{&creative, variant->variant, variant->length_ms};
    }
    return std::nullopt;
  }

  std::optional<SyncStep> sync_turn(const Moment& moment) {
    const auto& sync = documents_.schedule->sync;
    if (!sync || sync->cycle.empty() || !moment.known) return std::nullopt;
    return sync_step(compiled(), *sync, moment.utc_ms);
  }
  // False: this screen has nothing to show for the turn.
  bool follow(const SyncStep& turn, const Slot& slot, Decision& decision) {
    if (turn.creative == nullptr) return false;
    Reason why_not = Reason::none;
    const auto* variant =
        turn.creative->variant_for(largest_group(documents_.profile, slot.moment), why_not);
    if (variant == nullptr) return false;
    const Creative& creative = *turn.creative->creative;
    fill_in(decision, creative, *variant->variant);
    decision.kind = PlayKind::house;
    decision.reason = Reason::sync_cycle;
    if (const OpenCampaign* open = slot.segment.campaign_of(creative.id, slot.moment)) {
      fill_in(decision, slot.campaign(*open), *open->flight->flight);
    }
    if (turn.rest_ms + kWithinLengthMs >= variant->length_ms) {
      decision.length_ms = static_cast<std::uint32_t>(turn.rest_ms);
    }
    cut_after(decision, turn.rest_ms, CutCause::sync_cycle);
    return true;
  }

  ZoneTable zone_;
  Documents documents_;
  ContentState content_;
  PlayBook book_;
  // Made when needed, thrown away when what they were made of changes.
  std::optional<CompiledSchedule> compiled_;
  std::optional<Segment> segment_;
  std::shared_ptr<DayTurns> day_turns_;
  std::int64_t day_of_turns_ = 0;
  std::optional<HourState> state_;
  std::vector<bool> beside_competitor_;
};

Scheduler::Scheduler(ZoneTable zone) : room_(std::make_unique<Room>(std::move(zone))) {}
Scheduler::~Scheduler() = default;
Scheduler::Scheduler(Scheduler&&) noexcept = default;
Scheduler& Scheduler::operator=(Scheduler&&) noexcept = default;

void Scheduler::use(const Documents& documents) {
  room_->use(documents);
}
void Scheduler::use(ContentState content) {
  room_->use(std::move(content));
}
void Scheduler::remember(const History& history) {
  room_->remember(history);
}
void Scheduler::count(const HistoryPlay& play) {
  room_->count(play);
}
bool Scheduler::taken_over(const SeamTime& at) {
  return room_->taken_over(at);
}
Decision Scheduler::decide(const Question& question) {
  return room_->decide(question);
}
std::vector<Rejection> Scheduler::why_not(const Question& question, const Decision& decision) {
  return room_->why_not(question, decision);
}
Standings Scheduler::standings(const Question& question) {
  return room_->standings(question);
}

Explained decide(const DecisionInput& input) {
  Scheduler scheduler(input.zone);
  scheduler.use(input.documents);
  scheduler.use(input.content);
  scheduler.remember(input.history);
  Explained explained;
  explained.decision = scheduler.decide(input.question);
  explained.rejections = scheduler.why_not(input.question, explained.decision);
  return explained;
}

}  // namespace vitrine
