// Commands: each answers the birth that stands, once, and the player gets it as it was signed.
#include "command_desk.hpp"

#include "kit.hpp"
#include "player_troubles.hpp"
#include "protocol/command_picture.hpp"
#include "state/live.hpp"

using namespace vitrine;
using namespace vitrine::testing;

namespace {

struct Desk : Kit {
  Birth birth{clock.boot_id(), 77};
  bool connected = true;
  std::vector<CommandReply> replies;
  std::vector<CommandPicture> pictures;
  std::vector<std::string> resent;
  CommandDesk desk;

  Desk() : desk(make_setup()) {
    trust_key("boss-1", boss, "operator", {DocumentKind::command});
    trust_key("ingest-2", ingest, "ingest", {DocumentKind::command});
  }
  PrivateKey boss = PrivateKey::generate();

  CommandDesk::Setup make_setup() {
    return {.paths = paths,
            .screen = kScreen,
            .clock = clock,
            .birth = [this] { return birth; },
            .trust = [this]() -> const Trust& { return trust; },
            .now_utc_s = [this] { return now_s(); },
            .resend = [this](Stream stream, LogId log, std::uint64_t first,
                             std::uint64_t last) -> Result<std::string> {
              resent.push_back(std::string(name_of(stream)) + " " + std::to_string(log) + " " +
                               std::to_string(first) + ".." + std::to_string(last));
              return std::string("2 batches are sent again");
            },
            .publish =
                [this](const std::string& text) {
                  if (!connected) return false;
                  auto reply = read_command_reply(text);
                  REQUIRE(reply.ok());
                  replies.push_back(*reply);
                  return true;
                },
            .publish_picture =
                [this](const Bytes& bytes) {
                  if (!connected) return false;
                  auto picture = read_command_picture(bytes);
                  REQUIRE(picture.has_value());
                  CHECK(replies.empty());  // it comes before its answer
                  pictures.push_back(*picture);
                  return true;
                }};
  }
  std::string signed_command(CommandVerb verb, const std::string& key_id, const PrivateKey& key,
                             Audience audience = {Audience::Kind::screen, kScreen}) {
    Command command;
    command.verb = verb;
    command.boot = birth.boot;
    command.link_nonce = birth.link_nonce;
    command.stream = Stream::exposure;
    command.log_id = 5;
    command.first = 1;
    command.last = 20;
    return sign_document(
        {DocumentKind::command, audience, key_id, ++version, now_s(), now_s() + 60},
        write_command(command), key);
  }
  std::string command(CommandVerb verb) { return signed_command(verb, "boss-1", boss); }
  std::uint64_t version = 0;
};

}  // namespace

TEST_CASE("a command that answers the birth is obeyed once; the same again on that link is not") {
  Desk screen;
  const std::string jws = screen.command(CommandVerb::resend);
  screen.desk.receive(jws);
  REQUIRE(screen.replies.size() == 1);
  CHECK(screen.replies[0].done);
  CHECK(screen.replies[0].command == sha256(as_bytes(jws)));
  CHECK(screen.replies[0].text == "2 batches are sent again");
  CHECK(screen.resent == std::vector<std::string>{"exposure 5 1..20"});
  screen.desk.receive(jws);
  CHECK(screen.resent.size() == 1);
  CHECK(screen.replies.size() == 1);
}

TEST_CASE("a command of an earlier link or an earlier boot is answered and not obeyed") {
  Desk screen;
  const std::string jws = screen.command(CommandVerb::resend);
  SUBCASE("link") {
    screen.birth.link_nonce = 78;
  }
  SUBCASE("boot") {
    screen.birth.boot.low += 1;
  }
  screen.desk.link_up();
  screen.desk.receive(jws);
  REQUIRE(screen.replies.size() == 1);
  CHECK_FALSE(screen.replies[0].done);
  CHECK(screen.replies[0].text.find("another birth") != std::string::npos);
  CHECK(screen.resent.empty());
}

TEST_CASE("what nobody may command here gets neither obedience nor an answer") {
  Desk screen;
  SUBCASE("a wrong key") {
    screen.desk.receive(screen.signed_command(CommandVerb::resend, "boss-1", screen.backend));
  }
  SUBCASE("a key that signs no commands") {
    screen.desk.receive(
        screen.signed_command(CommandVerb::resend, "operator-1", screen.operator_key));
  }
  SUBCASE("another screen's") {
    screen.desk.receive(screen.signed_command(CommandVerb::resend, "boss-1", screen.boss,
                                              {Audience::Kind::screen, "lobby-2"}));
  }
  SUBCASE("a group's: a group has no birth") {
    screen.desk.receive(screen.signed_command(CommandVerb::resend, "boss-1", screen.boss, kDemo));
  }
  SUBCASE("expired") {
    const std::string jws = screen.command(CommandVerb::resend);
    screen.clock.advance(2 * kMinute);
    screen.desk.receive(jws);
  }
  SUBCASE("altered") {
    std::string jws = screen.command(CommandVerb::resend);
    jws[jws.size() / 2] = jws[jws.size() / 2] == 'A' ? 'B' : 'A';
    screen.desk.receive(jws);
  }
  SUBCASE("an ingest key that asks for more than rows") {
    screen.desk.receive(screen.signed_command(CommandVerb::restart, "ingest-2", screen.ingest));
  }
  SUBCASE("another kind of document") {
    screen.desk.receive(screen.sign(DocumentKind::settings, 1, settings_text()));
  }
  SUBCASE("no document") {
    screen.desk.receive(std::string(300'000, 'x'));
  }
  CHECK(screen.replies.empty());
  CHECK(screen.resent.empty());
  CHECK(read_player_commands(screen.paths).empty());
}

TEST_CASE("an ingest key may ask for rows again") {
  Desk screen;
  screen.desk.receive(screen.signed_command(CommandVerb::resend, "ingest-2", screen.ingest));
  CHECK(screen.resent.size() == 1);
}

TEST_CASE("what is the player's is laid before it as it was signed, and its answer goes up") {
  Desk screen;
  const std::string jws = screen.command(CommandVerb::restart);
  screen.desk.receive(jws);
  auto waiting = read_player_commands(screen.paths);
  REQUIRE(waiting.size() == 1);
  CHECK(waiting[0].jws == jws);
  screen.desk.tick();
  CHECK(screen.replies.empty());
  // An answer to something else is none.
  REQUIRE(write_player_answer(screen.paths, {waiting[0].number, Hash256{}, true, "no"}).ok());
  screen.desk.tick();
  CHECK(screen.replies.empty());
  screen.connected = false;
  REQUIRE(write_player_answer(screen.paths,
                              {waiting[0].number, sha256(as_bytes(jws)), true, "it restarts"})
              .ok());
  screen.desk.tick();
  CHECK(read_player_commands(screen.paths).empty());
  screen.connected = true;  // the answer waited for the link
  screen.desk.tick();
  REQUIRE(screen.replies.size() == 1);
  CHECK(screen.replies[0].done);
  CHECK(screen.replies[0].verb == CommandVerb::restart);
  CHECK(screen.replies[0].text == "it restarts");
}

TEST_CASE("a player that does not answer within a minute is said to, and its command taken away") {
  Desk screen;
  screen.desk.receive(screen.command(CommandVerb::identify));
  screen.clock.advance(kMinute - 1);
  screen.desk.tick();
  CHECK(screen.replies.empty());
  screen.clock.advance(1);
  screen.desk.tick();
  REQUIRE(screen.replies.size() == 1);
  CHECK_FALSE(screen.replies[0].done);
  CHECK(screen.replies[0].text == "the player did not answer within 60 s");
  CHECK(read_player_commands(screen.paths).empty());
}

TEST_CASE("the player's picture goes up before its answer, and a picture that is missing is said") {
  Desk screen;
  const std::string jws = screen.command(CommandVerb::screenshot);
  screen.desk.receive(jws);
  const auto waiting = read_player_commands(screen.paths);
  REQUIRE(waiting.size() == 1);
  const std::uint64_t number = waiting[0].number;
  const Bytes jpeg = {0xff, 0xd8, 0xff, 1, 2, 3};
  bool there = true;
  SUBCASE("with it") {
    REQUIRE(write_player_picture(screen.paths, number, jpeg).ok());
  }
  SUBCASE("without it") {
    there = false;
  }
  SUBCASE("too large") {
    REQUIRE(write_player_picture(screen.paths, number, Bytes(kMostPictureBytes + 1, 0xff)).ok());
    there = false;
  }
  screen.connected = false;  // both wait for the link
  REQUIRE(
      write_player_answer(screen.paths, {number, sha256(as_bytes(jws)), true, "shown: it"}).ok());
  screen.desk.tick();
  screen.connected = true;
  screen.desk.tick();
  REQUIRE(screen.replies.size() == 1);
  CHECK(screen.replies[0].done == there);
  REQUIRE(screen.pictures.size() == (there ? 1 : 0));
  if (!there) return;
  CHECK(screen.pictures[0].command == sha256(as_bytes(jws)));
  CHECK(screen.pictures[0].jpeg == jpeg);
  screen.desk.receive(jws);  // a replay gets nothing
  screen.desk.tick();
  CHECK(screen.pictures.size() == 1);
  CHECK(screen.replies.size() == 1);
}

TEST_CASE("what the player says is wrong becomes an event when it begins and when it ends") {
  const Kit kit;
  std::vector<std::string> said;
  bool takes = true;
  PlayerTroubles troubles([&](const std::string& code, const std::string& text) {
    if (takes) said.push_back(code + ": " + text);
    return takes;
  });
  Micros now = kit.clock.boottime();
  const auto tell = [&](std::vector<PlayerTrouble> list) {
    now += kSecond;
    PlayerLive live;
    live.written_at = now;
    live.troubles = std::move(list);
    REQUIRE(write_player_live(kit.paths, live).ok());
    CHECK(read_player_live(kit.paths, now)->troubles == live.troubles);
    troubles.tick(kit.paths, now);
  };
  tell({});
  CHECK(said.empty());
  tell({{"disk", "rows wait: disk is full"}});
  tell({{"disk", "rows wait: disk is full"}, {"picture", "the glass does not follow"}});
  CHECK(said == std::vector<std::string>{"player-disk: rows wait: disk is full",
                                         "player-picture: the glass does not follow"});
  now += kMinute;
  troubles.tick(kit.paths, now);  // the player is silent: that ends nothing
  CHECK(said.size() == 2);
  takes = false;  // our own disk is full, too
  tell({{"disk", "rows wait: disk is full"}});
  CHECK(said.size() == 2);
  takes = true;
  tell({{"disk", "rows wait: disk is full"}});
  CHECK(said.size() == 2);  // not each second
  now += kMinute;
  tell({{"disk", "rows wait: disk is full"}});
  tell({});
  CHECK(said.size() == 4);
  CHECK(said[2] == "player-picture-over: over: the glass does not follow");
  CHECK(said[3] == "player-disk-over: over: rows wait: disk is full");
}

TEST_CASE("logs are this process's last lines and what the others say, within a message") {
  Desk screen;
  PlayerLive live;
  live.written_at = screen.clock.boottime();
  live.generation = 7;
  live.error = "creative 3 failed";
  REQUIRE(write_player_live(screen.paths, live).ok());
  screen.desk.receive(screen.command(CommandVerb::logs));
  REQUIRE(screen.replies.size() == 1);
  CHECK(screen.replies[0].text.find("player: generation 7, 0 plays, creative 3 failed\n") !=
        std::string::npos);
  CHECK(screen.replies[0].text.find("audience: says nothing\n") != std::string::npos);
  CHECK(collect_logs(screen.paths, screen.clock.boottime(), 60).size() <= 60);
}
