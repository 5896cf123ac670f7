#include "player/keeper.hpp"

#include <doctest/doctest.h>

#include "screen.hpp"

using namespace vitrine;
using namespace vitrine::testing;

namespace {

bool has(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

}  // namespace

TEST_CASE(
    "a new generation is on disk as tried before it is handed over, and confirmed after its time "
    "on the glass") {
  Screen screen;
  auto keeper = screen.keeper();
  CHECK(screen.in_force() == 0);
  screen.offer_schedule(10, {screen.add_content("a")});
  keeper->tick();
  CHECK(screen.in_force() == 1);
  CHECK(screen.active().trying == 1);
  CHECK(screen.active().attempts == 1);
  screen.play_for(*keeper, 59 * kSecond);
  CHECK(screen.active().confirmed == 0);
  CHECK(VersionFloors(screen.paths.floors())
            .get(DocumentKind::schedule, *Audience::parse("group/lifts")) == 0);
  screen.play_for(*keeper, 60 * kSecond);
  CHECK(screen.active().confirmed == 1);
  CHECK(screen.active().trying == 0);
  CHECK(VersionFloors(screen.paths.floors())
            .get(DocumentKind::schedule, *Audience::parse("group/lifts")) == 10);
}

TEST_CASE("the settings of a generation say how long its confirmation takes") {
  Screen screen;
  auto keeper = screen.keeper();
  screen.offer({screen.signed_schedule(10, {screen.add_content("a")}), "", "",
                screen.signed_settings(1, 5)});
  keeper->tick();
  screen.play_for(*keeper, 5 * kSecond);
  CHECK(screen.active().confirmed == 1);
}

TEST_CASE("a bad offer is refused in one line that names it, and the screen keeps what it had") {
  Screen screen;
  auto keeper = screen.keeper();
  screen.confirm_first(*keeper);
  REQUIRE(screen.active().confirmed == 1);
  const std::string good = write_schedule(Screen::schedule_of(screen.contents));
  const auto refused = [&](const GenerationFiles& files, const std::vector<std::string>& parts) {
    const std::uint64_t number = screen.offer(files);
    keeper->tick();
    CHECK(screen.in_force() == 1);
    CHECK(screen.active().confirmed == 1);
    CHECK(screen.active().trying == 0);
    REQUIRE_FALSE(screen.active().rejected.empty());
    CHECK(screen.active().rejected.back() == number);
    const std::string line = screen.active().rejected_reason;
    CAPTURE(line);
    CHECK(line.find('\n') == std::string::npos);
    CHECK(has(line, "cannot apply generation " + std::to_string(number) + ": "));
    CHECK(has(line, "; keeping generation 1"));
    for (const std::string& part : parts) CHECK(has(line, part));
    const auto rejections = screen.active().rejected.size();
    keeper->tick();
    CHECK(screen.active().rejected.size() == rejections);  // said once
  };

  SUBCASE("signed by a key nobody trusts") {
    refused(
        {screen.sign(DocumentKind::schedule, 11, good, screen.stranger, "stranger-1"), "", "", ""},
        {"schedule 11", "stranger-1"});
  }
  SUBCASE("signed by somebody else under a trusted name") {
    refused(
        {screen.sign(DocumentKind::schedule, 11, good, screen.stranger, "operator-1"), "", "", ""},
        {"schedule 11", "signature"});
  }
  SUBCASE("signed by a key that may not sign schedules") {
    refused({screen.sign(DocumentKind::schedule, 11, good, screen.server, "backend-1"), "", "", ""},
            {"schedule 11"});
  }
  SUBCASE("a version below the confirmed one") {
    refused({screen.signed_schedule(9, screen.contents), "", "", ""},
            {"schedule 9", "older version", "10"});
  }
  SUBCASE("meant for another group") {
    refused(
        {screen.sign(DocumentKind::schedule, 11, good, screen.person, "operator-1", "group/malls"),
         "", "", ""},
        {"schedule 11", "group/malls"});
  }
  SUBCASE("not a schedule at all") {
    refused(
        {screen.sign(DocumentKind::schedule, 11, "{\"creatives\":7}", screen.person, "operator-1"),
         "", "", ""},
        {"schedule 11", "/creatives"});
  }
  SUBCASE("no creative that vet accepted") {
    refused({screen.signed_schedule(11, {screen.add_content("bad", false)}), "", "", ""},
            {"schedule 11", "none of its creatives", "1 rejected by vet"});
  }
  SUBCASE("its only creative failed on the glass before") {
    const Hash256 content = screen.add_content("crashes decoders");
    screen.board.quarantine(content);
    keeper->tick();
    refused({screen.signed_schedule(11, {content}), "", "", ""},
            {"schedule 11", "none of its creatives", "1 quarantined"});
  }
  SUBCASE("the only file was altered after it was fetched") {
    const Hash256 content = screen.add_content("genuine");
    REQUIRE(write_atomic(ContentStore(screen.paths.content()).path_of(content), "altered").ok());
    refused({screen.signed_schedule(11, {content}), "", "", ""},
            {"schedule 11", "none of its creatives"});
  }
  SUBCASE("numbers of another schedule") {
    Numbers numbers;
    numbers.schedule_version = 10;
    const auto jws = screen.sign(DocumentKind::numbers, 1, write_numbers(numbers), screen.server,
                                 "backend-1", "screen/lobby-1");
    refused({screen.signed_schedule(11, screen.contents), jws, "", ""},
            {"numbers 1", "schedule 10"});
  }
}

TEST_CASE("a document altered on the disk after it was offered is refused") {
  Screen screen;
  auto keeper = screen.keeper();
  screen.confirm_first(*keeper);
  const std::uint64_t number = screen.offer_schedule(11, screen.contents);
  REQUIRE(
      write_atomic(screen.paths.offered() / std::to_string(number) / "schedule", "something else")
          .ok());
  keeper->tick();
  CHECK(screen.in_force() == 1);
  CHECK(has(screen.active().rejected_reason, "differs from its manifest"));
}

TEST_CASE("the same version offered again is no older version") {
  Screen screen;
  auto keeper = screen.keeper();
  screen.confirm_first(*keeper);
  screen.offer(
      {screen.signed_schedule(10, screen.contents), "", "", screen.signed_settings(1, 30)});
  keeper->tick();
  CHECK(screen.in_force() == 2);
}

TEST_CASE("an offer refused for its key is taken once a newer trust document knows the key") {
  Screen screen;
  auto keeper = screen.keeper();
  screen.confirm_first(*keeper);
  const auto payload = write_schedule(Screen::schedule_of(screen.contents));
  screen.offer({screen.sign(DocumentKind::schedule, 11, payload, screen.stranger, "operator-2"), "",
                "", ""});
  keeper->tick();
  CHECK(screen.in_force() == 1);
  screen.put_trust(
      {Screen::key("operator-1", screen.person, "operator", {DocumentKind::schedule}),
       Screen::key("operator-2", screen.stranger, "operator", {DocumentKind::schedule})});
  keeper->tick();
  CHECK(screen.in_force() == 2);
}

TEST_CASE("a trust document that the root did not sign changes nothing") {
  Screen screen;
  auto keeper = screen.keeper();
  Trust trust;
  trust.keys = {Screen::key("operator-1", screen.stranger, "operator", {DocumentKind::schedule})};
  REQUIRE(screen.store
              .put_trust(9, screen.sign(DocumentKind::trust, 9, write_trust(trust), screen.stranger,
                                        "root"))
              .ok());
  keeper->tick();
  screen.confirm_first(*keeper);
  CHECK(screen.in_force() == 1);
}

TEST_CASE(
    "a generation that leaves nothing to show for a minute is given up for the confirmed one") {
  Screen screen;
  auto keeper = screen.keeper();
  screen.confirm_first(*keeper);
  screen.offer_schedule(11, {screen.add_content("c")});
  keeper->tick();
  REQUIRE(screen.in_force() == 2);
  const Micros since = screen.clock.boottime();
  screen.board.report({2, 0, since});
  screen.clock.advance(59 * kSecond);
  keeper->tick();
  CHECK(screen.in_force() == 2);
  screen.clock.advance(1 * kSecond);
  keeper->tick();
  CHECK(screen.in_force() == 1);
  CHECK(screen.active().rejected == std::vector<std::uint64_t>{2});
  CHECK(has(screen.active().rejected_reason, "giving up generation 2"));
  CHECK(has(screen.active().rejected_reason, "back to generation 1"));
  keeper->tick();
  CHECK(screen.in_force() == 1);  // and not tried again
}

TEST_CASE("two starts that died with a generation are enough") {
  Screen screen;
  screen.confirm_first(*screen.keeper());
  {
    auto keeper = screen.keeper();
    screen.offer_schedule(11, {screen.add_content("c")});
    keeper->tick();
    CHECK(screen.active().attempts == 1);
  }  // killed: nothing was said
  {
    auto keeper = screen.keeper();
    CHECK(screen.in_force() == 2);
    CHECK(screen.active().attempts == 2);
  }
  auto keeper = screen.keeper();
  CHECK(screen.in_force() == 1);
  CHECK(screen.active().trying == 0);
  CHECK(screen.active().rejected == std::vector<std::uint64_t>{2});
  CHECK(screen.active().starts == 4);
}

TEST_CASE("a stop that was asked for is no failed attempt") {
  Screen screen;
  screen.confirm_first(*screen.keeper());
  screen.offer_schedule(11, {screen.add_content("c")});
  for (int start = 0; start < 5; ++start) {
    auto keeper = screen.keeper();
    CHECK(screen.in_force() == 2);
    keeper->start();
    keeper->stop();
  }
  CHECK(screen.active().trying == 2);
  CHECK(screen.active().rejected.empty());
}

TEST_CASE("a start with nothing but the disk goes on with the confirmed generation") {
  Screen screen;
  screen.confirm_first(*screen.keeper());
  screen.clock.step_wall_clock(400 * kDay);  // whatever the clock says by now
  auto keeper = screen.keeper();
  CHECK(screen.in_force() == 1);
  CHECK(screen.board.newest()->content.state.eligible.size() == 2);
}

TEST_CASE("nothing new is tried when player/active cannot be written") {
  Screen screen;
  auto keeper = screen.keeper();
  screen.confirm_first(*keeper);
  screen.offer_schedule(11, {screen.add_content("c")});
  // Even root cannot replace a directory by a file.
  fs::remove(screen.paths.active());
  fs::create_directories(screen.paths.active() / "in-the-way");
  keeper->tick();
  CHECK(screen.in_force() == 1);
  fs::remove_all(screen.paths.active());
  keeper->tick();
  CHECK(screen.in_force() == 2);
}

TEST_CASE(
    "content that is altered, rejected or quarantined leaves the eligible set within a second") {
  Screen screen;
  auto keeper = screen.keeper();
  screen.confirm_first(*keeper);
  const auto look = [&] {
    screen.clock.advance(kSecond);
    keeper->tick();
    return screen.board.newest()->content.state;
  };
  CHECK(look().eligible.size() == 2);
  CHECK(look().length_ms.at(screen.contents[0]) == 5'000);
  REQUIRE(write_atomic(ContentStore(screen.paths.content()).path_of(screen.contents[0]), "altered")
              .ok());
  CHECK_FALSE(look().eligible.contains(screen.contents[0]));
  screen.board.quarantine(screen.contents[1]);
  CHECK(look().quarantined.contains(screen.contents[1]));
  auto next = screen.keeper();  // it holds over a restart
  CHECK(screen.board.newest()->content.state.quarantined.contains(screen.contents[1]));
}

TEST_CASE("a file longer than what was signed is not read to its end, which may be far") {
  Screen screen;
  auto keeper = screen.keeper();
  screen.confirm_first(*keeper);
  const fs::path path = ContentStore(screen.paths.content()).path_of(screen.contents[0]);
  fs::resize_file(path, std::uintmax_t{1} << 40);  // a hole
  screen.clock.advance(kSecond);
  keeper->tick();
  const auto content = screen.board.newest()->content;
  CHECK_FALSE(content.state.eligible.contains(screen.contents[0]));
  CHECK(content.blocks.size() == 1);
}

TEST_CASE("the hashes of what may be shown are kept, and of nothing else") {
  Screen screen;
  auto keeper = screen.keeper();
  screen.confirm_first(*keeper);
  std::weak_ptr<const FileBlocks> first, second;
  {
    const auto content = screen.board.newest()->content;
    REQUIRE(content.blocks.size() == 2);
    first = content.blocks.at(screen.contents[0]);
    second = content.blocks.at(screen.contents[1]);
  }
  const Hash256 third = screen.add_content("third");
  screen.offer_schedule(11, {screen.contents[1], third});
  keeper->tick();
  CHECK(screen.board.newest()->content.blocks.size() == 2);
  CHECK_FALSE(first.expired());  // a trial that fails would fall back to it
  screen.play_for(*keeper, 61 * kSecond);
  screen.play_for(*keeper, kSecond);
  CHECK(first.expired());
  CHECK(screen.board.newest()->content.blocks.at(screen.contents[1]) == second.lock());
}

TEST_CASE(
    "without telemetry the system clock is held, unless it is earlier than a document in force") {
  Screen screen;
  auto keeper = screen.keeper();
  screen.confirm_first(*keeper);
  CHECK(screen.board.newest()->clock.trust == ClockTrust::held);
  screen.clock.step_wall_clock(-400 * kDay);
  keeper->tick();
  CHECK(screen.board.newest()->clock.trust == ClockTrust::none);

  ClockState told;
  told.trust = ClockTrust::trusted;
  told.utc_minus_boottime_us = 1'790'000'000 * kSecond;
  told.written_at = screen.clock.boottime();
  REQUIRE(write_clock_state(screen.paths, told).ok());
  keeper->tick();
  CHECK(screen.board.newest()->clock.trust == ClockTrust::trusted);
  CHECK(screen.board.newest()->clock.utc_s(0) == 1'790'000'000);
}

TEST_CASE(
    "the live audience counts only with quality people, full coverage and a profile to compare "
    "with") {
  Screen screen;
  auto keeper = screen.keeper();
  Profile profile;
  profile.area = 1;
  profile.scene = "office";
  profile.zone = "Etc/UTC";
  profile.group_system = "jd-ten";
  profile.n_sample = 100;
  for (ProfileHour& hour : profile.hours) {
    hour.share[0] = 10'000;
    hour.footfall = 360;
    hour.dwell_ms = 10'000;  // one person on average
  }
  const auto jws = screen.sign(DocumentKind::profile, 1, write_profile(profile), screen.server,
                               "backend-1", "screen/lobby-1");
  screen.offer({screen.signed_schedule(10, {screen.add_content("a")}), "", jws, ""});
  const auto live_q4 = [&](Quality quality, std::int64_t person_ms, std::int64_t covered_ms) {
    AudienceLive live;
    live.written_at = screen.clock.boottime();
    live.quality = quality;
    live.person_ms_15min = person_ms;
    live.covered_ms_15min = covered_ms;
    REQUIRE(write_audience_live(screen.paths, live).ok());
    keeper->tick();
    return screen.board.newest()->live_q4;
  };
  CHECK(live_q4(Quality::people, 1'350'000, 900'000) == 24);
  CHECK(live_q4(Quality::people, 9'000'000, 900'000) == 32);
  CHECK(live_q4(Quality::people, 0, 900'000) == 8);
  CHECK(live_q4(Quality::people, 1'350'000, 800'000) == 16);
  CHECK(live_q4(Quality::flow, 1'350'000, 900'000) == 16);
  screen.clock.advance(4 * kSecond);
  keeper->tick();
  CHECK(screen.board.newest()->live_q4 == 16);
}
