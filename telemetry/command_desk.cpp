#include "command_desk.hpp"

#include "platform/log.hpp"
#include "protocol/command_picture.hpp"
#include "protocol/documents.hpp"
#include "protocol/envelope.hpp"
#include "state/live.hpp"

namespace vitrine {
namespace {

// Quotes and line ends double in JSON; this much text still fits a packet with room to spare.
constexpr std::size_t kMostLogs = 60 * 1024;
constexpr std::size_t kMostWaiting =
    16;  // replies for a link that is down, commands for the player

}  // namespace

CommandDesk::CommandDesk(Setup setup) : setup_(std::move(setup)) {
  for (const PlayerCommand& left : read_player_commands(setup_.paths))
    (void)remove_player_command(setup_.paths, left.number);
}

void CommandDesk::link_up() {
  obeyed_.clear();
}

void CommandDesk::receive(const std::string& jws) {
  const Hash256 hash = sha256(as_bytes(jws));
  if (obeyed_.contains(hash)) {
    log_warn("a command came twice on this link; the second is ignored");
    return;
  }
  auto command = check(jws);
  if (!command) {
    log_warn("a command is not obeyed: {}", command.error().message);
    return;
  }
  obeyed_.insert(hash);
  const Birth birth = setup_.birth();
  if (command->boot != birth.boot || command->link_nonce != birth.link_nonce) {
    return reply(hash, command->verb, false,
                 "it answers another birth than the one that stands; ask again");
  }
  log_info("command {} came", name_of(command->verb));
  obey(*command, hash, jws);
}

Result<Command> CommandDesk::check(const std::string& jws) const {
  const Trust& trust = setup_.trust();
  auto document = verify_document(jws, DocumentKind::command, trust, setup_.now_utc_s());
  if (!document) return std::move(document).error();
  const DocumentHeader& header = document->header;
  if (header.audience != Audience{Audience::Kind::screen, setup_.screen}) {
    return fail(ErrorCode::denied, "it is for " + header.audience.text() + ", not for this screen");
  }
  auto command = read_command(document->payload);
  if (!command) return command;
  const TrustedKey* key = trust.find(header.key_id);
  if (key != nullptr && key->role == "ingest" && command->verb != CommandVerb::resend) {
    return fail(ErrorCode::denied, "an ingest key asks for rows again and for nothing else");
  }
  return command;
}

void CommandDesk::obey(const Command& command, const Hash256& hash, const std::string& jws) {
  if (command.verb == CommandVerb::logs) {
    return reply(hash, command.verb, true,
                 collect_logs(setup_.paths, setup_.clock.boottime(), kMostLogs));
  }
  if (command.verb == CommandVerb::resend) {
    auto sent = setup_.resend(command.stream, command.log_id, command.first, command.last);
    return reply(hash, command.verb, sent.ok(), sent ? *sent : sent.error().message);
  }
  if (waiting_.size() >= kMostWaiting) {
    return reply(hash, command.verb, false, "too many commands wait for the player already");
  }
  auto number = write_player_command(setup_.paths, jws);
  if (!number) return reply(hash, command.verb, false, number.error().message);
  waiting_[*number] = {hash, command.verb, setup_.clock.boottime() + setup_.patience};
}

void CommandDesk::tick() {
  const Micros now = setup_.clock.boottime();
  for (auto entry = waiting_.begin(); entry != waiting_.end();) {
    const auto& [number, waiting] = *entry;
    const auto answer = read_player_answer(setup_.paths, number);
    const bool ours = answer && answer->command == waiting.command;
    if (!ours && now < waiting.until) {
      ++entry;
      continue;
    }
    if (ours) {
      this->answer(waiting, *answer);
    } else {
      reply(waiting.command, waiting.verb, false,
            "the player did not answer within " + std::to_string(setup_.patience / kSecond) + " s");
    }
    if (auto removed = remove_player_command(setup_.paths, number); !removed)
      log_warn("{}", removed.error().message);
    entry = waiting_.erase(entry);
  }
  while (!replies_.empty() && send(replies_.front())) replies_.pop_front();
}

void CommandDesk::answer(const Waiting& waiting, const PlayerAnswer& answer) {
  if (!answer.done || waiting.verb != CommandVerb::screenshot)
    return reply(waiting.command, waiting.verb, answer.done, answer.text);
  auto jpeg = read_player_picture(setup_.paths, answer.number);
  if (!jpeg) return reply(waiting.command, waiting.verb, false, jpeg.error().message);
  reply(waiting.command, waiting.verb, true, answer.text,
        write_command_picture({waiting.command, std::move(*jpeg)}));
}

void CommandDesk::reply(const Hash256& hash, CommandVerb verb, bool done, std::string text,
                        Bytes picture) {
  if (text.size() > kMostReplyText) text.resize(kMostReplyText);
  log_info("command {}: {}", name_of(verb), done ? "done" : text);
  if (replies_.size() >= kMostWaiting) replies_.pop_front();
  replies_.push_back(
      {write_command_reply({hash, verb, done, std::move(text)}), std::move(picture)});
  if (send(replies_.front())) replies_.pop_front();
}

bool CommandDesk::send(Reply& reply) {
  if (!reply.picture.empty() && setup_.publish_picture) {
    if (!setup_.publish_picture(reply.picture)) return false;
    reply.picture.clear();
  }
  return setup_.publish(reply.text);
}

std::string collect_logs(const StatePaths& paths, Micros now, std::size_t most) {
  std::string others;
  if (const auto player = read_player_live(paths, now)) {
    others += "player: generation " + std::to_string(player->generation) + ", " +
              std::to_string(player->plays) + " plays" +
              (player->error.empty() ? "" : ", " + player->error) + "\n";
  } else {
    others += "player: says nothing\n";
  }
  if (const auto audience = read_audience_live(paths, now)) {
    others += "audience: camera " + audience->camera + "\n";
  } else {
    others += "audience: says nothing\n";
  }
  if (others.size() > most / 2) others.resize(most / 2);
  // Whole lines from the end, as many as there is room for.
  const std::vector<std::string> lines = recent_log_lines();
  std::size_t size = others.size();
  std::size_t first = lines.size();
  while (first > 0 && size + lines[first - 1].size() + 1 <= most) size += lines[--first].size() + 1;
  std::string text;
  for (std::size_t i = first; i < lines.size(); ++i) text += lines[i] + "\n";
  return text + others;
}

}  // namespace vitrine
