// The daemon over its own files: a clip, a real play log, exposure.db and run/audience/live.
#include "audience/daemon.hpp"

#include <doctest/doctest.h>

#include <set>
#include <thread>

#include "drawn_scene.hpp"
#include "hand_set_network.hpp"
#include "manual_clock.hpp"
#include "platform/crypto.hpp"
#include "platform/file_lock.hpp"
#include "state/live.hpp"
#include "state/status.hpp"
#include "temp_directory.hpp"

using namespace vitrine;
using vitrine::testing::kSceneWidth;
using vitrine::testing::ManualClock;
using vitrine::testing::TempDirectory;
using vitrine::testing::write_clip;

namespace {

struct Screen {
  TempDirectory dir;
  ManualClock clock;
  AudienceOptions options;
  std::optional<PlayLog> player;

  Screen() {
    options.paths = {dir / "state", dir / "run"};
    for (const fs::path& path : {options.paths.plays(), options.paths.plays_log().beside,
                                 options.paths.camera_settings(), options.paths.camera_held()})
      REQUIRE(make_directories(path.parent_path()).ok());
    allow(true);
    auto opened = PlayLog::open(options.paths.plays_log(), "screen-1", PrivateKey::generate());
    REQUIRE(opened.ok());
    player.emplace(std::move(*opened));
  }
  void allow(bool on) {
    CameraSettings settings;
    settings.on = on;
    settings.basis = {"a test's own pictures", "the test", "2026-01-01"};
    REQUIRE(write_camera_settings(options.paths, settings).ok());
  }
  std::unique_ptr<AudienceDaemon> open() {
    auto daemon = AudienceDaemon::open(options, clock);
    REQUIRE_MESSAGE(daemon.ok(), daemon.error().message);
    return std::move(*daemon);
  }
  void play(Micros from, Micros until) {
    PlayRow row;
    row.boot = clock.boot_id();
    row.planned_start_us = row.first_flip_us = from;
    row.planned_length_us = until - from;
    row.last_flip_us = until;
    REQUIRE(player->append(row, 20000).ok());
  }
  std::vector<ExposureRow> rows() {
    auto reader = ExposureLogReader::open(options.paths.exposure_log());
    REQUIRE(reader.ok());
    auto all = reader->exposures_after(0);
    REQUIRE(all.ok());
    return *all;
  }
};

}  // namespace

TEST_CASE("walkers on a looping clip become exposure rows, minutes and live figures") {
  Screen screen;
  screen.options.camera = screen.dir / "clip.y4m";
  // 20 s: two to the right, one to the left.
  write_clip(screen.options.camera, {{3, -20, 60}, {10, kSceneWidth, -70}, {11, -20, 80, 1e9, 100}},
             20);
  const auto daemon = screen.open();
  const Micros start = screen.clock.boottime();
  Micros next_tick = start;
  int plays = 0;
  while (screen.clock.boottime() < start + 83 * kSecond) {
    daemon->step_camera();
    const Micros now = screen.clock.boottime();
    if (now >= start + (plays + 1) * 10 * kSecond) {
      screen.play(start + plays * 10 * kSecond, start + (plays + 1) * 10 * kSecond);
      ++plays;
    }
    if (now >= next_tick) {
      daemon->tick();
      next_tick = now + kTick;
    }
  }
  const auto live = read_audience_live(screen.options.paths, screen.clock.boottime());
  REQUIRE(live.has_value());
  CHECK(live->camera == "ok");
  CHECK(live->quality == Quality::flow);
  CHECK(live->fps_milli == 10000);
  CHECK(live->crossings == 12);
  CHECK(live->covered_ms_15min > 55000);
  daemon->finish();

  const auto rows = screen.rows();
  REQUIRE(rows.size() == 8);
  std::int64_t crossings = 0, person_ms = 0;
  for (const ExposureRow& row : rows) {
    crossings += row.crossings;
    person_ms += row.person_ms;
    CHECK(row.coverage_permille >= (row.play_seq == 1 ? 880 : 1000));
  }
  CHECK(crossings == 12);  // three in each of four rounds
  CHECK(person_ms > 4 * 10000);

  auto reader = ExposureLogReader::open(screen.options.paths.exposure_log());
  REQUIRE(reader.ok());
  const auto flows = reader->flows_after(0);
  REQUIRE(flows.ok());
  std::int64_t in = 0, out = 0;
  for (const FlowRow& row : *flows) {
    in += row.in;
    out += row.out;
  }
  CHECK(in == 8);
  CHECK(out == 4);
}

TEST_CASE("a day without a camera: rows with coverage 0, and the live file says none") {
  Screen screen;
  const auto daemon = screen.open();
  CHECK_FALSE(daemon->has_camera());
  const Micros start = screen.clock.boottime();
  for (int i = 0; i < 5; ++i) {
    screen.clock.advance(10 * kSecond);
    screen.play(start + i * 10 * kSecond, start + (i + 1) * 10 * kSecond);
    daemon->tick();
  }
  const auto live = read_audience_live(screen.options.paths, screen.clock.boottime());
  REQUIRE(live.has_value());
  CHECK(live->camera == "none");
  CHECK(live->quality == Quality::none);
  daemon->finish();
  const auto rows = screen.rows();
  REQUIRE(rows.size() == 5);
  for (const ExposureRow& row : rows) {
    CHECK(row.coverage_permille == 0);
    CHECK(row.quality == Quality::none);
  }
}

TEST_CASE("without a recorded basis the camera stays closed, and switching off closes it at once") {
  Screen screen;
  screen.options.camera = screen.dir / "clip.y4m";
  write_clip(screen.options.camera, {{0, 0, 20}}, 20);
  const auto daemon = screen.open();
  const Micros start = screen.clock.boottime();
  int plays = 0;
  const auto watch = [&](const std::string& camera, std::int64_t at_least, std::int64_t at_most) {
    for (const Micros until = start + (plays + 1) * 10 * kSecond;
         screen.clock.boottime() < until;) {
      daemon->step_camera();
    }
    daemon->tick();
    const auto live = read_audience_live(screen.options.paths, screen.clock.boottime());
    REQUIRE(live.has_value());
    CHECK(live->camera == camera);
    CHECK((live->fps_milli > 0) == (camera == "ok"));
    screen.play(start + plays * 10 * kSecond, start + (plays + 1) * 10 * kSecond);
    ++plays;
    screen.clock.advance(2 * kSecond);
    daemon->tick();
    const auto rows = screen.rows();
    REQUIRE(static_cast<int>(rows.size()) == plays);
    CHECK(rows.back().coverage_permille >= at_least);
    CHECK(rows.back().coverage_permille <= at_most);
    CHECK((rows.back().quality == Quality::none) == (at_most == 0));
  };
  screen.allow(false);
  watch("off", 0, 0);
  screen.allow(true);
  watch("ok", 300, 999);
  screen.allow(false);
  watch("off", 0, 0);
  watch("off", 0, 0);
  REQUIRE(remove_file(screen.options.paths.camera_settings()).ok());
  watch("off", 0, 0);
  screen.allow(true);
  {
    const auto technician = FileLock::take(screen.options.paths.camera_held());
    REQUIRE(technician.ok());
    watch("set-up", 0, 0);
  }
  watch("ok", 300, 999);
}

TEST_CASE("the line that a technician saved counts from the next opening of the camera on") {
  Screen screen;
  screen.options.camera = screen.dir / "clip.y4m";
  screen.options.saved_line = true;
  write_clip(screen.options.camera, {{3, -20, 60}}, 10);  // to the right
  CameraSettings settings = *read_camera_settings(screen.options.paths);
  settings.line = "500,1000,500,0";  // drawn upwards: in is to the left
  REQUIRE(write_camera_settings(screen.options.paths, settings).ok());
  const auto daemon = screen.open();
  const Micros start = screen.clock.boottime();
  const auto watch = [&](Micros until) {
    while (screen.clock.boottime() < until) {
      daemon->step_camera();
      daemon->tick();
    }
  };
  watch(start + 20 * kSecond);
  {
    const auto technician = FileLock::take(screen.options.paths.camera_held());
    REQUIRE(technician.ok());
    watch(start + 25 * kSecond);
    settings.line = "500,0,500,1000";
    REQUIRE(write_camera_settings(screen.options.paths, settings).ok());
  }
  watch(start + 48 * kSecond);
  daemon->finish();
  auto reader = ExposureLogReader::open(screen.options.paths.exposure_log());
  REQUIRE(reader.ok());
  const auto flows = reader->flows_after(0);
  REQUIRE(flows.ok());
  std::int64_t in = 0, out = 0;
  for (const FlowRow& row : *flows) {
    in += row.in;
    out += row.out;
  }
  CHECK(out == 2);  // two rounds of ten seconds
  CHECK(in == 2);
}

TEST_CASE(
    "present is who stands in the zone that a technician saved, and a spoilt one changes nothing") {
  const auto person_ms = [](const std::string& zone) {
    Screen screen;
    screen.options.camera = screen.dir / "clip.y4m";
    screen.options.saved_zone = true;
    write_clip(screen.options.camera, {{3, -20, 60}}, 10);
    CameraSettings settings = *read_camera_settings(screen.options.paths);
    settings.zone = zone;
    REQUIRE(write_camera_settings(screen.options.paths, settings).ok());
    const auto daemon = screen.open();
    const Micros start = screen.clock.boottime();
    while (screen.clock.boottime() < start + 9 * kSecond) daemon->step_camera();
    screen.play(start, screen.clock.boottime());
    daemon->finish();
    const auto rows = screen.rows();
    REQUIRE(rows.size() == 1);
    return rows[0].person_ms;
  };
  const auto whole = person_ms("");
  CHECK(whole > 1'000);
  CHECK(person_ms("0,0,1000,0,1000,50,0,50") == 0);  // nobody's feet are up there
  const auto half = person_ms("0,0,500,0,500,1000,0,1000");
  CHECK(half > 300);
  CHECK(half < whole);
  CHECK(person_ms("0,0,500") == whole);
}

TEST_CASE("at its end it still writes the rows of plays that ended just before") {
  Screen screen;
  screen.options.camera = screen.dir / "clip.y4m";
  write_clip(screen.options.camera, {{0, 0, 20}}, 20);  // somebody is in view at the end
  const auto daemon = screen.open();
  const Micros start = screen.clock.boottime();
  while (screen.clock.boottime() < start + 10 * kSecond) daemon->step_camera();
  screen.play(start, screen.clock.boottime());
  daemon->tick();
  daemon->finish();
  const auto rows = screen.rows();
  REQUIRE(rows.size() == 1);
  CHECK(rows[0].coverage_permille > 850);
}

TEST_CASE(
    "the only files it leaves are exposure.db and the live figures: no frame is ever written") {
  Screen screen;
  screen.options.camera = screen.dir / "clip.y4m";
  write_clip(screen.options.camera, {{3, -20, 60}}, 12);
  {
    const auto daemon = screen.open();
    const Micros start = screen.clock.boottime();
    while (screen.clock.boottime() < start + 15 * kSecond) {
      daemon->step_camera();
      daemon->tick();
    }
    daemon->finish();
  }
  std::set<std::string> files;
  std::uintmax_t bytes = 0;
  for (const auto& entry : fs::recursive_directory_iterator(screen.dir.path())) {
    if (!entry.is_regular_file()) continue;
    const std::string name = entry.path().filename();
    if (name.starts_with("plays.db") || name == "clip.y4m" || name == "settings.toml") continue;
    files.insert(name);
    bytes += entry.file_size();
  }
  for (const std::string& name : files) {
    CAPTURE(name);
    CHECK((name.starts_with("exposure.db") || name == "live"));
  }
  // 150 frames of 76,800 bytes passed.
  CHECK(bytes < 500'000);
}

TEST_CASE("where rows wait minutes to be sent they are written together, elsewhere at once") {
  for (const std::int64_t period_s : {20, 300}) {
    CAPTURE(period_s);
    Screen screen;
    TelemetryStatus status;
    status.boot = screen.clock.boot_id();
    status.batch_period_s = period_s;
    REQUIRE(make_directories(screen.options.paths.status().parent_path()).ok());
    const auto daemon = screen.open();
    const auto play_and_tick = [&](int seconds) {
      for (int i = 0; i < seconds; i += 10) {
        const Micros from = screen.clock.boottime();
        screen.clock.advance(10 * kSecond);
        screen.play(from, screen.clock.boottime());
        status.written_at = screen.clock.boottime();
        REQUIRE(write_telemetry_status(screen.options.paths, status).ok());
        screen.clock.advance(2 * kSecond);
        daemon->tick();
      }
    };
    play_and_tick(10);  // the first at once
    CHECK(screen.rows().size() == 1);
    play_and_tick(120);
    CHECK(screen.rows().size() == (period_s == 20 ? 13 : 1));
    play_and_tick(10);
    CHECK(screen.rows().size() == 14);
    // Telemetry is silent: nobody knows how long rows may wait.
    screen.clock.advance(2 * kMinute);
    daemon->tick();
    screen.play(screen.clock.boottime() - 20 * kSecond, screen.clock.boottime() - 10 * kSecond);
    screen.clock.advance(kSecond);
    daemon->tick();
    CHECK(screen.rows().size() == 15);
  }
}

TEST_CASE("an unknown detector is refused in one line") {
  Screen screen;
  screen.options.detector.name = "crystal-ball";
  const auto daemon = AudienceDaemon::open(screen.options, screen.clock);
  REQUIRE_FALSE(daemon.ok());
  CHECK(daemon.error().message.find("crystal-ball") != std::string::npos);
}

TEST_CASE("with a network the rows are of people, and each carries the hash of its model") {
  Screen screen;
  screen.options.camera = screen.dir / "clip.y4m";
  // One who comes, stands for a while and goes, one who walks through.
  write_clip(screen.options.camera,
             {{3, -20, 40, 7.5}, {7.5, 160, 0, 14}, {14, 160, 40}, {20, 320, -40}}, 30);
  const vitrine::testing::HandSetNetwork network{.bright = false, .half = 0.75};
  const ModelFiles files = vitrine::testing::write_network(screen.dir.path(), network);
  const Hash256 hash = vitrine::testing::hash_of(network);
  screen.options.detector = {.name = "dnn",
                             .model = files.description.string() + "," + files.weights.string(),
                             .model_sha256 = to_hex(hash)};
  const auto daemon = screen.open();
  const Micros start = screen.clock.boottime();
  while (screen.clock.boottime() < start + 29 * kSecond) daemon->step_camera();
  screen.play(start + kSecond, start + 28 * kSecond);
  daemon->finish();
  const auto rows = screen.rows();
  REQUIRE(rows.size() == 1);
  CHECK(rows[0].quality == Quality::people);
  CHECK(rows[0].method == Method::dnn);
  CHECK(rows[0].model == hash);
  CHECK(rows[0].coverage_permille == 1000);
  CHECK(rows[0].ots == 2);
  CHECK(rows[0].crossings == 2);
  // 15 s with a rest, and the 8 s of the way back that the play saw; less at the edges.
  CHECK(rows[0].person_ms > 20000);
  CHECK(rows[0].person_ms < 24000);

  screen.options.detector.model_sha256 = to_hex(Hash256{});
  const auto other = AudienceDaemon::open(screen.options, screen.clock);
  REQUIRE_FALSE(other.ok());
  CHECK(other.error().message.find("SHA-256") != std::string::npos);
}

TEST_CASE("a network without a model, a model without a network, a hash that is none: refused") {
  Screen screen;
  for (const DetectorOptions& detector :
       {DetectorOptions{.name = "dnn"}, DetectorOptions{.name = "mog2", .model = "a.cfg,a.weights"},
        DetectorOptions{.name = "dnn", .model = "a.cfg,a.weights", .model_sha256 = "abc"}}) {
    screen.options.detector = detector;
    CHECK_FALSE(AudienceDaemon::open(screen.options, screen.clock).ok());
  }
}

TEST_CASE("camera thread and main loop work side by side") {
  Screen screen;
  screen.options.camera = screen.dir / "clip.y4m";
  write_clip(screen.options.camera, {{3, -20, 60}}, 10);
  const auto daemon = screen.open();
  const Micros start = screen.clock.boottime();
  std::atomic<bool> ending{false};
  std::thread camera([&] {
    for (int i = 0; i < 200; ++i) daemon->step_camera();
    ending = true;
  });
  while (!ending) daemon->tick();
  camera.join();
  screen.play(start + 2 * kSecond, start + 12 * kSecond);
  daemon->finish();
  const auto rows = screen.rows();
  REQUIRE(rows.size() == 1);
  CHECK(rows[0].coverage_permille == 1000);
}
