#include "scheduler/replay.hpp"

#include <algorithm>
#include <map>

namespace vitrine {
namespace {

// When a play of unknown time started: long ago, yet so that differences fit.
constexpr Micros kLongAgo = -1'000'000 * kDay;

// The clocks of a log, by decision.
class ClockTrack {
 public:
  explicit ClockTrack(const std::vector<InputRow>& inputs) {
    KnownClock clock;
    for (const InputRow& row : inputs) {
      if (row.kind == InputKind::restated) clock = {};
      if (row.kind == InputKind::clock_trust) set_column(clock.trust, row.value);
      if (row.kind == InputKind::clock_offset) clock.utc_minus_boottime = row.value;
      if (!changes_.empty() && changes_.back().first == row.decision_seq) {
        changes_.back().second = clock;
      } else if (changes_.empty() || !(changes_.back().second == clock)) {
        changes_.emplace_back(row.decision_seq, clock);
      }
    }
  }
  KnownClock at(std::uint64_t decision_seq) const {
    const auto later =
        std::upper_bound(changes_.begin(), changes_.end(), decision_seq,
                         [](std::uint64_t seq, const auto& change) { return seq < change.first; });
    return later == changes_.begin() ? KnownClock{} : std::prev(later)->second;
  }

 private:
  std::vector<std::pair<std::uint64_t, KnownClock>> changes_;
};

// The first flip of every decision that came to one; a ghost's is that of the play in its slot.
std::map<std::uint64_t, Micros> first_flips(const std::vector<PlayRow>& plays) {
  std::map<std::uint64_t, Micros> flips;
  for (const PlayRow& row : plays) {
    if (row.first_flip_us != kAbsent) flips[row.decision_seq] = row.first_flip_us;
  }
  return flips;
}

bool counts(const PlayRow& row) {
  return row.kind != PlayKind::miss;
}

std::string text_of(CampaignId campaign, CreativeId creative, Reason reason) {
  return "campaign " + std::to_string(campaign) + ", creative " + std::to_string(creative) + " (" +
         std::string(name_of(reason)) + ")";
}

// What a decision and its rows disagree on, in words.
std::string difference(const Decision& decision, const PlayRow& row,
                       const std::vector<const PlayRow*>& ghosts) {
  if (!decision.playable)
    return "nothing may be shown, but the log has " +
           text_of(row.campaign, row.creative, row.reason);
  std::string text;
  const auto compare = [&](const char* what, auto now, auto then) {
    if (now == then) return;
    if (!text.empty()) text += "; ";
    text += std::string(what) + " " + std::to_string(now) + ", in the log " + std::to_string(then);
  };
  if (decision.campaign != row.campaign || decision.creative != row.creative ||
      decision.reason != row.reason) {
    return text_of(decision.campaign, decision.creative, decision.reason) + ", but the log has " +
           text_of(row.campaign, row.creative, row.reason);
  }
  compare("variant", decision.variant, row.variant);
  compare("runner-up", decision.runner_up, row.runner_up);
  compare("arm", static_cast<int>(decision.arm), static_cast<int>(row.arm));
  compare("phase", static_cast<int>(decision.flight_phase), static_cast<int>(row.flight_phase));
  if (row.kind != PlayKind::miss) {
    compare("kind", static_cast<int>(decision.kind), static_cast<int>(row.kind));
    // A miss has no ghosts: they come with the first flip.
    compare("ghosts", decision.ghosts.size(), ghosts.size());
  }
  if (decision.content != row.content)
    text += (text.empty() ? "" : "; ") + std::string("another file");
  for (std::size_t i = 0; i < std::min(ghosts.size(), decision.ghosts.size()); ++i) {
    compare("ghost of campaign", decision.ghosts[i].campaign, ghosts[i]->campaign);
    compare("ghost of creative", decision.ghosts[i].creative, ghosts[i]->creative);
  }
  return text;
}

}  // namespace

HistoryPlay history_play(CampaignId campaign, CreativeId creative, Micros started,
                         const KnownClock& clock, const ZoneTable& zone) {
  HistoryPlay play;
  play.campaign = campaign;
  play.creative = creative;
  play.started = started;
  if (clock.trust != ClockTrust::none) {
    const LocalTime local = local_time(zone, floor_div(clock.utc_ms(started), 1'000));
    play.local_day = local.day;
    play.local_hour = local.second / 3'600;
  }
  return play;
}

History history_of(const ScreenLog& log, BootId boot, const KnownClock& clock,
                   const ZoneTable& zone) {
  const ClockTrack clocks(log.inputs);
  const auto flips = first_flips(log.plays);
  History history;
  history.tally = log.tally;
  for (const PlayRow& row : log.plays) {
    if (!counts(row)) continue;
    const KnownClock then = clocks.at(row.decision_seq);
    const auto flip = flips.find(row.decision_seq);
    const Micros started = flip != flips.end() ? flip->second : row.planned_start_us;
    HistoryPlay play = history_play(row.campaign, row.creative, started, then, zone);
    play.ghost = row.kind == PlayKind::ghost;
    if (!(row.boot == boot)) {
      const bool known = then.trust != ClockTrust::none && clock.trust != ClockTrust::none;
      play.started =
          known ? started + then.utc_minus_boottime - clock.utc_minus_boottime : kLongAgo;
    }
    history.recent.push_back(play);
  }
  return history;
}

class Replay::Room {
 public:
  Room(const ScreenLog& log, Archive archive, ZoneTable zone)
      : log_(log), archive_(std::move(archive)), zone_(std::move(zone)), scheduler_(zone_) {
    for (const PlayRow& row : log_.plays) {
      Made& made = made_[row.decision_seq];
      if (row.kind == PlayKind::ghost) {
        made.ghosts.push_back(&row);
      } else {
        made.row = &row;
      }
    }
    std::erase_if(made_, [](const auto& entry) { return entry.second.row == nullptr; });
  }

  bool next(Step& step) {
    if (done_ == made_.size()) return false;
    auto entry = done_ == 0 ? made_.begin() : std::next(last_);
    last_ = entry;
    ++done_;
    const std::uint64_t seq = entry->first;
    Made& made = entry->second;
    const PlayRow& row = *made.row;
    step = {};
    step.row = &row;
    const std::string missing = take_inputs(seq, row.boot);
    made.clock = clock_;
    step.question.decision_seq = seq;
    step.question.seam = clock_.seam(row.planned_start_us);
    step.question.live_q4 = row.live_q4;
    follow(seq, step.question);
    if (!missing.empty()) {
      step.difference = missing;
    } else {
      step.decision = scheduler_.decide(step.question);
      step.difference = difference(step.decision, row, made.ghosts);
    }
    open_.push_back(seq);
    return true;
  }

  std::vector<Rejection> why_not(const Step& step) {
    return scheduler_.why_not(step.question, step.decision);
  }

 private:
  struct Made {
    const PlayRow* row = nullptr;
    std::vector<const PlayRow*> ghosts;
    KnownClock clock;
  };

  // Everything on record up to this decision. What is missing to make it, in words.
  std::string take_inputs(std::uint64_t seq, const BootId& boot) {
    bool content = false;
    bool started = false;
    for (; at_input_ < log_.inputs.size() && log_.inputs[at_input_].decision_seq <= seq;
         ++at_input_) {
      const InputRow& row = log_.inputs[at_input_];
      switch (row.kind) {
        case InputKind::restated:
          started = started || row.value != 0 || !restated_;
          restated_ = true;
          content_ = {};
          content = true;
          clock_ = {};
          generation_ = takeover_ = 0;
          pending_ = 0;
          break;
        case InputKind::content_present:
          content_.eligible.insert(row.content);
          content_.length_ms.erase(row.content);
          if (row.value > 0)
            content_.length_ms[row.content] = static_cast<std::uint32_t>(row.value);
          content = true;
          break;
        case InputKind::content_absent:
          content_.eligible.erase(row.content);
          content = true;
          break;
        case InputKind::quarantined:
          content_.quarantined.insert(row.content);
          content = true;
          break;
        case InputKind::clock_trust:
          set_column(clock_.trust, row.value);
          break;
        case InputKind::clock_offset:
          clock_.utc_minus_boottime = row.value;
          break;
        case InputKind::generation:
          generation_ = static_cast<std::uint64_t>(row.value);
          break;
        case InputKind::takeover:
          takeover_ = static_cast<std::uint64_t>(row.value);
          break;
        case InputKind::pending:
          pending_ = row.value;
          break;
        case InputKind::display_hours:
        case InputKind::tzdata:
          break;
      }
    }
    if (!restated_) return "the log does not say what the inputs of this decision were";
    if (generation_ != used_generation_ || takeover_ != used_takeover_) {
      const auto documents = archive_(generation_, takeover_);
      if (!documents) {
        used_generation_ = used_takeover_ = kNone;
        return "the documents of generation " + std::to_string(generation_) +
               (takeover_ == 0 ? "" : " or takeover " + std::to_string(takeover_)) +
               " are not at hand";
      }
      scheduler_.use(*documents);
      used_generation_ = generation_;
      used_takeover_ = takeover_;
    }
    if (content) scheduler_.use(content_);
    if (started) start(seq, boot);
    return "";
  }

  // As a player does that reads its log: all before this decision is history.
  void start(std::uint64_t seq, const BootId& boot) {
    ScreenLog before;
    before.inputs = log_.inputs;
    before.tally = log_.tally;
    const auto flips = first_flips(log_.plays);
    const ClockTrack clocks(log_.inputs);
    std::map<std::tuple<CampaignId, CreativeId, std::int64_t>, std::int64_t> later;
    for (const PlayRow& row : log_.plays) {
      if (row.decision_seq < seq) {
        before.plays.push_back(row);
      } else if (counts(row)) {
        const auto flip = flips.find(row.decision_seq);
        const auto play = history_play(row.campaign, row.creative,
                                       flip != flips.end() ? flip->second : row.planned_start_us,
                                       clocks.at(row.decision_seq), zone_);
        ++later[{play.campaign, play.creative, play.local_day}];
      }
    }
    for (History::Tally& entry : before.tally) {
      const auto found = later.find({entry.campaign, entry.creative, entry.local_day});
      if (found != later.end()) entry.plays -= found->second;
    }
    scheduler_.remember(history_of(before, boot, clock_, zone_));
    open_.clear();
  }

  // The plays before this decision: shown by then, or on their way.
  void follow(std::uint64_t seq, Question& question) {
    std::vector<std::uint64_t> still_open;
    for (const std::uint64_t earlier : open_) {
      const Made& made = made_.at(earlier);
      const std::uint64_t back = seq - earlier;
      if (back <= 63 && (pending_ >> (back - 1) & 1) != 0) {
        question.pending.push_back(history_play(made.row->campaign, made.row->creative,
                                                made.row->planned_start_us, clock_, zone_));
        still_open.push_back(earlier);
        continue;
      }
      if (made.row->first_flip_us == kAbsent) continue;  // a miss
      for (const PlayRow* ghost : made.ghosts) count(*ghost, made, true);
      count(*made.row, made, false);
    }
    open_ = std::move(still_open);
  }
  void count(const PlayRow& row, const Made& made, bool ghost) {
    HistoryPlay play =
        history_play(row.campaign, row.creative, made.row->first_flip_us, made.clock, zone_);
    play.ghost = ghost;
    scheduler_.count(play);
  }

  static constexpr std::uint64_t kNone = ~std::uint64_t{0};

  const ScreenLog& log_;
  Archive archive_;
  ZoneTable zone_;
  Scheduler scheduler_;
  std::map<std::uint64_t, Made> made_;  // by decision
  std::map<std::uint64_t, Made>::iterator last_;
  std::size_t done_ = 0;
  std::vector<std::uint64_t> open_;  // decisions not yet counted
  // What the input rows say at this point.
  std::size_t at_input_ = 0;
  bool restated_ = false;
  ContentState content_;
  KnownClock clock_;
  std::uint64_t generation_ = 0;
  std::uint64_t takeover_ = 0;
  std::int64_t pending_ = 0;
  std::uint64_t used_generation_ = kNone;
  std::uint64_t used_takeover_ = kNone;
};

Replay::Replay(const ScreenLog& log, Archive archive, ZoneTable zone)
    : room_(std::make_unique<Room>(log, std::move(archive), std::move(zone))) {}
Replay::~Replay() = default;
bool Replay::next(Step& step) {
  return room_->next(step);
}
std::vector<Rejection> Replay::why_not(const Step& step) {
  return room_->why_not(step);
}

}  // namespace vitrine
