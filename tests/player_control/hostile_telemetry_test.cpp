// A telemetry that an attacker has taken over writes what it likes into offered/ and commands/.
// Nothing false reaches the glass, and what was confirmed goes on.
#include <doctest/doctest.h>

#include <atomic>
#include <thread>

#include "player/command_watch.hpp"
#include "player/screenshot.hpp"
#include "screen.hpp"

using namespace vitrine;
using namespace vitrine::testing;

namespace {

bool has(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

// Rewrites a confirmed generation on the disk, manifest included.
void replace_generation(const Screen& screen, std::uint64_t number, const GenerationFiles& files) {
  fs::remove_all(screen.paths.offered());
  (void)make_directories(screen.paths.trust());
  GenerationStore store(screen.paths);
  REQUIRE(store.offer(files, {}).ok());
  const auto made = store.list();
  REQUIRE(made.size() == 1);
  if (made[0] != number)
    fs::rename(screen.paths.offered() / std::to_string(made[0]),
               screen.paths.offered() / std::to_string(number));
}

}  // namespace

TEST_CASE("forged generations change nothing on the glass, each with its line") {
  Screen screen;
  auto keeper = screen.keeper();
  screen.confirm_first(*keeper);
  const std::string payload = write_schedule(Screen::schedule_of(screen.contents));
  const std::string good = screen.signed_schedule(11, screen.contents);
  const auto refused = [&](const std::string& schedule, const std::string& part) {
    screen.offer({schedule, "", "", ""});
    keeper->tick();
    CHECK(screen.in_force() == 1);
    CHECK(screen.active().trying == 0);
    CAPTURE(screen.active().rejected_reason);
    CHECK(has(screen.active().rejected_reason, part));
  };
  SUBCASE("an altered payload under a true signature") {
    std::string other = screen.sign(DocumentKind::schedule, 11,
                                    write_schedule(Screen::schedule_of({screen.contents[1]})),
                                    screen.stranger, "operator-1");
    const std::string forged =
        good.substr(0, good.find('.')) + "." +
        other.substr(other.find('.') + 1, other.rfind('.') - other.find('.') - 1) +
        good.substr(good.rfind('.'));
    refused(forged, "wrong signature");
  }
  SUBCASE("a wrong key") {
    refused(screen.sign(DocumentKind::schedule, 11, payload, screen.stranger, "operator-1"),
            "wrong signature");
  }
  SUBCASE("older than the player's floor") {
    refused(screen.signed_schedule(9, screen.contents), "older version");
  }
  SUBCASE("for another screen") {
    refused(screen.sign(DocumentKind::schedule, 11, payload, screen.person, "operator-1",
                        "screen/lobby-2"),
            "meant for screen/lobby-2");
  }
  SUBCASE("settings in the schedule's place") {
    refused(screen.signed_settings(11, 5), "a schedule was expected");
  }
  SUBCASE("a name that is a path") {
    std::string json = payload;
    const std::string path = "../../etc/passwd";
    const auto at = json.find("file-1");
    json.replace(at, 6, path);
    refused(screen.sign(DocumentKind::schedule, 11, json, screen.person, "operator-1"), "path");
  }
  SUBCASE("nested a thousand deep") {
    refused(screen.sign(DocumentKind::schedule, 11, std::string(1000, '[') + std::string(1000, ']'),
                        screen.person, "operator-1"),
            "");
  }
  SUBCASE("no document at all") {
    refused(std::string(200'000, 'x'), "");
  }
}

TEST_CASE("a revoked key offers nothing, not even with an older trust document beside it") {
  Screen screen;
  auto keeper = screen.keeper();
  screen.confirm_first(*keeper);
  Trust trust;
  trust.keys = {Screen::key("operator-1", screen.person, "operator", {DocumentKind::schedule}),
                Screen::key("operator-2", screen.server, "operator", {DocumentKind::schedule})};
  trust.revoked = {"operator-1"};
  screen.trust_version = 2;
  REQUIRE(screen.store
              .put_trust(
                  2, screen.sign(DocumentKind::trust, 2, write_trust(trust), screen.root, "root"))
              .ok());
  keeper->tick();
  CHECK(screen.in_force() == 1);  // what was confirmed goes on
  const auto offer_old_key = [&] {
    screen.offer_schedule(12, {screen.add_content("bad")});
    keeper->tick();
    CHECK(screen.in_force() == 1);
  };
  SUBCASE("while the player runs") {
    offer_old_key();
  }
  SUBCASE("the newer one taken away, while it runs") {
    REQUIRE(remove_file(screen.paths.trust() / "2").ok());
    keeper->tick();
    offer_old_key();
  }
  SUBCASE("the newer one taken away, and the player starts anew") {
    REQUIRE(remove_file(screen.paths.trust() / "2").ok());
    keeper.reset();
    keeper = screen.keeper();
    CHECK(screen.in_force() == 1);
    offer_old_key();
  }
  SUBCASE("the player starts anew under the revocation") {
    keeper.reset();
    keeper = screen.keeper();
    CHECK(screen.in_force() == 1);
    screen.offer({screen.sign(DocumentKind::schedule, 13,
                              write_schedule(Screen::schedule_of(screen.contents)), screen.server,
                              "operator-2"),
                  "", "", ""});
    keeper->tick();
    CHECK(screen.in_force() == 2);  // the new key's
  }
}

TEST_CASE("what was confirmed is known by its own digest and by no key of the past") {
  Screen screen;
  screen.confirm_first(*screen.keeper());
  Trust nobody;
  nobody.keys = {Screen::key("operator-2", screen.server, "operator", {DocumentKind::schedule})};
  nobody.revoked = {"operator-1"};
  REQUIRE(screen.store
              .put_trust(
                  2, screen.sign(DocumentKind::trust, 2, write_trust(nobody), screen.root, "root"))
              .ok());
  SUBCASE("its key is revoked") {
    auto keeper = screen.keeper();
    CHECK(screen.in_force() == 1);
  }
  SUBCASE("no trust document is left") {
    fs::remove_all(screen.paths.trust());
    auto keeper = screen.keeper();
    CHECK(screen.in_force() == 1);
  }
  SUBCASE("another document in its place is not shown, whoever signed it") {
    replace_generation(screen, 1,
                       {screen.signed_schedule(10, {screen.add_content("evil")}), "", "", ""});
    auto keeper = screen.keeper();
    CHECK(screen.in_force() == 0);
  }
}

TEST_CASE("a generation on trial ends when its key is revoked") {
  Screen screen;
  auto keeper = screen.keeper();
  screen.confirm_first(*keeper);
  screen.offer_schedule(11, {screen.add_content("c")});
  keeper->tick();
  REQUIRE(screen.in_force() == 2);
  Trust trust;
  trust.keys = {Screen::key("operator-1", screen.person, "operator", {DocumentKind::schedule})};
  trust.revoked = {"operator-1"};
  REQUIRE(screen.store
              .put_trust(
                  2, screen.sign(DocumentKind::trust, 2, write_trust(trust), screen.root, "root"))
              .ok());
  keeper->tick();
  CHECK(screen.in_force() == 1);
  CHECK(has(screen.active().rejected_reason, "revoked"));
}

TEST_CASE(
    "settings change under a schedule whose key's time is over, but a new schedule does not") {
  Screen screen;
  TrustedKey key = Screen::key("operator-1", screen.person, "operator",
                               {DocumentKind::schedule, DocumentKind::settings});
  key.valid_until = screen.clock.realtime() / kSecond + 1000;
  screen.put_trust({key, Screen::key("operator-2", screen.server, "operator",
                                     {DocumentKind::schedule, DocumentKind::settings})});
  auto keeper = screen.keeper();
  screen.confirm_first(*keeper);
  const std::string schedule = screen.signed_schedule(11, screen.contents);
  screen.offer({schedule, "", "", ""});
  keeper->tick();
  screen.play_for(*keeper, 61 * kSecond);
  REQUIRE(screen.active().confirmed == 2);
  screen.clock.step_wall_clock(2000 * kSecond);
  Settings settings;
  settings.origins = {"https://127.0.0.1:8443"};
  const std::string by_new =
      screen.sign(DocumentKind::settings, 1, write_settings(settings), screen.server, "operator-2");
  screen.offer({schedule, "", "", by_new});
  keeper->tick();
  CHECK(screen.in_force() == 3);
  screen.offer({screen.signed_schedule(12, screen.contents), "", "", by_new});
  keeper->tick();
  CHECK(screen.in_force() == 3);
  CHECK(has(screen.active().rejected_reason, "no longer valid"));
}

namespace {

struct Commands : Screen {
  int restarts = 0;
  std::optional<CommandWatch> watch;

  Commands() {
    put_trust({key("boss-1", person, "operator", {DocumentKind::command})});
    (void)make_directories(paths.floors());
    start();
  }
  void start() {
    watch.emplace(CommandWatch::Setup{clock,
                                      paths,
                                      "lobby-1",
                                      root.public_key(),
                                      {{CommandVerb::restart, [this] {
                                          ++restarts;
                                          return CommandWatch::Outcome{true, "it restarts"};
                                        }}}});
  }
  std::string command(CommandVerb verb, const PrivateKey& with,
                      const std::string& audience = "screen/lobby-1") const {
    Command body;
    body.verb = verb;
    body.boot = clock.boot_id();
    return sign(DocumentKind::command, 1, write_command(body), with, "boss-1", audience);
  }
  PlayerAnswer answer_to(const std::string& jws) {
    auto number = write_player_command(paths, jws);
    REQUIRE(number.ok());
    watch->tick();
    auto answer = read_player_answer(paths, *number);
    REQUIRE(answer.has_value());
    return *answer;
  }
};

}  // namespace

TEST_CASE("the player obeys a signed command once, over its own restart too") {
  Commands screen;
  const std::string jws = screen.command(CommandVerb::restart, screen.person);
  CHECK(screen.answer_to(jws).done);
  CHECK(screen.restarts == 1);
  screen.watch->tick();
  CHECK(screen.restarts == 1);
  screen.start();  // it restarted; the command still lies there
  screen.watch->tick();
  CHECK(screen.restarts == 1);
  const auto again = screen.answer_to(jws);  // under another number
  CHECK_FALSE(again.done);
  CHECK(screen.restarts == 1);
}

TEST_CASE("the player obeys no command that telemetry made up") {
  Commands screen;
  CHECK_FALSE(screen.answer_to(screen.command(CommandVerb::restart, screen.stranger)).done);
  CHECK_FALSE(
      screen.answer_to(screen.command(CommandVerb::restart, screen.person, "screen/lobby-2")).done);
  CHECK_FALSE(screen.answer_to("restart").done);
  Command other_boot;
  other_boot.verb = CommandVerb::restart;
  other_boot.boot = {1, 2};
  CHECK_FALSE(screen
                  .answer_to(screen.sign(DocumentKind::command, 2, write_command(other_boot),
                                         screen.person, "boss-1", "screen/lobby-1"))
                  .done);
  CHECK(screen.restarts == 0);
}

TEST_CASE("a screenshot is the picture on the glass, with its hash and what it was") {
  Commands screen;
  SnapshotDesk desk;
  ShotBook shots;
  shots.open(41);
  screen.watch.emplace(CommandWatch::Setup{
      screen.clock,
      screen.paths,
      "lobby-1",
      screen.root.public_key(),
      {{CommandVerb::screenshot, screenshot_act(screen.clock, screen.paths, desk, shots)}}});
  const auto picture = std::make_shared<PictureBuffer>(64, 36);
  picture->fill(0, 0, 64, 36, 90, 100, 140);
  picture->fill(10, 10, 6, 4, 20, 128, 128);
  Bytes normal;  // as docs/contracts.md has it
  for (const char letter : std::string("vt1pic"))
    normal.push_back(static_cast<std::uint8_t>(letter));
  append_le32(normal, 64);
  append_le32(normal, 36);
  const Picture view = picture->view();
  for (int y = 0; y < 36; ++y)
    normal.insert(normal.end(), view.y + y * view.y_stride, view.y + y * view.y_stride + 64);
  for (const auto* plane : {view.u, view.v}) {
    for (int y = 0; y < 18; ++y)
      normal.insert(normal.end(), plane + y * view.uv_stride, plane + y * view.uv_stride + 32);
  }
  // Each command is another document, for its header says when it was signed.
  const auto ask = [&](std::uint64_t version) {
    Command body;
    body.verb = CommandVerb::screenshot;
    body.boot = screen.clock.boot_id();
    return screen.sign(DocumentKind::command, version, write_command(body), screen.person, "boss-1",
                       "screen/lobby-1");
  };
  std::atomic<bool> done{false};
  std::thread presenting([&] {
    while (!done) {
      if (desk.wanted()) desk.hand({{view, {}, picture}, 5 * kSecond, 41, "spring sale"});
      std::this_thread::yield();
    }
  });
  const std::string first = ask(1);
  const auto answer = screen.answer_to(first);
  const auto too_soon = screen.answer_to(ask(2));
  screen.clock.advance(10 * kSecond);
  const auto again = screen.answer_to(first);
  done = true;
  presenting.join();
  CAPTURE(answer.text);
  REQUIRE(answer.done);
  CHECK(
      has(answer.text, "shown: spring sale (decision 41 of this boot)\nat: 5000000 us since boot"));
  CHECK(has(answer.text, "\npicture: 64x36, sha256 " + to_hex(sha256(normal)) + "\n"));
  const auto jpeg = read_player_picture(screen.paths, answer.number);
  REQUIRE(jpeg);
  CHECK(has(answer.text, to_hex(sha256(*jpeg))));
  CHECK(has(answer.text, "\nrow: the play's row names this jpeg\n"));
  CHECK(shots.close(41) == sha256(*jpeg));
  CHECK_FALSE(too_soon.done);
  CHECK(has(too_soon.text, "younger than 3 s"));
  CHECK_FALSE(again.done);  // obeyed already
  CHECK_FALSE(read_player_picture(screen.paths, again.number));
  const auto dark = screen.answer_to(ask(3));  // nobody flips any more
  CHECK_FALSE(dark.done);
  CHECK(has(dark.text, "nothing was flipped"));
}

TEST_CASE("a verb this player does not have is refused by name") {
  Commands screen;
  const auto answer = screen.answer_to(screen.command(CommandVerb::power_off, screen.person));
  CHECK_FALSE(answer.done);
  CHECK(answer.text == "this player cannot power-off yet");
}
