// Display hours as the programme of a schedule keeps them.
#include <doctest/doctest.h>

#include "player/schedule_programme.hpp"
#include "screen.hpp"

using namespace vitrine;
using namespace vitrine::testing;

namespace {

struct NoRows final : PlaySink {
  void play(const PlayRow&, std::int64_t) override { ++plays; }
  void input(const InputRow&) override {}
  int plays = 0;
};

// A screen that shows from 08:00 to 20:00 UTC, at a time of day by a clock of that trust.
struct DaytimeScreen {
  Screen screen;
  NoRows rows;
  PanelPlan panel{ZoneTable()};
  ScheduleProgramme programme{
      {screen.clock, screen.paths, screen.board, rows, screen.zone, 1, nullptr, &panel, nullptr},
      ScreenLog()};

  void publish(std::int64_t hour, ClockTrust trust, bool with_takeover = false) {
    ActiveDocuments documents;
    documents.generation = 4;
    Daypart part;
    part.from_minute = 8 * 60;
    part.until_minute = 20 * 60;
    documents.settings.display_hours = {part};
    auto inputs = std::make_shared<PlayInputs>();
    inputs->documents = std::make_shared<const ActiveDocuments>(documents);
    if (with_takeover) {
      ActiveTakeover takeover;
      takeover.takeover.creative = 9;
      inputs->takeover = std::make_shared<const ActiveTakeover>(takeover);
    }
    inputs->clock = {trust, 20'000 * kDay + hour * kHour - screen.clock.boottime()};
    screen.board.publish(inputs);
  }
  bool dark() { return programme.dark(screen.clock.boottime()); }
};

}  // namespace

TEST_CASE("outside the display hours the programme wants the panel off, and says so") {
  DaytimeScreen lobby;
  lobby.publish(12, ClockTrust::trusted);
  CHECK_FALSE(lobby.dark());
  lobby.publish(22, ClockTrust::trusted);
  lobby.screen.clock.advance(kSecond);
  CHECK(lobby.dark());
  const auto live = read_player_live(lobby.screen.paths, lobby.screen.clock.boottime());
  REQUIRE(live);
  CHECK(live->reason == "panel-off");
  CHECK(live->label.empty());
  CHECK(live->error.empty());
  CHECK(live->generation == 4);
  CHECK(lobby.rows.plays == 0);
  // Nothing that is being tried is blamed for it.
  CHECK(lobby.screen.board.last_report().unplayable_since == kAbsent);
}

TEST_CASE("without a trusted clock the panel stays on") {
  DaytimeScreen lobby;
  lobby.publish(22, ClockTrust::held);
  CHECK_FALSE(lobby.dark());
  lobby.publish(22, ClockTrust::none);
  CHECK_FALSE(lobby.dark());
}

TEST_CASE("a takeover does not light a dark panel; an operator does") {
  DaytimeScreen lobby;
  lobby.publish(22, ClockTrust::trusted, true);
  CHECK(lobby.dark());
  lobby.panel.order(true);
  CHECK_FALSE(lobby.dark());
}
