#include "audience/file_source.hpp"

#include <doctest/doctest.h>

#include <fstream>

#include "audience/camera_loop.hpp"
#include "audience/mog2.hpp"
#include "drawn_scene.hpp"
#include "manual_clock.hpp"
#include "temp_directory.hpp"

using namespace vitrine;
using vitrine::testing::draw;
using vitrine::testing::ManualClock;
using vitrine::testing::TempDirectory;
using vitrine::testing::write_clip;

TEST_CASE("frames come at the clip's own pace and hold the clip's own pixels") {
  const TempDirectory dir;
  const std::vector<vitrine::testing::Walker> walkers{{0, 0, 60}};
  write_clip(dir / "clip.y4m", walkers, 2);
  const ManualClock clock;
  const Micros start = clock.boottime();
  auto source = open_file_source(dir / "clip.y4m", clock);
  REQUIRE_MESSAGE(source.ok(), source.error().message);
  Frame frame;
  for (int i = 0; i < 20; ++i) {
    auto got = (*source)->next(frame, clock.boottime() + kSecond);
    REQUIRE(got.ok());
    REQUIRE(*got);
    CHECK(frame.at == start + i * 100 * kMillisecond);
    CHECK(clock.boottime() == frame.at);
    CHECK(frame.width == vitrine::testing::kSceneWidth);
    CHECK(frame.luma == draw(walkers, i / 10.0).luma);
    CHECK_FALSE(frame.restarted);
  }
}

TEST_CASE("a clip with colours keeps them at half its size, a grey one has none") {
  const TempDirectory dir;
  const ManualClock clock;
  Frame frame;
  const auto first = [&](const char* colours, const std::string& planes) {
    std::ofstream(dir / "clip.y4m", std::ios::binary)
        << "YUV4MPEG2 W3 H3 F10:1 Ip A1:1 C" << colours << "\nFRAME\n"
        << planes;
    auto source = open_file_source(dir / "clip.y4m", clock);
    REQUIRE_MESSAGE(source.ok(), source.error().message);
    REQUIRE(*(*source)->next(frame, clock.boottime() + kSecond));
    CHECK(as_text(frame.luma) == "abcdefghi");
    CHECK_FALSE(frame.full_range);
  };
  first("420jpeg", "abcdefghiBCDEbcde");
  CHECK(as_text(frame.cb) == "BCDE");
  CHECK(as_text(frame.cr) == "bcde");
  first("422", "abcdefghiBCDEFGbcdefg");
  CHECK(as_text(frame.cb) == "BCFG");
  CHECK(as_text(frame.cr) == "bcfg");
  first("444", "abcdefghiABCDEFGHIabcdefghi");
  CHECK(as_text(frame.cb) == "ACGI");
  CHECK(as_text(frame.cr) == "acgi");
  CHECK(frame.coloured());
  first("mono", "abcdefghi");
  CHECK_FALSE(frame.coloured());
}

TEST_CASE("at its end the clip begins anew, one frame time later and marked as no continuation") {
  const TempDirectory dir;
  write_clip(dir / "clip.y4m", {}, 1);
  const ManualClock clock;
  const Micros start = clock.boottime();
  auto source = open_file_source(dir / "clip.y4m", clock);
  REQUIRE(source.ok());
  Frame frame;
  for (int i = 0; i < 35; ++i) {
    auto got = (*source)->next(frame, clock.boottime() + kSecond);
    REQUIRE(got.ok());
    REQUIRE(*got);
    CHECK(frame.at == start + i * 100 * kMillisecond);
    CHECK(frame.restarted == (i > 0 && i % 10 == 0));
  }
}

TEST_CASE("without looping the end of the clip is told") {
  const TempDirectory dir;
  write_clip(dir / "clip.y4m", {}, 1);
  const ManualClock clock;
  auto source = open_file_source(dir / "clip.y4m", clock, {.loop = false});
  REQUIRE(source.ok());
  Frame frame;
  int frames = 0;
  for (;;) {
    auto got = (*source)->next(frame, clock.boottime() + kSecond);
    if (!got) {
      CHECK(got.error().code == ErrorCode::exhausted);
      break;
    }
    ++frames;
  }
  CHECK(frames == 10);
}

TEST_CASE("of a faster clip ten frames a second are handed out") {
  const TempDirectory dir;
  write_clip(dir / "clip.y4m", {}, 4, 25);
  const ManualClock clock;
  const Micros start = clock.boottime();
  auto source = open_file_source(dir / "clip.y4m", clock);
  REQUIRE(source.ok());
  Frame frame;
  int frames = 0;
  Micros last = start - 100 * kMillisecond;
  while (clock.boottime() < start + 3 * kSecond) {
    auto got = (*source)->next(frame, clock.boottime() + kSecond);
    REQUIRE(got.ok());
    CHECK(frame.at - last <= 120 * kMillisecond);
    last = frame.at;
    ++frames;
  }
  CHECK(frames >= 30);
  CHECK(frames <= 31);
}

TEST_CASE("a frame that is not due in time is waited for next time and not lost") {
  const TempDirectory dir;
  write_clip(dir / "clip.y4m", {}, 1, 2);
  const ManualClock clock;
  const Micros start = clock.boottime();
  auto source = open_file_source(dir / "clip.y4m", clock);
  REQUIRE(source.ok());
  Frame frame;
  CHECK(*(*source)->next(frame, start + kSecond));
  CHECK_FALSE(*(*source)->next(frame, start + 200 * kMillisecond));
  CHECK(clock.boottime() == start + 200 * kMillisecond);
  CHECK(*(*source)->next(frame, start + kSecond));
  CHECK(frame.at == start + 500 * kMillisecond);
}

TEST_CASE(
    "who comes late gets the newest frame, who comes far too late a clip that goes on from now") {
  const TempDirectory dir;
  write_clip(dir / "clip.y4m", {}, 10);
  ManualClock clock;
  const Micros start = clock.boottime();
  auto source = open_file_source(dir / "clip.y4m", clock);
  REQUIRE(source.ok());
  Frame frame;
  CHECK(*(*source)->next(frame, start + kSecond));
  clock.advance(kSecond);
  CHECK(*(*source)->next(frame, clock.boottime() + kSecond));
  CHECK(clock.boottime() - frame.at <= 250 * kMillisecond);
  clock.advance(kMinute);
  const Micros now = clock.boottime();
  CHECK(*(*source)->next(frame, now + kSecond));
  CHECK(frame.at == now);
}

TEST_CASE("a missing file, a directory and rubbish are refused in one clear line") {
  const TempDirectory dir;
  const ManualClock clock;
  const auto missing = open_file_source(dir / "absent.avi", clock);
  REQUIRE_FALSE(missing.ok());
  CHECK(missing.error().message ==
        "cannot read camera file " + (dir / "absent.avi").string() + ": it does not exist");
  CHECK(open_file_source(dir.path(), clock).error().message.find("no regular file") !=
        std::string::npos);
  std::ofstream(dir / "rubbish.avi") << std::string(5000, 'x');
  const auto rubbish = open_file_source(dir / "rubbish.avi", clock);
  REQUIRE_FALSE(rubbish.ok());
  CHECK(rubbish.error().message.find("rubbish.avi") != std::string::npos);
  CHECK(rubbish.error().message.find('\n') == std::string::npos);
}

TEST_CASE(
    "a camera that is missing is tried every two seconds, gives coverage once it comes, and may go "
    "again") {
  const TempDirectory dir;
  const fs::path clip = dir / "clip.y4m";
  const ManualClock clock;
  const auto detector = make_mog2_detector();
  PresenceTimeline timeline(detector->quality(), detector->method(), {});
  Observer observer(*detector, {}, timeline);
  int tries = 0;
  CameraLoop camera(
      clock, clip.string(),
      [&] {
        ++tries;
        return open_file_source(clip, clock);
      },
      observer);
  const auto run_until = [&](Micros until) {
    while (clock.boottime() < until) camera.step();
  };
  const auto coverage = [&](Micros from, Micros until) {
    return expose(timeline.timeline(clock.boottime()), 1, 1, from, until).coverage_permille;
  };
  const Micros start = clock.boottime();
  run_until(start + 7 * kSecond);
  CHECK(tries == 4);
  CHECK(camera.state() == CameraState::absent);
  CHECK(timeline.complete_until(clock.boottime()) == clock.boottime());

  write_clip(clip, {}, 5);
  run_until(start + 28 * kSecond);
  CHECK(camera.state() == CameraState::open);
  CHECK(coverage(start, start + 8 * kSecond) == 0);
  CHECK(coverage(start + 10 * kSecond, start + 27 * kSecond) ==
        1000);  // over several rounds of the clip

  fs::remove(clip);
  run_until(start + 40 * kSecond);
  CHECK(camera.state() == CameraState::absent);
  CHECK(coverage(start + 34 * kSecond, start + 40 * kSecond) == 0);

  write_clip(clip, {}, 5);
  run_until(start + 60 * kSecond);
  CHECK(camera.state() == CameraState::open);
  CHECK(coverage(start + 45 * kSecond, start + 59 * kSecond) == 1000);
}
