// A quarter of an hour counted by hand beside the screen's own minutes.
#include "operator/camera_audit.hpp"

#include <doctest/doctest.h>

#include "manual_clock.hpp"
#include "operator/local_clock.hpp"
#include "platform/time_zone.hpp"
#include "state/camera.hpp"
#include "state/field_notes.hpp"
#include "state/live.hpp"
#include "temp_directory.hpp"

namespace vitrine::op {
namespace {

using testing::ManualClock;
using testing::TempDirectory;

struct CountingScreen {
  TempDirectory temp;
  StatePaths paths{temp / "lib", temp / "run"};
  ManualClock clock;
  ZoneTable zone = *load_zone("Europe/Berlin");
  // The screen's minutes begin at second 27 by the clock that telemetry tells.
  std::int64_t offset_us = 0;
  Micros first = 0;  // minute
  CameraAuditOptions options;

  CountingScreen() {
    REQUIRE(make_state_directories(paths).ok());
    REQUIRE(write_atomic(paths.device_config(),
                         write_device_identity({"lobby-1", 7, "Europe/Berlin", {"a"}, "broker"}))
                .ok());
    first = (clock.boottime() / kMinute + 1) * kMinute;
    const auto began = parse_moment("2026-11-24 14:00:27", zone);
    REQUIRE(began.ok());
    offset_us = *began * kMillisecond - first;
    ClockState told;
    told.trust = ClockTrust::trusted;
    told.utc_minus_boottime_us = offset_us;
    told.written_at = clock.boottime();
    REQUIRE(write_clock_state(paths, told).ok());
    options.paths = paths;
    options.from = "2026-11-24 14:03:27";
    options.by = "A. Counter";
  }
  // Two in and one out each minute, from 14:00:27 on.
  std::vector<FlowRow> minutes(int count, std::int64_t coverage = 1000) const {
    std::vector<FlowRow> rows;
    for (int i = 0; i < count; ++i) {
      FlowRow row;
      row.boot = clock.boot_id();
      row.minute_start_us = first + i * kMinute;
      row.in = 2;
      row.out = 1;
      row.coverage_permille = coverage;
      row.quality = Quality::people;
      row.method = Method::dnn;
      rows.push_back(row);
    }
    return rows;
  }
  // As the daemon does: the log stays open while it is read.
  std::optional<ExposureLog> log;
  void write(const std::vector<FlowRow>& rows) {
    auto opened = ExposureLog::open(paths.exposure_log());
    REQUIRE(opened.ok());
    log.emplace(std::move(*opened));
    REQUIRE(log->append_flow(rows).ok());
  }
  Result<std::string> audit() const { return camera_audit(options, clock); }
  std::string refusal() const {
    const auto done = audit();
    return done ? "" : done.error().message;
  }
};

bool holds(const std::string& text, const std::string& words) {
  return text.find(words) != std::string::npos;
}

TEST_CASE("totals over the screen's own minutes give its factor, a file and an event") {
  CountingScreen screen;
  screen.write(screen.minutes(30));
  screen.options.in = 33;
  screen.options.out = 12;
  const auto report = screen.audit();
  REQUIRE_MESSAGE(report.ok(), report.error().message);
  CHECK(holds(*report, "15 whole minutes from 2026-11-24 14:03:27 on, counted by A. Counter"));
  CHECK(holds(*report, "in          33             30"));
  CHECK(holds(*report, "out         12             15"));
  CHECK(holds(*report, "both        45             45       1.000"));
  CHECK(holds(*report, "coverage 100 %, method dnn, quality people"));
  CHECK(holds(*report, "no count of this screen is multiplied"));
  const auto files = list_directory(screen.paths.camera_audits());
  REQUIRE(files == std::vector<std::string>{"2026-11-24T13:03:27Z"});
  const auto kept = read_text(screen.paths.camera_audits() / files[0]);
  REQUIRE(kept.ok());
  CHECK(report->starts_with(*kept));
  const auto notes = field_notes_after(screen.paths, 0);
  REQUIRE(notes.size() == 1);
  CHECK(notes[0].code == "camera-audit");
  CHECK(holds(notes[0].text, "A. Counter counted 33 in and 12 out in 15 minutes"));
  CHECK(holds(notes[0].text, "factor 1.000, 95 % 0.647"));
}

TEST_CASE("totals that begin in the middle of a minute cannot be compared, times can") {
  CountingScreen screen;
  screen.write(screen.minutes(30));
  screen.options.from = "2026-11-24 14:03:00";
  screen.options.in = screen.options.out = 10;
  CHECK(holds(screen.refusal(), "begin at second 27"));
  CHECK(holds(screen.refusal(), "--times"));

  // 14 whole minutes lie in 14:03:00 to 14:18:00: what was counted before and after is left out.
  screen.options.in = screen.options.out = -1;
  screen.options.times = screen.temp / "times";
  REQUIRE(write_atomic(screen.options.times,
                       "# the door on the left\n14:03:10 in\n14:03:30 in\n14:10:00 out # twice?\n\n"
                       "14:17:26 in\n14:17:27 out\n")
              .ok());
  const auto report = screen.audit();
  REQUIRE_MESSAGE(report.ok(), report.error().message);
  CHECK(holds(*report, "14 whole minutes from 2026-11-24 14:03:27 on"));
  CHECK(holds(*report, "in           2             28"));
  CHECK(holds(*report, "out          1             14"));
}

TEST_CASE("a file that is no count is refused by its line") {
  CountingScreen screen;
  const auto wrong = [&](const std::string& text) {
    const auto read = parse_hand_count(text, 0, screen.zone);
    return read ? "" : read.error().message;
  };
  CHECK(holds(wrong("14:03:10 in\n14:03:11 up\n"), "line 2"));
  CHECK(holds(wrong("14:03:10\n"), "line 1"));
  CHECK(holds(wrong("14:03:10 in out\n"), "line 1"));
  CHECK(holds(wrong("25:03:10 in\n"), "line 1"));
}

TEST_CASE("a count over midnight goes on on the next day") {
  CountingScreen screen;
  const auto from = parse_moment("2026-11-24 23:55:00", screen.zone);
  REQUIRE(from.ok());
  const auto read = parse_hand_count("23:56:00 in\n00:01:00 out\n", *from, screen.zone);
  REQUIRE(read.ok());
  REQUIRE(read->size() == 2);
  CHECK((*read)[0].utc_ms - *from == 60'000);
  CHECK((*read)[1].utc_ms - *from == 360'000);
}

TEST_CASE("minutes that are missing, of another boot or blind are no ground for a factor") {
  CountingScreen screen;
  screen.options.in = screen.options.out = 10;
  SUBCASE("not written yet") {
    screen.write(screen.minutes(17));
    CHECK(holds(screen.refusal(), "1 are not in the screen's log"));
  }
  SUBCASE("another boot") {
    auto rows = screen.minutes(30);
    for (FlowRow& row : rows) row.boot = BootId{9, 9};
    screen.write(rows);
    CHECK(holds(screen.refusal(), "15 are not in the screen's log"));
  }
  SUBCASE("blind") {
    screen.write(screen.minutes(30, 850));
    CHECK(holds(screen.refusal(), "saw 85 %"));
  }
  SUBCASE("another method in between") {
    auto rows = screen.minutes(30);
    rows[10].quality = Quality::flow;
    screen.write(rows);
    CHECK(holds(screen.refusal(), "the method changed"));
  }
  SUBCASE("no log at all") {
    CHECK(holds(screen.refusal(), "the screen's own counts"));
  }
  CHECK(field_notes_after(screen.paths, 0).empty());
  CHECK(list_directory(screen.paths.camera_audits()).empty());
}

TEST_CASE("a minute with a restart has two rows that add up") {
  CountingScreen screen;
  auto rows = screen.minutes(30);
  FlowRow half = rows[5];
  half.coverage_permille = 400;
  rows[5].coverage_permille = 500;
  rows.insert(rows.begin() + 6, half);
  screen.write(rows);
  screen.options.in = 32;
  screen.options.out = 16;
  const auto report = screen.audit();
  REQUIRE_MESSAGE(report.ok(), report.error().message);
  CHECK(holds(*report, "both        48             48"));
  CHECK(holds(*report, "coverage 99 %"));
}

TEST_CASE("without a beginning it says when one could begin, and a count needs a name") {
  CountingScreen screen;
  screen.options.from.clear();
  const auto told = screen.audit();
  REQUIRE(told.ok());
  CHECK(holds(*told, "begin at second 27"));
  CHECK(holds(*told, "vitrine camera audit --from \"2026-11-24 "));
  screen.options.from = "2026-11-24 14:03:27";
  CHECK(holds(screen.refusal(), "--in N and --out N"));
  screen.options.by.clear();
  CHECK(holds(screen.refusal(), "--by"));
}

}  // namespace
}  // namespace vitrine::op
