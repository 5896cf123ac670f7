#include <doctest/doctest.h>

#include <algorithm>
#include <set>

#include "player/status_drawer.hpp"
#include "process.hpp"
#include "status_picture.hpp"

using namespace vitrine;

namespace {

// As bad as it gets, with all lines as long as they come.
StatusFacts worst() {
  const std::string line =
      "cannot apply generation 18446744073709551615: schedule 4294967295: none of its creatives "
      "can be shown (1000 rejected by vet, 1000 quarantined, the others absent or altered)";
  StatusFacts facts;
  facts.screen = std::string(64, 'w');
  facts.board = std::string(40, '8');
  facts.software = "0.1.0";
  facts.link = StatusFacts::Link::down;
  facts.link_for = 400 * kDay;
  facts.link_reason = line;
  facts.clock = ClockTrust::held;
  facts.local_time = "2026-11-30 21:05:17 +08:00";
  facts.playing = facts.rejected = UINT64_MAX;
  facts.rejected_reason = facts.waiting_for = facts.nothing_because = facts.last_error = line;
  facts.camera = line;
  return facts;
}

StatusFacts playing() {
  StatusFacts facts;
  facts.screen = "lobby-1";
  facts.board = "10000000a3d5f7c1";
  facts.software = "0.1.0";
  facts.link = StatusFacts::Link::up;
  facts.link_for = 185 * kSecond;
  facts.clock = ClockTrust::trusted;
  facts.local_time = "2026-11-30 21:05:17 +08:00";
  facts.playing = 12;
  facts.camera = "ok";
  facts.camera_quality = Quality::people;
  return facts;
}

std::string value_of(const StatusSheet& sheet, const std::string& label) {
  for (const StatusRow& row : sheet.rows) {
    if (row.label.starts_with(label)) return row.value;
  }
  return "no such row";
}

struct Rect {
  int x, y, width, height;
  bool meets(const Rect& other) const {
    return x < other.x + other.width && other.x < x + width && y < other.y + other.height &&
           other.y < y + height;
  }
};

void check_fits(const StatusSheet& sheet, int width, int height) {
  CAPTURE(width);
  CAPTURE(height);
  const TextPainter text;
  const StatusPlan plan = plan_status(sheet, width, height, text);
  std::vector<Rect> rects;
  for (const auto& piece : plan.texts) {
    CAPTURE(piece.text);
    rects.push_back({piece.x, piece.y, piece.box.width, piece.box.height});
    CHECK(piece.style.size * 30 >= std::min(width, height));
    CHECK(text.unknown_glyphs(piece.text) == 0);
  }
  const int side = plan.code_module * plan.code.whole();
  rects.push_back({plan.code_x, plan.code_y, side, side});
  CHECK(plan.code_module >= 2);
  CHECK(plan.code.dark == encode_qr(sheet.code)->dark);
  for (std::size_t i = 0; i < rects.size(); ++i) {
    CAPTURE(i);
    CHECK(rects[i].x >= 0);
    CHECK(rects[i].y >= 0);
    CHECK(rects[i].x + rects[i].width <= width);
    CHECK(rects[i].y + rects[i].height <= height);
    for (std::size_t j = i + 1; j < rects.size(); ++j) {
      CAPTURE(j);
      CHECK_FALSE(rects[i].meets(rects[j]));
    }
  }
}

}  // namespace

TEST_CASE("all of the status picture lies on the glass, apart, in large letters") {
  StatusFacts unenrolled;
  unenrolled.board = "10000000a3d5f7c1";
  for (const StatusFacts& facts : {worst(), playing(), unenrolled}) {
    const StatusSheet sheet = status_sheet(facts);
    for (const auto& [width, height] :
         {std::pair{1280, 720}, std::pair{720, 1280}, std::pair{640, 360}, std::pair{1920, 1080},
          std::pair{1080, 1920}, std::pair{3840, 2160}}) {
      check_fits(sheet, width, height);
    }
  }
}

TEST_CASE("what matters most is never cut: headline and advice of every state") {
  std::vector<StatusFacts> states(10, playing());
  states[0].screen.clear();
  states[1].screen.clear();
  states[1].identity_problem = "device.toml: text 'screen' is missing";
  states[2].link = StatusFacts::Link::unknown;
  states[3].link = StatusFacts::Link::down;
  states[3].playing = 0;
  states[4].playing = 0;
  states[4].rejected = 13;
  states[5].playing = 0;
  states[5].waiting_for = "schedule 42: 3 of 12 creatives are here";
  states[6].playing = 0;
  states[7].clock = ClockTrust::none;
  states[8].nothing_because = "schedule 40 offers nothing now: 3 outside-daypart";
  states[9].screen.clear();
  states[9].awaited = "lobby-1";
  const char* headlines[] = {"Not enrolled",           "Identity cannot be read",
                             "Telemetry is silent",    "No link",
                             "Schedule refused",       "Content is on its way",
                             "Waiting for a schedule", "Waiting for the time",
                             "Nothing to show now",    "Waiting for its first link"};
  const TextPainter text;
  for (std::size_t i = 0; i < states.size(); ++i) {
    const StatusSheet sheet = status_sheet(states[i]);
    CHECK(sheet.headline == headlines[i]);
    CHECK_FALSE(sheet.headline_zh.empty());
    CHECK(sheet.advice.size() > 10);
    CHECK_FALSE(sheet.advice_zh.empty());
    for (const auto& [width, height] :
         {std::pair{1280, 720}, std::pair{720, 1280}, std::pair{640, 360}}) {
      for (const auto& piece : plan_status(sheet, width, height, text).texts) {
        CAPTURE(piece.text);
        if (piece.text == sheet.headline || piece.text == sheet.headline_zh ||
            piece.text == sheet.advice || piece.text == sheet.advice_zh)
          CHECK_FALSE(piece.box.cut);
      }
    }
  }
  CHECK(status_sheet(playing()).headline == "Ready");
}

TEST_CASE("each row says what the facts say") {
  StatusFacts facts = playing();
  facts.trying = 13;
  const StatusSheet sheet = status_sheet(facts);
  CHECK(sheet.name == "lobby-1");
  CHECK(sheet.code == "lobby-1");
  CHECK(value_of(sheet, "Enrolled") == "yes, board 10000000a3d5f7c1");
  CHECK(value_of(sheet, "Link") == "up for 3 min");
  CHECK(value_of(sheet, "Clock") == "2026-11-30 21:05:17 +08:00, trusted");
  CHECK(value_of(sheet, "Schedule") == "generation 12 confirmed, trying 13");
  CHECK(value_of(sheet, "Camera") == "ok, grade people");
  CHECK(value_of(sheet, "Last error") == "none");
  facts.trying = 0;
  facts.rejected = 13;
  facts.rejected_reason = "its key is revoked";
  facts.link = StatusFacts::Link::down;
  facts.link_reason = "no route to host";
  facts.clock = ClockTrust::none;
  const StatusSheet worse = status_sheet(facts);
  CHECK(value_of(worse, "Schedule") == "generation 12 confirmed, 13 refused: its key is revoked");
  CHECK(value_of(worse, "Link") == "down for 3 min: no route to host");
  CHECK(value_of(worse, "Clock") == "not known yet");
  facts.screen.clear();
  CHECK(status_sheet(facts).name == "board 10000000a3d5f7c1");
  CHECK(status_sheet(facts).code == "10000000a3d5f7c1");
}

TEST_CASE("a picture too small for any letter is drawn all the same") {
  const TextPainter text;
  for (const auto& [width, height] : {std::pair{16, 16}, std::pair{2, 400}, std::pair{400, 2}}) {
    const Canvas canvas = draw_status_picture(status_sheet(worst()), width, height, text);
    CHECK(canvas.width() == width);
  }
}

TEST_CASE("the drawer draws while it is asked, and only what has changed") {
  std::atomic<int> gathered = 0, playing_now = 12;
  StatusDrawer drawer(
      [&] {
        ++gathered;
        StatusFacts facts = playing();
        facts.playing = static_cast<std::uint64_t>(playing_now.load());
        return facts;
      },
      640, 360);
  CHECK(drawer.drawn() == 0);
  const auto first = drawer.newest();
  REQUIRE(first);
  CHECK(first->width() == 640);
  const int before = gathered;
  CHECK(testing::until([&] {
    (void)drawer.newest();
    return gathered > before + 2;
  }));
  CHECK(drawer.drawn() == 1);
  CHECK(drawer.newest() == first);
  playing_now = 13;
  CHECK(testing::until([&] { return drawer.newest() != first; }));
  CHECK(drawer.drawn() == 2);
}
