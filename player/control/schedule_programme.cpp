#include "player/schedule_programme.hpp"

#include <algorithm>

#include "platform/log.hpp"
#include "player/scene_maker.hpp"
#include "protocol/reason.hpp"

namespace vitrine {
namespace {

constexpr int kFailuresToQuarantine = 3;
// The clock that decisions go by follows the one that is told in steps of this, so that every
// change can be on record.
constexpr Micros kClockStep = 10 * kMillisecond;

// One clear line of why a screen has nothing to show.
std::string problem_of(const PlayInputs& inputs, const std::vector<Rejection>& rejections) {
  if (!inputs.documents) return "no schedule is in force";
  std::string line =
      "schedule " + std::to_string(inputs.documents->schedule_version) + " offers nothing now";
  std::map<Reason, int> reasons;
  for (const Rejection& rejection : rejections) ++reasons[rejection.reason];
  for (const auto& [reason, count] : reasons) {
    line += std::string(reason == reasons.begin()->first ? ": " : ", ") + std::to_string(count) +
            " " + std::string(name_of(reason));
  }
  return line;
}

// Of what is not known nothing is shown.
std::shared_ptr<const FileBlocks> blocks_of(const PlayInputs& inputs, const Hash256& content) {
  static const auto kNone = std::make_shared<const FileBlocks>();
  const auto found = inputs.content.blocks.find(content);
  return found == inputs.content.blocks.end() ? kNone : found->second;
}

const Creative* find_creative(const PlayInputs& inputs, const Decision& decision) {
  if (decision.kind == PlayKind::takeover && inputs.takeover) {
    for (const Creative& creative : inputs.takeover->takeover.creatives) {
      if (creative.id == decision.creative) return &creative;
    }
  }
  return inputs.documents ? inputs.documents->schedule.creative(decision.creative) : nullptr;
}

}  // namespace

ScheduleProgramme::ScheduleProgramme(Setup setup, ScreenLog log)
    : setup_(std::move(setup)),
      log_(std::move(log)),
      scheduler_(setup_.zone),
      notes_(setup_.clock, setup_.sink, setup_.zone.tzdata),
      open_plays_(setup_.paths),
      content_(setup_.paths.content()),
      inputs_(std::make_shared<PlayInputs>()),
      decision_seq_(setup_.next_decision_seq) {
  use_documents();
}

std::optional<PlannedItem> ScheduleProgramme::next(Micros seam) {
  take_inputs();
  const Decision decision = ask(seam);
  if (!decision.playable) {
    nothing_to_show(decision);
    return std::nullopt;
  }
  last_problem_.clear();
  report_.unplayable_since = kAbsent;
  setup_.board.report(report_);

  Entry entry;
  entry.decision = decision;
  entry.inputs = inputs_;
  entry.clock = clock_;
  entry.seam = seam;
  entry.length = Micros{decision.length_ms} * kMillisecond;
  const Creative* creative = find_creative(*inputs_, decision);
  entry.label = creative != nullptr && !creative->label.empty()
                    ? creative->label
                    : "creative " + std::to_string(decision.creative);
  PlannedItem item = item_of(entry);
  if (setup_.scenes != nullptr)
    item.scene = setup_.scenes->scene_of(*inputs_, files_, decision, clock_, seam);
  entries_.push_back(std::move(entry));
  ++decision_seq_;
  return item;
}

bool ScheduleProgramme::dark(Micros at) {
  if (setup_.panel == nullptr) return false;
  take_inputs();
  static const std::vector<Daypart> kAlways;
  const auto& documents = inputs_->documents;
  const bool dark =
      setup_.panel->dark(documents ? documents->settings.display_hours : kAlways, clock_, at);
  const Micros now = setup_.clock.boottime();
  // Not yet: what is on the glass is still to end.
  if (!dark || at > now || std::exchange(dark_told_at_, now) / kSecond == now / kSecond)
    return dark;
  report_.unplayable_since = kAbsent;  // no fault of what is being tried
  setup_.board.report(report_);
  write_dark();
  return dark;
}

Programme::Urgency ScheduleProgramme::urgency() {
  if (!inputs_->takeover && !setup_.board.newest()->takeover) return Urgency::none;
  take_inputs();
  const bool taken_over = scheduler_.taken_over(clock_.seam(setup_.clock.boottime()));
  const ActiveTakeover* wanted = taken_over ? inputs_->takeover.get() : nullptr;
  const auto is_it = [wanted](const Entry& entry) {
    const ActiveTakeover* is = takeover_of(entry);
    // Versions count for each audience.
    return is == wanted || (is != nullptr && wanted != nullptr && is->mark == wanted->mark);
  };
  const auto on_glass = std::find_if(entries_.begin(), entries_.end(),
                                     [](const Entry& entry) { return entry.shown; });
  if (on_glass == entries_.end() ? wanted == nullptr : is_it(*on_glass)) return Urgency::none;
  const bool decided = !entries_.empty() && !entries_.back().shown && is_it(entries_.back());
  return decided ? Urgency::next : Urgency::anew;
}

const ActiveTakeover* ScheduleProgramme::takeover_of(const Entry& entry) {
  return entry.decision.kind == PlayKind::takeover ? entry.inputs->takeover.get() : nullptr;
}

PlannedItem ScheduleProgramme::item_of(const Entry& entry) const {
  const Decision& decision = entry.decision;
  PlannedItem item;
  item.ticket = decision.decision_seq;
  item.file = content_.path_of(decision.content);
  item.blocks = blocks_of(*entry.inputs, decision.content);
  item.label = entry.label;
  const Creative* creative = find_creative(*entry.inputs, decision);
  item.muted = creative != nullptr && creative->muted;
  item.length = entry.length;
  const auto threads = entry.inputs->content.threads.find(decision.content);
  if (threads != entry.inputs->content.threads.end()) item.threads = threads->second;
  if (decision.most_ms == 0) return item;
  const Micros most = Micros{decision.most_ms} * kMillisecond;
  Micros whole = entry.length;
  if (whole == 0) {
    const auto measured = files_.length_ms.find(decision.content);
    if (measured != files_.length_ms.end()) whole = Micros{measured->second} * kMillisecond;
  }
  if (whole != 0 && whole <= most) return item;
  item.length = most;
  item.whole = whole;
  item.not_after = entry.seam + most;
  item.cut_cause = decision.most_cause;
  return item;
}

void ScheduleProgramme::starting(const PlannedItem& item) {
  Entry* entry = find(item.ticket);
  if (entry == nullptr) return;
  if (setup_.shots != nullptr) setup_.shots->open(item.ticket);
  PlayFigures none;
  none.planned_start = entry->seam;
  none.planned_length = entry->length;
  const auto written = open_plays_.begin(open_play(*entry, none));
  if (!written) log_error("{}; a kill would lose this play", written.error().message);
}

void ScheduleProgramme::shown(const PlannedItem& item, const PlayFigures& figures) {
  Entry* entry = find(item.ticket);
  if (entry == nullptr) return;
  entry->shown = true;
  entry->counted = figures.first_flip;
  entry->length = figures.planned_length;
  const Decision& decision = entry->decision;
  add_ghosts(*entry, figures);
  const HistoryPlay play = history_play(decision.campaign, decision.creative, figures.first_flip,
                                        entry->clock, setup_.zone);
  entry->local_day = play.local_day;
  scheduler_.count(play);
  if (auto written = open_plays_.refresh(open_play(*entry, figures)); !written) {
    log_error("{}; a kill would lose this play", written.error().message);
  }
  write_live(entry, figures.first_flip, "");
}

void ScheduleProgramme::progress(const PlannedItem& item, const PlayFigures& figures) {
  Entry* entry = find(item.ticket);
  if (entry == nullptr) return;
  count_shown_time(*entry, figures.last_flip);
  (void)open_plays_.refresh(open_play(*entry, figures));  // what it says is still true, only older
  write_live(entry, figures.first_flip, "");
}

void ScheduleProgramme::ended(const PlannedItem& item, const PlayFigures& figures) {
  Entry* entry = find(item.ticket);
  if (entry == nullptr) return;
  if (figures.shown)
    count_shown_time(*entry, figures.ended == kAbsent ? figures.last_flip : figures.ended);
  OpenPlay play = open_play(*entry, figures);
  if (setup_.shots != nullptr) play.row.shot = setup_.shots->close(item.ticket);
  if (!figures.shown) {
    play.row.kind = PlayKind::miss;
    play.local_day = history_play(0, 0, entry->seam, entry->clock, setup_.zone).local_day;
  }
  // What followed on the glass; what is still on its way there, when nothing did yet.
  for (const Entry& later : entries_) {
    if (later.decision.decision_seq <= item.ticket) continue;
    play.row.next_creative = later.decision.creative;
    if (later.shown) break;
  }
  if (auto written = open_plays_.end(play); !written) {
    log_error("{}; a kill before it is stored would lose this play", written.error().message);
  }
  setup_.sink.play(play.row, play.local_day);
  if (!figures.error.empty()) last_error_ = entry->label + ": " + figures.error;
  count_failure(*entry, figures);
  std::erase_if(entries_, [&](const Entry& e) { return e.decision.decision_seq == item.ticket; });
}

Decision ScheduleProgramme::ask(Micros seam) {
  question_ = {};
  question_.decision_seq = decision_seq_;
  question_.seam = clock_.seam(seam);
  question_.live_q4 = inputs_->live_q4;
  NotedInputs noted;
  for (const Entry& entry : entries_) {
    if (entry.shown) continue;  // counted already
    question_.pending.push_back(history_play(entry.decision.campaign, entry.decision.creative,
                                             entry.seam, clock_, setup_.zone));
    const std::uint64_t back = decision_seq_ - entry.decision.decision_seq;
    if (back <= 63) noted.pending |= std::int64_t{1} << (back - 1);
  }
  if (inputs_->documents) noted.generation = inputs_->documents->generation;
  if (inputs_->takeover) noted.takeover = inputs_->takeover->mark.version;
  noted.clock = clock_;
  noted.content = files_;
  notes_.note(decision_seq_, history_play(0, 0, seam, clock_, setup_.zone).local_day, noted);
  if (log_) {
    scheduler_.remember(history_of(*log_, setup_.clock.boot_id(), clock_, setup_.zone));
    log_.reset();
  }
  return scheduler_.decide(question_);
}

void ScheduleProgramme::nothing_to_show(const Decision& decision) {
  if (report_.unplayable_since == kAbsent) report_.unplayable_since = setup_.clock.boottime();
  setup_.board.report(report_);
  const std::string problem = problem_of(*inputs_, scheduler_.why_not(question_, decision));
  if (problem != last_problem_)
    log_warn("nothing to show: {}; the status picture stays up", problem);
  last_problem_ = problem;
  write_live(nullptr, kAbsent, problem);
}

void ScheduleProgramme::write_dark() const {
  PlayerLive live;
  live.written_at = setup_.clock.boottime();
  live.plays = setup_.rows ? column_value(setup_.rows()) : 0;
  live.generation = inputs_->documents ? inputs_->documents->generation : 0;
  live.reason = kPanelOff;
  live.error = last_error_;
  (void)write_player_live(setup_.paths, live);
}

void ScheduleProgramme::take_inputs() {
  auto newest = setup_.board.newest();
  if (newest == inputs_) return;
  const auto before = std::exchange(inputs_, std::move(newest));
  const KnownClock& told = inputs_->clock;
  const Micros off = told.utc_minus_boottime - clock_.utc_minus_boottime;
  if (told.trust != clock_.trust || off >= kClockStep || off <= -kClockStep) clock_ = told;
  if (inputs_->documents != before->documents || inputs_->takeover != before->takeover) {
    use_documents();
  }
  use_files();
  const std::uint64_t generation = inputs_->documents ? inputs_->documents->generation : 0;
  if (generation != report_.generation) {
    report_ = {generation, 0, kAbsent};
    log_info("generation {} is in force from this slot on (schedule {})", generation,
             inputs_->documents ? inputs_->documents->schedule_version : 0);
  }
}

void ScheduleProgramme::use_documents() {
  static const Schedule kEmpty;  // a takeover needs no schedule
  Documents documents;
  documents.schedule = &kEmpty;
  if (const ActiveDocuments* active = inputs_->documents.get()) {
    documents.schedule = &active->schedule;
    documents.numbers = active->numbers ? &*active->numbers : nullptr;
    documents.profile = active->profile ? &*active->profile : nullptr;
    documents.settings = &active->settings;
  }
  if (inputs_->takeover) documents.takeover = &inputs_->takeover->takeover;
  scheduler_.use(documents);
}

void ScheduleProgramme::use_files() {
  ContentState files = inputs_->content.state;
  files.quarantined.insert(quarantined_.begin(), quarantined_.end());
  std::erase_if(altered_, [&](const auto& entry) {
    const auto now = inputs_->content.blocks.find(entry.first);
    return now == inputs_->content.blocks.end() || now->second != entry.second;
  });
  for (const auto& [content, blocks] : altered_) {
    files.eligible.erase(content);
    files.length_ms.erase(content);
  }
  if (files == files_) return;
  files_ = std::move(files);
  scheduler_.use(files_);
}

ScheduleProgramme::Entry* ScheduleProgramme::find(std::uint64_t ticket) {
  for (Entry& entry : entries_) {
    if (entry.decision.decision_seq == ticket) return &entry;
  }
  return nullptr;
}

OpenPlay ScheduleProgramme::open_play(const Entry& entry, const PlayFigures& figures) const {
  const Decision& decision = entry.decision;
  OpenPlay open;
  open.shown = figures.shown;
  open.local_day = entry.local_day;
  PlayRow& row = open.row;
  row.kind = decision.kind;
  row.boot = setup_.clock.boot_id();
  row.planned_start_us = figures.planned_start;
  row.planned_length_us = figures.planned_length;
  if (const auto& documents = entry.inputs->documents) {
    row.generation = documents->generation;
    row.schedule_version = documents->schedule_version;
    row.numbers_version = documents->numbers_version;
    row.profile_version = documents->profile_version;
  }
  row.decision_seq = decision.decision_seq;
  row.reason = decision.reason;
  row.runner_up = decision.runner_up;
  row.live_q4 = entry.inputs->live_q4;
  row.campaign = decision.campaign;
  row.flight_phase = decision.flight_phase;
  row.creative = decision.creative;
  row.variant = decision.variant;
  row.arm = decision.arm;
  row.content = decision.content;
  row.clock_trust = entry.clock.trust;
  row.gap_before_us = figures.gap_before;
  row.grade = figures.grade;
  row.display_bits = figures.display_bits;
  row.cut_cause = figures.cut_cause;
  row.decoder = figures.decoder;
  if (!figures.shown) return open;
  row.first_flip_us = figures.first_flip;
  row.last_flip_us = figures.last_flip;
  row.frames_due = figures.frames_due;
  row.frames_shown = figures.frames_shown;
  row.frames_dropped = figures.frames_dropped;
  row.frames_repeated = figures.frames_repeated;
  const Micros end = figures.ended == kAbsent ? figures.last_flip : figures.ended;
  row.verdict_bits = verdict_bits(figures.first_flip, end, figures.planned_length);
  if (setup_.shots != nullptr) row.shot = setup_.shots->of(decision.decision_seq);
  return open;
}

void ScheduleProgramme::add_ghosts(const Entry& entry, const PlayFigures& figures) {
  for (const Ghost& ghost : entry.decision.ghosts) {
    HistoryPlay play =
        history_play(ghost.campaign, ghost.creative, figures.first_flip, entry.clock, setup_.zone);
    play.ghost = true;
    scheduler_.count(play);
    PlayRow row = open_play(entry, {}).row;
    row.kind = PlayKind::ghost;
    row.planned_start_us = entry.seam;
    row.planned_length_us = entry.length;
    row.campaign = ghost.campaign;
    row.creative = ghost.creative;
    row.reason = Reason::quota_due;
    row.runner_up = 0;
    row.variant = 0;
    row.content = {};
    row.arm = Arm::control;
    setup_.sink.play(row, play.local_day);
  }
}

void ScheduleProgramme::count_shown_time(Entry& entry, Micros until) {
  const auto& documents = entry.inputs->documents;
  if (!documents || documents->generation != report_.generation || !entry.shown) return;
  report_.shown += std::max<Micros>(0, until - entry.counted);
  entry.counted = std::max(entry.counted, until);
  setup_.board.report(report_);
}

void ScheduleProgramme::count_failure(const Entry& entry, const PlayFigures& figures) {
  const Hash256& content = entry.decision.content;
  if (figures.altered) {  // its bytes are to blame, not what was signed
    altered_[content] = blocks_of(*entry.inputs, content);
    use_files();
    setup_.board.doubt(content);
    return;
  }
  if (figures.shown && figures.cut_cause == CutCause::none) failures_.erase(content);
  if (figures.cut_cause != CutCause::decode_error) return;
  if (++failures_[content] < kFailuresToQuarantine || !quarantined_.insert(content).second) return;
  log_error(
      "creative {} ({}) failed on the glass {} times, last: {}; it is quarantined and not shown "
      "again",
      entry.decision.creative, to_hex(content).substr(0, 12), kFailuresToQuarantine, figures.error);
  use_files();
  setup_.board.quarantine(content);
}

void ScheduleProgramme::write_live(const Entry* entry, Micros first_flip,
                                   const std::string& error) {
  PlayerLive live;
  live.written_at = setup_.clock.boottime();
  live.plays = setup_.rows ? column_value(setup_.rows()) : 0;
  live.error = error.empty() ? last_error_ : error;
  if (inputs_->documents) live.generation = inputs_->documents->generation;
  if (entry != nullptr) {
    if (entry->inputs->documents) live.generation = entry->inputs->documents->generation;
    live.campaign = entry->decision.campaign;
    live.creative = entry->decision.creative;
    live.label = entry->label;
    live.reason = name_of(entry->decision.reason);
    live.position_ms = (live.written_at - first_flip) / kMillisecond;
    live.length_ms = entry->length / kMillisecond;
  }
  if (setup_.figures) setup_.figures(live);
  (void)write_player_live(setup_.paths,
                          live);  // figures of the moment: the next second writes them again
}

}  // namespace vitrine
