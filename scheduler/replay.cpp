#include "scheduler/replay.hpp"

#include <algorithm>
#include <map>
#include <tuple>

#include "log_history.hpp"
#include "scheduler/input_record.hpp"

namespace vitrine {
namespace {

std::string text_of(CampaignId campaign, CreativeId creative, Reason reason) {
  return "campaign " + std::to_string(campaign) + ", creative " + std::to_string(creative) + " (" +
         std::string(name_of(reason)) + ")";
}

// A decision on record.
struct Made {
  std::uint64_t seq = 0;
  const PlayRow* row = nullptr;
  std::vector<const PlayRow*> ghosts;
};

// What a decision and its rows disagree on, in words.
std::string difference(const Decision& decision, const Made& made) {
  const PlayRow& row = *made.row;
  if (!decision.playable)
    return "nothing may be shown, but the log has " +
           text_of(row.campaign, row.creative, row.reason);
  if (decision.campaign != row.campaign || decision.creative != row.creative ||
      decision.reason != row.reason) {
    return text_of(decision.campaign, decision.creative, decision.reason) + ", but the log has " +
           text_of(row.campaign, row.creative, row.reason);
  }
  std::string text;
  const auto compare = [&](const char* what, auto now, auto then) {
    if (now == then) return;
    if (!text.empty()) text += "; ";
    text += std::string(what) + " " + std::to_string(now) + ", in the log " + std::to_string(then);
  };
  compare("variant", decision.variant, row.variant);
  compare("runner-up", decision.runner_up, row.runner_up);
  compare("arm", static_cast<int>(decision.arm), static_cast<int>(row.arm));
  compare("phase", static_cast<int>(decision.flight_phase), static_cast<int>(row.flight_phase));
  if (row.kind != PlayKind::miss) {
    compare("kind", static_cast<int>(decision.kind), static_cast<int>(row.kind));
    // A miss has no ghosts: they come with the first flip.
    compare("ghosts", decision.ghosts.size(), made.ghosts.size());
  }
  if (decision.content != row.content)
    text += (text.empty() ? "" : "; ") + std::string("another file");
  for (std::size_t i = 0; i < std::min(made.ghosts.size(), decision.ghosts.size()); ++i) {
    compare("ghost of campaign", decision.ghosts[i].campaign, made.ghosts[i]->campaign);
    compare("ghost of creative", decision.ghosts[i].creative, made.ghosts[i]->creative);
  }
  return text;
}

// What the play says of its inputs, against the input rows; the play is in the chain, they are not.
std::string contradiction(const RecordedInputs& inputs, const PlayRow& row) {
  if (inputs.generation != row.generation)
    return "by the inputs on record it was made from generation " +
           std::to_string(inputs.generation) + ", by the play from generation " +
           std::to_string(row.generation);
  if (inputs.clock.trust != row.clock_trust)
    return "by the inputs on record the clock had trust " +
           std::to_string(static_cast<int>(inputs.clock.trust)) + ", by the play " +
           std::to_string(static_cast<int>(row.clock_trust));
  return "";
}

}  // namespace

class Replay::Room {
 public:
  Room(const ScreenLog& log, Archive archive, ZoneTable zone)
      : log_(log),
        archive_(std::move(archive)),
        zone_(std::move(zone)),
        history_(log_, zone_),
        scheduler_(zone_) {
    find_decisions();
    for (const History::Tally& entry : log_.tally)
      sums_[{entry.campaign, entry.creative, entry.local_day}] += entry.plays;
    // What is left was played before the first row.
    for (const PlayRow& row : log_.plays) add_to_sums(row, -1);
  }

  bool next(Step& step) {
    if (done_ == decisions_.size()) return false;
    const Made& made = decisions_[done_];
    const PlayRow& row = *made.row;
    step = {};
    step.row = &row;
    const Status inputs = take_inputs(made.seq, row.boot);
    step.question.decision_seq = made.seq;
    step.question.seam = inputs_.clock.seam(row.planned_start_us);
    step.question.live_q4 = row.live_q4;
    follow(made.seq, step.question);
    if (inputs) {
      step.made = true;
      step.decision = scheduler_.decide(step.question);
      step.difference = difference(step.decision, made);
      if (step.difference.empty()) step.difference = contradiction(inputs_, row);
    } else {
      step.difference = inputs.error().message;
    }
    open_.push_back(done_++);
    return true;
  }

  Scheduler& scheduler() { return scheduler_; }

 private:
  void find_decisions() {
    std::vector<const PlayRow*> rows;
    rows.reserve(log_.plays.size());
    for (const PlayRow& row : log_.plays) rows.push_back(&row);
    std::stable_sort(rows.begin(), rows.end(), [](const PlayRow* a, const PlayRow* b) {
      return a->decision_seq < b->decision_seq;
    });
    decisions_.reserve(rows.size());
    for (const PlayRow* row : rows) {
      if (decisions_.empty() || decisions_.back().seq != row->decision_seq)
        decisions_.push_back({row->decision_seq, nullptr, {}});
      if (row->kind == PlayKind::ghost) {
        decisions_.back().ghosts.push_back(row);
      } else {
        decisions_.back().row = row;
      }
    }
    std::erase_if(decisions_, [](const Made& made) { return made.row == nullptr; });
  }

  // Everything on record up to this decision; the error: what is missing to make it.
  Status take_inputs(std::uint64_t seq, const BootId& boot) {
    bool content = false;
    bool started = false;
    for (; at_input_ < log_.inputs.size() && log_.inputs[at_input_].decision_seq <= seq;
         ++at_input_) {
      const InputRow& row = log_.inputs[at_input_];
      if (row.kind == InputKind::restated) {
        started = started || row.value != 0 || !restated_;
        restated_ = true;
      }
      content = content || row.kind == InputKind::restated ||
                row.kind == InputKind::content_present || row.kind == InputKind::content_absent ||
                row.kind == InputKind::quarantined;
      inputs_.take(row);
    }
    if (!restated_)
      return fail(ErrorCode::not_found, "the log does not say what the inputs of it were");
    if (content) scheduler_.use(inputs_.content);
    if (started) start(seq, boot);
    if (in_use_ && inputs_.generation == used_generation_ && inputs_.takeover == used_takeover_)
      return ok();
    in_use_ = false;
    auto documents = archive_(inputs_.generation, inputs_.takeover);
    if (!documents) return std::move(documents).error();
    scheduler_.use(*documents);
    used_generation_ = inputs_.generation;
    used_takeover_ = inputs_.takeover;
    in_use_ = true;
    return ok();
  }

  // As a player does that reads its log: all before this decision is history.
  void start(std::uint64_t seq, const BootId& boot) {
    const auto& plays = log_.plays;
    std::size_t rows = summed_;
    for (; rows < plays.size() && plays[rows].decision_seq < seq; ++rows)
      add_to_sums(plays[rows], 1);
    summed_ = rows;
    History history;
    history.recent =
        history_.recent(rows - std::min(rows, kMostRecentPlays), rows, boot, inputs_.clock);
    for (const auto& [key, sum] : sums_) {
      if (sum <= 0) continue;  // less than none: rows or sums were altered, and the decisions tell
      history.tally.push_back({std::get<0>(key), std::get<1>(key), std::get<2>(key), sum});
    }
    scheduler_.remember(history);
    open_.clear();
  }
  void add_to_sums(const PlayRow& row, std::int64_t plays) {
    if (!LogHistory::counts(row)) return;
    const HistoryPlay play = history_.play_of(row);
    sums_[{play.campaign, play.creative, play.local_day}] += plays;
  }

  // The plays before this decision: shown by then, or on their way.
  void follow(std::uint64_t seq, Question& question) {
    std::vector<std::size_t> still_open;
    for (const std::size_t earlier : open_) {
      const Made& made = decisions_[earlier];
      const std::uint64_t back = seq - made.seq;
      if (back <= 63 && (inputs_.pending >> (back - 1) & 1) != 0) {
        question.pending.push_back(history_play(made.row->campaign, made.row->creative,
                                                made.row->planned_start_us, inputs_.clock, zone_));
        still_open.push_back(earlier);
        continue;
      }
      if (made.row->first_flip_us == kAbsent) continue;  // a miss
      for (const PlayRow* ghost : made.ghosts) scheduler_.count(history_.play_of(*ghost));
      scheduler_.count(history_.play_of(*made.row));
    }
    open_ = std::move(still_open);
  }

  const ScreenLog& log_;
  Archive archive_;
  ZoneTable zone_;
  LogHistory history_;
  Scheduler scheduler_;
  std::vector<Made> decisions_;
  std::size_t done_ = 0;
  std::vector<std::size_t> open_;  // decisions not yet counted
  // Of all plays before the log's row `summed_`.
  std::map<std::tuple<CampaignId, CreativeId, std::int64_t>, std::int64_t> sums_;
  std::size_t summed_ = 0;
  // What the input rows say at this point.
  std::size_t at_input_ = 0;
  bool restated_ = false;
  RecordedInputs inputs_;
  bool in_use_ = false;  // the documents of these two
  std::uint64_t used_generation_ = 0;
  std::uint64_t used_takeover_ = 0;
};

Replay::Replay(const ScreenLog& log, Archive archive, ZoneTable zone)
    : room_(std::make_unique<Room>(log, std::move(archive), std::move(zone))) {}
Replay::~Replay() = default;
bool Replay::next(Step& step) {
  return room_->next(step);
}
std::vector<Rejection> Replay::why_not(const Step& step) {
  return room_->scheduler().why_not(step.question, step.decision);
}
Standings Replay::standings(const Step& step) {
  return room_->scheduler().standings(step.question);
}

}  // namespace vitrine
