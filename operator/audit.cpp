#include "operator/audit.hpp"

#include <spdlog/fmt/fmt.h>

#include <limits>
#include <set>

#include "base/time.hpp"
#include "operator/local_clock.hpp"
#include "platform/time_zone.hpp"
#include "protocol/json.hpp"

namespace vitrine::op {
namespace {

constexpr std::int64_t kNoDay = std::numeric_limits<std::int64_t>::min();

// The versions a play names, against those of its generation.
std::string version_difference(ScreenState& state, const PlayRow& row) {
  if (row.generation == 0) return "";
  auto documents = state.generation(row.generation);
  if (!documents) return documents.error().message;
  const auto differ = [&](const char* kind, std::uint64_t now, std::uint64_t then) {
    return now == then ? std::string()
                       : fmt::format("generation {} holds {} {}, the play names {}", row.generation,
                                     kind, now, then);
  };
  for (const std::string& text :
       {differ("schedule", (*documents)->schedule_version, row.schedule_version),
        differ("numbers", (*documents)->numbers_version, row.numbers_version),
        differ("profile", (*documents)->profile_version, row.profile_version)}) {
    if (!text.empty()) return text;
  }
  return "";
}

class Auditor {
 public:
  Auditor(ScreenState& state, std::int64_t day) : state_(state) {
    audit_.screen = state.identity().screen;
    audit_.zone = state.identity().zone;
    audit_.log_id = state.record().log_id;
    audit_.day = day;
    audit_.rows = state.record().log.plays.size();
  }

  Result<Audit> run() {
    replay();
    if (audit_.decisions == 0) {
      if (first_day_ == kNoDay) {
        return fail(ErrorCode::not_found,
                    "no decision on record was made by a clock, so none "
                    "belongs to a day; nothing was audited");
      }
      return fail(ErrorCode::not_found,
                  date_text(audit_.day) + " is not on record: the log of screen " + audit_.screen +
                      " has days from " + date_text(first_day_) + " to " + date_text(last_day_) +
                      "; nothing was audited");
    }
    check_chain_of_log();
    check_inputs();
    for (const std::string& line : state_.assumptions()) note(line);
    return std::move(audit_);
  }

 private:
  void replay() {
    Replay replay(state_.record().log, state_.archive(), state_.zone());
    Replay::Step step;
    std::int64_t day = kNoDay;
    while (replay.next(step)) {
      const SeamTime& seam = step.question.seam;
      if (seam.trust != ClockTrust::none) {
        day = local_time(state_.zone(), floor_div(seam.utc_ms, 1'000)).day;
        if (first_day_ == kNoDay) first_day_ = day;
        last_day_ = day;
      }
      std::string difference = step.difference;
      if (difference.empty()) difference = version_difference(state_, *step.row);
      if (day != audit_.day) {
        others_ += difference.empty() ? 0 : 1;
        continue;
      }
      take(step, difference);
    }
  }

  void take(const Replay::Step& step, const std::string& difference) {
    const std::uint64_t seq = step.question.decision_seq;
    if (audit_.decisions++ == 0) first_seq_ = seq;
    last_seq_ = seq;
    if (difference.empty()) {
      ++audit_.same;
      return;
    }
    ++(step.made ? audit_.other : audit_.lost);
    const SeamTime& seam = step.question.seam;
    const std::string at = seam.trust == ClockTrust::none
                               ? std::string("without a clock")
                               : "at " + clock_text(state_.zone(), seam.utc_ms);
    audit_.findings.push_back(fmt::format("decision {} {}: {}{}", seq, at,
                                          step.made ? "" : "cannot be made again: ", difference));
  }

  void check_chain_of_log() {
    const auto& plays = state_.record().log.plays;
    std::size_t first = plays.size();
    std::size_t last = 0;
    for (std::size_t i = 0; i < plays.size(); ++i) {
      if (plays[i].decision_seq < first_seq_ || plays[i].decision_seq > last_seq_) continue;
      first = std::min(first, i);
      last = i;
    }
    ChainCheck check = check_chain(state_.record(), audit_.screen, state_.proof_key(), first, last);
    audit_.signatures = check.signatures;
    audit_.faults = std::move(check.faults);
    if (plays.front().seq != 1)
      note(fmt::format("rows before {} are gone from the log: the chain is checked from there",
                       plays.front().seq));
    if (!state_.proof_key())
      note("signatures of the rows were not checked: no identity/player/proof.key, no --registry");
    if (!state_.signatures_checked())
      note(
          "signatures of the documents were not checked: identity/root.pub or a trust document "
          "that it signed is not here");
    if (others_ != 0)
      note(fmt::format("{} decisions of other days differ or cannot be made again", others_));
  }

  // Those that bear on the day count: since the last time that everything was said before it.
  void check_inputs() {
    std::uint64_t from = 0;
    std::set<std::int64_t> versions;
    for (const InputRow& row : state_.record().log.inputs) {
      if (row.kind == InputKind::restated && row.decision_seq <= first_seq_)
        from = row.decision_seq;
      if (row.kind == InputKind::tzdata && row.decision_seq <= last_seq_) {
        if (row.decision_seq <= first_seq_) versions.clear();
        versions.insert(row.value);
      }
    }
    std::size_t before = 0;
    for (const Contradiction& found : contradictions(state_.record().log.inputs)) {
      if (found.decision_seq > last_seq_) continue;
      if (found.decision_seq >= from) {
        audit_.faults.push_back(found.text);
      } else {
        ++before;
      }
    }
    if (before != 0) note(fmt::format("{} input rows of earlier days do not fit", before));
    const std::int64_t here = tzdata_number(state_.zone().tzdata);
    for (const std::int64_t version : versions) {
      if (version != here)
        note(fmt::format("the screen had version {} of the time zones, this machine has {}",
                         version, here));
    }
  }

  void note(std::string text) { audit_.notes.push_back(std::move(text)); }

  ScreenState& state_;
  Audit audit_;
  std::int64_t first_day_ = kNoDay;
  std::int64_t last_day_ = kNoDay;
  std::uint64_t first_seq_ = 0;
  std::uint64_t last_seq_ = 0;
  std::size_t others_ = 0;
};

Json lines(const std::vector<std::string>& texts) {
  Json::Array array;
  for (const std::string& text : texts) array.emplace_back(text);
  return array;
}

}  // namespace

Result<Audit> audit(const AuditOptions& options) {
  auto day = parse_date(options.day);
  if (!day) return std::move(day).error().context("--day");
  auto state = ScreenState::read(options.state, options.registry, options.archive);
  if (!state) return std::move(state).error();
  return Auditor(**state, *day).run();
}

std::string audit_text(const Audit& audit) {
  std::string text = fmt::format("screen {}, log {:016x}, {} by the clocks of {}\n", audit.screen,
                                 audit.log_id, date_text(audit.day), audit.zone);
  text += fmt::format(
      "{} rows in the log, {} decisions of the day: {} the same again, {} different, {} not to be "
      "made again; {} signatures checked\n",
      audit.rows, audit.decisions, audit.same, audit.other, audit.lost, audit.signatures);
  for (const auto* part : {&audit.findings, &audit.faults}) {
    for (const std::string& line : *part) text += line + "\n";
  }
  for (const std::string& line : audit.notes) text += "note: " + line + "\n";
  text += audit.passed() ? "audit: passed\n" : "audit: failed\n";
  return text;
}

std::string audit_json(const Audit& audit) {
  const auto count = [](std::size_t value) { return static_cast<std::int64_t>(value); };
  return write_json(Json::Object{{"screen", audit.screen},
                                 {"zone", audit.zone},
                                 {"log_id", fmt::format("{:016x}", audit.log_id)},
                                 {"day", date_text(audit.day)},
                                 {"rows", count(audit.rows)},
                                 {"decisions", count(audit.decisions)},
                                 {"same", count(audit.same)},
                                 {"different", count(audit.other)},
                                 {"not_made", count(audit.lost)},
                                 {"signatures", count(audit.signatures)},
                                 {"findings", lines(audit.findings)},
                                 {"faults", lines(audit.faults)},
                                 {"notes", lines(audit.notes)},
                                 {"passed", audit.passed()}}) +
         "\n";
}

}  // namespace vitrine::op
