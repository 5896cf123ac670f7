#include "player/command_watch.hpp"

#include <algorithm>

#include "platform/log.hpp"
#include "protocol/documents.hpp"
#include "protocol/envelope.hpp"
#include "state/live.hpp"

namespace vitrine {
namespace {

// A command comes from a person; more answers than these are nobody's to read.
constexpr std::size_t kMostAnswers = 64;
// Telemetry fetches one within a second.
constexpr std::size_t kMostPictures = 4;

}  // namespace

CommandWatch::CommandWatch(Setup setup) : setup_(std::move(setup)), floors_(setup_.paths.floors()) {
  for (const PlayerAnswer& answer : read_player_answers(setup_.paths))
    answered_[answer.number] = answer.command;
}

void CommandWatch::tick() {
  for (const PlayerCommand& command : read_player_commands(setup_.paths)) {
    const Hash256 hash = sha256(as_bytes(command.jws));
    if (const auto known = answered_.find(command.number);
        known != answered_.end() && known->second == hash) {
      continue;
    }
    const bool again = std::any_of(answered_.begin(), answered_.end(),
                                   [&](const auto& entry) { return entry.second == hash; });
    // The answer is there before the act shows: a restart must not find its own command again.
    Outcome outcome = again ? Outcome{false, "this command was obeyed already"} : obey(command);
    answered_[command.number] = hash;
    if (!outcome.picture.empty()) {
      if (auto kept = keep_picture(command.number, outcome.picture); !kept)
        outcome = {false, kept.error().message};
    }
    const PlayerAnswer answer{command.number, hash, outcome.done, outcome.text};
    if (auto written = write_player_answer(setup_.paths, answer); !written)
      log_error("cannot answer a command: {}", written.error().message);
    while (answered_.size() > kMostAnswers) {
      (void)remove_player_answer(setup_.paths, answered_.begin()->first);
      answered_.erase(answered_.begin());
    }
  }
}

Status CommandWatch::keep_picture(std::uint64_t number, const Bytes& jpeg) {
  pictures_.push_back(number);
  while (pictures_.size() > kMostPictures) {
    (void)remove_player_picture(setup_.paths, pictures_.front());
    pictures_.pop_front();
  }
  return write_player_picture(setup_.paths, number, jpeg);
}

CommandWatch::Outcome CommandWatch::obey(const PlayerCommand& command) const {
  const auto read = check(command.jws);
  if (!read) {
    log_warn("a command is not obeyed: {}", read.error().message);
    return {false, read.error().message};
  }
  const std::string verb(name_of(read->verb));
  const auto act = setup_.acts.find(read->verb);
  if (act == setup_.acts.end()) {
    log_warn("command {}: this player cannot {} yet", verb, verb);
    return {false, "this player cannot " + verb + " yet"};
  }
  log_info("command {} is obeyed", verb);
  return act->second();
}

Result<Command> CommandWatch::check(const std::string& jws) const {
  const TrustFound found = find_trust(setup_.paths, setup_.root_key, floors_);
  if (!found.held) return fail(ErrorCode::unavailable, found.complaint);
  const auto told = read_clock_state(setup_.paths);
  const Micros boottime = setup_.clock.boottime();
  const std::int64_t now = !told || told->trust == ClockTrust::none
                               ? kNoClock
                               : (boottime + told->utc_minus_boottime_us) / kSecond;
  auto document = verify_document(jws, DocumentKind::command, found.held->trust, now);
  if (!document) return std::move(document).error();
  if (document->header.audience != Audience{Audience::Kind::screen, setup_.screen}) {
    return fail(ErrorCode::denied, "it is for " + document->header.audience.text() +
                                       ", this is screen/" + setup_.screen);
  }
  auto command = read_command(document->payload);
  if (!command) return command;
  if (command->boot != setup_.clock.boot_id())
    return fail(ErrorCode::stale, "it answers the birth of another boot");
  return command;
}

}  // namespace vitrine
