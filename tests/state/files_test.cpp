// The small files of state/: what is written comes back, and what is wrong is said.
#include <doctest/doctest.h>

#include "platform/crypto.hpp"
#include "state/commands.hpp"
#include "state/content_store.hpp"
#include "state/exposure_log.hpp"
#include "state/generation.hpp"
#include "state/live.hpp"
#include "temp_directory.hpp"

using namespace vitrine;

namespace {

StatePaths paths_in(const testing::TempDirectory& temp) {
  StatePaths paths{temp / "lib", temp / "run"};
  REQUIRE(make_state_directories(paths).ok());
  return paths;
}

void overwrite(const fs::path& path, std::string_view body) {
  REQUIRE(write_atomic(path, body).ok());
}

}  // namespace

TEST_CASE("a generation comes back as offered, and numbers count from the highest anybody knows") {
  testing::TempDirectory temp;
  const StatePaths paths = paths_in(temp);
  GenerationStore store(paths);
  CHECK(*store.offer({"schedule", "", "profile", ""}, {Hash256{1}, Hash256{2}}) == 1);
  CHECK(*store.offer({"schedule", "numbers", "profile", ""}, {Hash256{1}}) == 2);
  auto first = store.read(1);
  REQUIRE(first.ok());
  CHECK(first->files.schedule == "schedule");
  CHECK(first->files.numbers.empty());
  CHECK(first->creatives == std::vector{Hash256{1}, Hash256{2}});
  CHECK(fs::hard_link_count(paths.offered() / "2/schedule") == 2);

  ActiveState active;
  active.rejected = {41};
  REQUIRE(write_active(paths, active).ok());
  CHECK(*store.offer({"schedule", "", "", ""}, {}) == 42);
  REQUIRE(make_directories(paths.offered() / "50").ok());  // a crash before the manifest
  CHECK(*store.offer({"schedule", "", "", ""}, {}) == 51);
  CHECK(store.list() == std::vector<std::uint64_t>{1, 2, 42, 51});

  REQUIRE(store.prune({2}).ok());
  CHECK(store.list() == std::vector<std::uint64_t>{2, 51});
  CHECK_FALSE(fs::exists(paths.offered() / "50"));
  CHECK(store.offer({"", "numbers", "", ""}, {}).error().code == ErrorCode::invalid);
}

TEST_CASE("a number nobody counted up to is no generation and uses up no numbers") {
  testing::TempDirectory temp;
  const StatePaths paths = paths_in(temp);
  GenerationStore store(paths);
  REQUIRE(store.offer({"schedule", "", "", ""}, {}).ok());
  for (const char* far : {"18446744073709551615", "9223372036854775807", "1000001"}) {
    REQUIRE(make_directories(paths.offered() / far).ok());
    fs::copy_file(paths.offered() / "1/manifest", paths.offered() / far / "manifest");
  }
  CHECK(store.list() == std::vector<std::uint64_t>{1});
  CHECK(*store.offer({"schedule", "", "", ""}, {}) == 2);
}

TEST_CASE("a generation without a manifest does not exist") {
  testing::TempDirectory temp;
  const StatePaths paths = paths_in(temp);
  GenerationStore store(paths);
  REQUIRE(store.offer({"schedule", "", "", ""}, {}).ok());
  fs::remove(paths.offered() / "1/manifest");
  CHECK(store.list().empty());
  CHECK(store.read(1).error().code == ErrorCode::not_found);
}

TEST_CASE("an altered or missing file of a generation is corrupt and named") {
  testing::TempDirectory temp;
  const StatePaths paths = paths_in(temp);
  GenerationStore store(paths);
  REQUIRE(store.offer({"schedule", "numbers", "", ""}, {}).ok());
  overwrite(paths.offered() / "1/numbers", "other numbers");
  auto altered = store.read(1);
  CHECK(altered.error().code == ErrorCode::corrupt);
  CHECK(altered.error().message == "generation 1: numbers differs from its manifest");
  fs::remove(paths.offered() / "1/numbers");
  CHECK(store.read(1).error().code == ErrorCode::corrupt);
  overwrite(paths.offered() / "1/manifest", "creatives = [");
  CHECK(store.read(1).error().code == ErrorCode::corrupt);
}

TEST_CASE("the newest trust document is the one with the highest version") {
  testing::TempDirectory temp;
  GenerationStore store(paths_in(temp));
  CHECK(store.newest_trust()->empty());
  REQUIRE(store.put_trust(9, "nine").ok());
  REQUIRE(store.put_trust(10, "ten").ok());
  CHECK(*store.newest_trust() == "ten");
}

TEST_CASE("content is kept only when size and hash are right; a wrong part is removed") {
  testing::TempDirectory temp;
  ContentStore store(temp.path());
  const std::string body = "a picture";
  const Hash256 hash = sha256(as_bytes(body));
  CHECK(store.commit(hash, body.size()).error().code == ErrorCode::not_found);

  overwrite(store.part_of(hash), "a pixture");
  auto wrong = store.commit(hash, body.size());
  CHECK(wrong.error().code == ErrorCode::corrupt);
  CHECK(wrong.error().message.find("sha256 differs") != std::string::npos);
  CHECK_FALSE(fs::exists(store.part_of(hash)));

  overwrite(store.part_of(hash), body);
  auto longer = store.commit(hash, body.size() + 1);
  CHECK(longer.error().message.find("10 bytes expected, 9 came") != std::string::npos);
  CHECK_FALSE(fs::exists(store.part_of(hash)));
  CHECK_FALSE(store.has(hash));

  overwrite(store.part_of(hash), body);
  CHECK(store.commit(hash, body.size()).ok());
  CHECK(store.has(hash));
  CHECK_FALSE(fs::exists(store.part_of(hash)));
}

TEST_CASE("a verdict comes back, with any bytes in its reason") {
  testing::TempDirectory temp;
  Verdict verdict;
  verdict.sha256 = Hash256{7};
  CHECK_FALSE(read_verdict(temp.path(), verdict.sha256)->has_value());
  verdict.reason = "no \"stream\" in C:\\x\n\xff 广告";
  verdict.codec = "h264";
  verdict.width = 1920;
  verdict.fps_milli = 29'970;
  verdict.first_frame.fill(3);
  REQUIRE(write_verdict(temp.path(), verdict).ok());
  auto back = read_verdict(temp.path(), verdict.sha256);
  REQUIRE(back.ok());
  REQUIRE(back->has_value());
  CHECK((*back)->reason == "no \"stream\" in C:\\x\n\xef\xbf\xbd 广告");
  CHECK_FALSE((*back)->eligible);
  CHECK((*back)->fps_milli == 29'970);
  CHECK((*back)->first_frame == verdict.first_frame);
  overwrite(temp / to_hex(verdict.sha256), "codec = 'h264'\n");
  CHECK_FALSE(read_verdict(temp.path(), verdict.sha256).ok());
}

TEST_CASE("version floors survive a restart, only rise, and are kept apart by kind and audience") {
  testing::TempDirectory temp;
  const Audience group{Audience::Kind::group, "demo"}, screen{Audience::Kind::screen, "demo"};
  REQUIRE(VersionFloors(temp.path()).raise(DocumentKind::schedule, group, 5).ok());
  VersionFloors floors(temp.path());
  CHECK(floors.get(DocumentKind::schedule, group) == 5);
  CHECK(floors.get(DocumentKind::schedule, screen) == 0);
  CHECK(floors.get(DocumentKind::profile, group) == 0);
  REQUIRE(floors.raise(DocumentKind::schedule, group, 4).ok());
  CHECK(floors.get(DocumentKind::schedule, group) == 5);
  CHECK_FALSE(floors.raise(DocumentKind::schedule, {Audience::Kind::group, "../x"}, 1).ok());
}

TEST_CASE(
    "player/active comes back as written; a missing file is a fresh state, a broken one an error") {
  testing::TempDirectory temp;
  const StatePaths paths = paths_in(temp);
  CHECK(read_active(paths)->confirmed == 0);
  REQUIRE(write_active(paths, {7, 2, 6, {3, 5}, "no \"slot\"", 12}).ok());
  auto state = read_active(paths);
  REQUIRE(state.ok());
  CHECK(state->trying == 7);
  CHECK(state->attempts == 2);
  CHECK(state->confirmed == 6);
  CHECK(state->rejected == std::vector<std::uint64_t>{3, 5});
  CHECK(state->rejected_reason == "no \"slot\"");
  CHECK(state->starts == 12);
  overwrite(paths.active(), "trying = ");
  CHECK_FALSE(read_active(paths).ok());
}

TEST_CASE("device.toml comes back as written, and a bad screen name is refused") {
  testing::TempDirectory temp;
  const StatePaths paths = paths_in(temp);
  overwrite(
      paths.device_config(),
      write_device_identity({"lobby-1", 7, "Europe/Berlin", {"demo", "lifts"}, "127.0.0.1", 9883}));
  auto identity = read_device_identity(paths);
  REQUIRE(identity.ok());
  CHECK(identity->screen == "lobby-1");
  CHECK(identity->area == 7);
  CHECK(identity->groups == std::vector<std::string>{"demo", "lifts"});
  CHECK(identity->mqtt_port == 9883);
  overwrite(paths.device_config(), write_device_identity({"../etc", 7, "Etc/UTC", {}, "h", 1}));
  CHECK_FALSE(read_device_identity(paths).ok());
}

TEST_CASE("a live figure older than three seconds, or from the future, is unknown") {
  testing::TempDirectory temp;
  const StatePaths paths = paths_in(temp);
  CHECK_FALSE(read_player_live(paths, 0));
  PlayerLive player;
  player.written_at = 100 * kSecond;
  player.label = "drink";
  player.plays = 4;
  REQUIRE(write_player_live(paths, player).ok());
  REQUIRE(read_player_live(paths, 103 * kSecond));
  CHECK(read_player_live(paths, 103 * kSecond)->label == "drink");
  CHECK_FALSE(read_player_live(paths, 103 * kSecond + 1));
  CHECK_FALSE(read_player_live(paths, 99 * kSecond));

  AudienceLive audience;
  audience.written_at = 100 * kSecond;
  audience.quality = Quality::people;
  audience.present = 3;
  audience.camera = "ok";
  audience.blind = {{"dark", 12}, {"moved", 3600}};
  REQUIRE(write_audience_live(paths, audience).ok());
  REQUIRE(read_audience_live(paths, 101 * kSecond));
  CHECK(read_audience_live(paths, 101 * kSecond)->quality == Quality::people);
  REQUIRE(read_audience_live(paths, 101 * kSecond)->blind.size() == 2);
  CHECK(read_audience_live(paths, 101 * kSecond)->blind[1].cause == "moved");
  CHECK(read_audience_live(paths, 101 * kSecond)->blind[1].seconds == 3600);
  CHECK_FALSE(read_audience_live(paths, 104 * kSecond));

  REQUIRE(write_clock_state(paths, {ClockTrust::held, -5, 1000, "none", 9}).ok());
  auto clock = read_clock_state(paths);
  REQUIRE(clock);
  CHECK(clock->trust == ClockTrust::held);
  CHECK(clock->utc_minus_boottime_us == -5);
}

TEST_CASE("the open play comes back with every column, absent ones included") {
  testing::TempDirectory temp;
  const StatePaths paths = paths_in(temp);
  CHECK_FALSE(read_open_play(paths));
  OpenPlay open;
  open.shown = true;
  open.local_day = 20'000;
  open.row.boot = {kAbsent + 1, 7};
  open.row.first_flip_us = 123;
  open.row.last_flip_us = kAbsent;
  open.row.creative = 5;
  open.row.content.fill(0x11);
  REQUIRE(write_open_play(paths, open).ok());
  auto back = read_open_play(paths);
  REQUIRE(back);
  CHECK(back->shown);
  CHECK(back->row.boot == open.row.boot);
  CHECK(back->row.first_flip_us == 123);
  CHECK(back->row.last_flip_us == kAbsent);
  CHECK(back->row.creative == 5);
  CHECK(back->row.content == open.row.content);
  CHECK(back->row.shot == Hash256{});
  REQUIRE(clear_open_play(paths).ok());
  CHECK_FALSE(read_open_play(paths));
}

TEST_CASE(
    "exposure rows get their seq; a second row for the same play is ignored and leaves no gap") {
  testing::TempDirectory temp;
  auto log = ExposureLog::open(temp / "exposure.db");
  REQUIRE(log.ok());
  ExposureRow row;
  row.play_log_id = 0xf000'0000'0000'0001;
  row.play_seq = 1;
  row.person_ms = 1500;
  ExposureRow next = row;
  next.play_seq = 2;
  next.ots = 3;
  REQUIRE(log->append({row}).ok());
  REQUIRE(log->append({row, next}).ok());
  CHECK(*log->last_play_seq(row.play_log_id) == 2);
  CHECK(*log->last_play_seq(1) == 0);
  FlowRow flow;
  flow.in = 4;
  REQUIRE(log->append_flow({flow, flow}).ok());

  auto reader = ExposureLogReader::open(temp / "exposure.db");
  REQUIRE(reader.ok());
  auto rows = reader->exposures_after(0);
  REQUIRE(rows.ok());
  REQUIRE(rows->size() == 2);
  CHECK((*rows)[0].ots == kAbsent);
  CHECK((*rows)[1].seq == 2);
  CHECK((*rows)[1].ots == 3);
  CHECK((*rows)[1].log_id == *reader->exposure_log_id());
  CHECK(*reader->exposure_log_id() != *reader->flow_log_id());
  auto flows = reader->flows_after(1);
  REQUIRE(flows->size() == 1);
  CHECK((*flows)[0].in == 4);
  CHECK((*flows)[0].dwell_60 == kAbsent);

  const LogId before = *reader->exposure_log_id();
  auto again = ExposureLog::open(temp / "exposure.db");
  REQUIRE(again.ok());
  CHECK(*reader->exposure_log_id() == before);
}

TEST_CASE("takeovers are numbered by when they were offered, and the last 32 are kept") {
  testing::TempDirectory directory;
  const StatePaths paths{directory / "state", directory / "run"};
  REQUIRE(make_state_directories(paths).ok());
  GenerationStore store(paths);
  CHECK(store.newest_takeover()->empty());
  for (int i = 1; i <= 40; ++i) REQUIRE(store.put_takeover(std::to_string(i)).ok());
  CHECK(*store.newest_takeover() == "40");
  CHECK(numbered_files(paths.takeover()).size() == 32);
}

TEST_CASE("the highest floor of a kind is over all its audiences and over no other kind") {
  testing::TempDirectory directory;
  VersionFloors floors(directory.path());
  CHECK(floors.highest(DocumentKind::trust) == 0);
  REQUIRE(floors.raise(DocumentKind::trust, {Audience::Kind::group, "demo"}, 3).ok());
  REQUIRE(floors.raise(DocumentKind::trust, {Audience::Kind::screen, "lobby-1"}, 5).ok());
  REQUIRE(floors.raise(DocumentKind::schedule, {Audience::Kind::group, "demo"}, 9).ok());
  CHECK(floors.highest(DocumentKind::trust) == 5);
}

TEST_CASE("an answer belongs to its command, and numbers are not used twice") {
  testing::TempDirectory directory;
  const StatePaths paths{directory / "state", directory / "run"};
  REQUIRE(make_state_directories(paths).ok());
  REQUIRE(*write_player_command(paths, "one") == 1);
  const PlayerAnswer answer{1, sha256(as_bytes("one")), true, "line \"one\"\nline two"};
  REQUIRE(write_player_answer(paths, answer).ok());
  const auto read = read_player_answer(paths, 1);
  REQUIRE(read.has_value());
  CHECK(read->command == answer.command);
  CHECK(read->done);
  CHECK(read->text == answer.text);
  REQUIRE(remove_player_command(paths, 1).ok());
  CHECK(*write_player_command(paths, "two") == 2);
  CHECK(read_player_commands(paths).size() == 1);
  CHECK_FALSE(read_player_answer(paths, 2).has_value());
}
