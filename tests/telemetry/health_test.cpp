// Health: what is read from /proc and /sys, alerts, status file, metrics.
#include "health.hpp"

#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <cstring>
#include <set>
#include <sstream>

#include "kit.hpp"
#include "process.hpp"

using namespace vitrine;
using namespace vitrine::testing;

namespace {

// A tree of small files below a directory of its own. Texts are in the kernel's formats; where they
// were recorded on a machine, the test says whose.
struct Tree {
  TempDirectory temp;
  SystemRoots roots{temp / "sys", temp / "proc"};
  void file(const std::string& name, const std::string& text) const {
    const fs::path path = temp / name;
    fs::create_directories(path.parent_path());
    REQUIRE(replace_volatile(path, text).ok());
  }
};

}  // namespace

TEST_CASE("an empty machine has no figures, not zeros") {
  Tree tree;
  Figures figures;
  add_board_figures(tree.roots, figures);
  add_disk_figures(disk_of(tree.roots, makedev(179, 2)), figures);
  ProcessFigures(tree.roots, 1).add(kSecond, figures);
  CHECK(figures.empty());
}

TEST_CASE("the disk of a partition, its sectors written, and the life of an eMMC") {
  Tree tree;
  const std::string card = "sys/devices/mmc/block/mmcblk2";
  tree.file(card + "/mmcblk2p2/partition", "2\n");
  // Field 7 of Documentation/block/stat.rst is sectors written, of 512 bytes.
  tree.file(card + "/stat", " 100 0 200 5 300 0 4096 7 0 9 9 0 0 0 0 0 0\n");
  // As recorded from an eMMC 5.1 (time.g999.ru/posts/259).
  tree.file(card + "/device/life_time", "0x01 0x01\n");
  tree.file(card + "/device/pre_eol_info", "0x01\n");
  fs::create_directories(tree.temp / "sys/dev/block");
  fs::create_directory_symlink("../../devices/mmc/block/mmcblk2/mmcblk2p2",
                               tree.temp / "sys/dev/block/179:2");
  const fs::path disk = disk_of(tree.roots, makedev(179, 2));
  CHECK(disk.filename() == "mmcblk2");
  Figures figures;
  add_disk_figures(disk, figures);
  CHECK(figure(figures, "disk_written_bytes") == 4096 * 512);
  CHECK(figure(figures, "emmc_life_percent") == 10);
  CHECK(figure(figures, "emmc_pre_eol") == 1);

  tree.file(card + "/device/life_time", "0x02 0x0b\n");  // the worse of the two; 11 = exceeded
  Figures worn;
  add_disk_figures(disk, worn);
  CHECK(figure(worn, "emmc_life_percent") == 110);
  tree.file(card + "/device/life_time", "0x00 0x00\n");  // not defined
  Figures silent;
  add_disk_figures(disk, silent);
  CHECK_FALSE(figure(silent, "emmc_life_percent").has_value());
}

TEST_CASE("heat, voltage and radio where the board tells") {
  Tree tree;
  tree.file("sys/class/thermal/thermal_zone0/temp", "48312\n");
  tree.file("sys/class/thermal/thermal_zone1/temp", "51540\n");
  tree.file("sys/class/thermal/cooling_device0/temp", "99999\n");
  // 0x50005 as reported by a Raspberry Pi that is under voltage now
  // (forum.libreelec.tv/thread/17860); the kernel prints it without 0x.
  tree.file("sys/devices/platform/soc/soc:firmware/get_throttled", "50005\n");
  tree.file("proc/net/wireless",
            "Inter-| sta-|   Quality        |   Discarded packets               | Missed | WE\n"
            " face | tus | link level noise |  nwid  crypt   frag  retry   misc | beacon | 22\n"
            " wlan0: 0000   54.  -56.  -256        0      0      0      0      0        0\n");
  tree.file("proc/meminfo", "MemTotal: 8000 kB\nMemFree: 10 kB\nMemAvailable: 3000 kB\n");
  Figures figures;
  add_board_figures(tree.roots, figures);
  CHECK(figure(figures, "temperature_mc") == 51540);
  CHECK(figure(figures, "under_voltage") == 1);
  CHECK(figure(figures, "under_voltage_seen") == 1);
  CHECK(figure(figures, "signal_dbm") == -56);
  CHECK(figure(figures, "memory_free_bytes") == 3000 * 1024);

  tree.file("sys/devices/platform/soc/soc:firmware/get_throttled", "50000\n");
  Figures before;
  add_board_figures(tree.roots, before);
  CHECK(figure(before, "under_voltage") == 0);
  CHECK(figure(before, "under_voltage_seen") == 1);

  fs::remove_all(tree.temp / "sys/devices");
  tree.file("sys/class/hwmon/hwmon1/name", "rpi_volt\n");
  tree.file("sys/class/hwmon/hwmon1/in0_lcrit_alarm", "1\n");
  Figures sensor;
  add_board_figures(tree.roots, sensor);
  CHECK(figure(sensor, "under_voltage") == 1);
  CHECK_FALSE(figure(sensor, "under_voltage_seen").has_value());
}

TEST_CASE("memory, CPU and bytes written of the screen's own processes") {
  Tree tree;
  const auto stat = [&](std::int64_t ticks) {
    tree.file("proc/77/stat", "77 (vitrine-player x) S 1 77 77 0 -1 4194560 1 0 0 0 " +
                                  std::to_string(ticks) + " 5 0 0 20 0 3 0 100 1 1\n");
  };
  tree.file("proc/77/comm", "vitrine-player\n");
  tree.file("proc/77/status", "Name: vitrine-player\nVmRSS:\t  2048 kB\n");
  tree.file("proc/77/io", "rchar: 1\nwchar: 2\nwrite_bytes: 8192\ncancelled_write_bytes: 0\n");
  tree.file("proc/78/comm", "bash\n");
  // Another screen's player on the same machine, and a second one of ours: neither is counted.
  tree.file("proc/50/comm", "vitrine-player\n");
  tree.file("proc/50/stat", "50 (vitrine-player) S 9 1 1 0 -1 1 1 0 0 0 999 5 0 0 20\n");
  tree.file("proc/79/comm", "vitrine-player\n");
  tree.file("proc/79/stat", "79 (vitrine-player) S 1 1 1 0 -1 1 1 0 0 0 999 5 0 0 20\n");
  stat(10);
  ProcessFigures processes(tree.roots, 1);
  Figures first;
  processes.add(10 * kSecond, first);
  CHECK(figure(first, "memory_bytes.player") == 2048 * 1024);
  CHECK(figure(first, "written_bytes.player") == 8192);
  CHECK_FALSE(figure(first, "cpu_permille.player").has_value());
  tree.file("proc/77/smaps_rollup", "00400000-7ff rollup\nRss: 2048 kB\nPss:  1024 kB\n");
  stat(10 + ::sysconf(_SC_CLK_TCK));  // a second of CPU in ten
  Figures second;
  processes.add(20 * kSecond, second);
  CHECK(figure(second, "memory_bytes.player") == 1024 * 1024);
  CHECK(figure(second, "cpu_permille.player") == 100);
  CHECK(std::count_if(second.begin(), second.end(),
                      [](const auto& one) { return one.first == "cpu_permille.player"; }) == 1);
}

TEST_CASE("frames and lateness come from the plays of the last hour") {
  PlayFigures plays;
  const BootId boot{1, 2};
  std::vector<PlayRow> rows;
  for (int i = 0; i < 100; ++i) {
    PlayRow row;
    row.boot = boot;
    row.planned_start_us = i * 10 * kSecond;
    row.first_flip_us = row.planned_start_us + (i == 99 ? 90 : 8) * kMillisecond;
    row.frames_due = 250;
    row.frames_dropped = i == 0 ? 100 : 0;
    rows.push_back(row);
  }
  plays.take(rows, boot, 1000 * kSecond);
  Figures figures;
  plays.add(1000 * kSecond, figures);
  CHECK(figure(figures, "frames_due") == 25'000);
  CHECK(figure(figures, "frames_dropped") == 100);
  CHECK(figure(figures, "frames_dropped_ppm") == 4000);
  CHECK(figure(figures, "lateness_p50_ms") == 8);
  CHECK(figure(figures, "lateness_p99_ms") == 8);
  Figures later;
  plays.add(1000 * kSecond + kHour, later);
  CHECK(figure(later, "frames_dropped") == 100);
  CHECK_FALSE(figure(later, "frames_dropped_ppm").has_value());
}

// --- alerts
// -----------------------------------------------------------------------------------------------------------

TEST_CASE("each alert is said once when it begins and once when it is over") {
  struct Case {
    const char* code;
    Figures bad, between, good;
    Micros begin_after, end_after;
  };
  const Case cases[] = {
      {"link",
       {{"link_up", 0}, {"link_s", 24 * 3600}},
       {{"link_up", 0}, {"link_s", 3600}},
       {{"link_up", 1}, {"link_s", 5}},
       0,
       10 * kMinute},
      {"outbox",
       {{"outbox_bytes.play", 30LL << 20}, {"outbox_bytes.flow", 2LL << 20}},
       {{"outbox_bytes.play", 20LL << 20}},
       {{"outbox_bytes.play", 1}},
       0,
       10 * kMinute},
      {"storage",
       {{"emmc_pre_eol", 2}, {"disk_free_bytes", 1LL << 40}},
       {{"disk_free_bytes", 300LL << 20}},
       {{"disk_free_bytes", 500LL << 20}},
       0,
       0},
      {"picture",
       {{"player_alive", 0}},
       {{"player_alive", 1}, {"frames_dropped_ppm", 7000}},
       {{"player_alive", 1}, {"frames_dropped_ppm", 0}},
       2 * kMinute,
       2 * kMinute},
      {"clock", {{"clock_trust", 1}}, {}, {{"clock_trust", 2}}, kHour, 10 * kMinute},
  };
  for (const Case& one : cases) {
    CAPTURE(one.code);
    Notices notices;
    Alerts alerts(notices.sink(), {});
    Micros now = 100 * kDay;
    alerts.judge(one.good, now);
    alerts.judge(one.bad, now += kMinute);
    if (one.begin_after > 0) {
      CHECK(notices.list.empty());
      alerts.judge(one.good, now += one.begin_after - kSecond);  // it was only a moment
      alerts.judge(one.bad, now += kSecond);
      CHECK(notices.list.empty());
      alerts.judge(one.bad, now += one.begin_after);
    }
    REQUIRE(notices.list.size() == 1);
    CHECK(notices.list[0].first == std::string("alert-") + one.code);
    REQUIRE(alerts.in_force().size() == 1);
    alerts.judge(one.bad, now += kHour);
    alerts.judge(one.between, now += kHour);  // better, but not good
    alerts.judge(one.good, now += kMinute);
    if (one.end_after > 0) {
      CHECK(notices.list.size() == 1);
      alerts.judge(one.good, now += one.end_after);
    }
    REQUIRE(notices.list.size() == 2);
    CHECK(notices.list[1].first == std::string("alert-") + one.code + "-over");
    CHECK(alerts.in_force().empty());
  }
}

TEST_CASE("rows that begin to be dropped are an alert, however few bytes wait") {
  Notices notices;
  Alerts alerts(notices.sink(), {});
  alerts.judge({{"outbox_bytes.play", 1}, {"dropped_rows.play", 7}}, kMinute);
  CHECK(notices.list.empty());  // from before: not new
  alerts.judge({{"outbox_bytes.play", 1}, {"dropped_rows.play", 9}}, 2 * kMinute);
  CHECK(notices.last() == "alert-outbox: alert: the outbox is full and rows are being dropped");
}

TEST_CASE("an alert that an earlier run began is not begun again, and its end is said") {
  Notices notices;
  Alerts alerts(notices.sink(), {{"storage", "100 MB of disk are free", 5}});
  alerts.judge({{"disk_free_bytes", 100LL << 20}}, kHour);
  CHECK(notices.list.empty());
  CHECK(alerts.in_force().front().since == 5);
  alerts.judge({{"disk_free_bytes", 500LL << 20}}, 2 * kHour);
  CHECK(notices.last().starts_with("alert-storage-over: over: 100 MB"));
}

// --- the whole
// --------------------------------------------------------------------------------------------------------

namespace {

struct Whole : Kit {
  Tree tree;
  std::optional<Outbox> outbox;
  FakeTransport transport;
  std::optional<Link> link;
  std::optional<Courier> courier;
  std::optional<TimeKeeper> keeper;
  FetchWorker fetch{paths.content(), ""};
  std::optional<Inbox> inbox;
  std::optional<Health> health;

  Whole() {
    auto opened = Outbox::open(paths.outbox_log());
    REQUIRE(opened.ok());
    outbox.emplace(std::move(*opened));
    link.emplace(transport, clock, LinkOptions{.screen = kScreen, .software = "1"});
    courier.emplace(*outbox, transport, clock, kScreen, notices.sink());
    keeper.emplace(TimeKeeper::Setup{.paths = paths,
                                     .kernel_time =
                                         [] {
                                           return Result(KernelTimeState{true, 1000});
                                         }},
                   *outbox, clock);
    keeper->tick();
    auto in = Inbox::open(setup(), *outbox);
    REQUIRE(in.ok());
    inbox.emplace(std::move(*in));
    start();
  }
  void start() {
    health.reset();
    health.emplace(Health::Setup{paths, tree.roots, kScreen, "1.2", notices.sink()},
                   Health::Parts{*outbox, *link, transport, *courier, *keeper, fetch, clock});
  }
  std::string scrape() {
    const int socket = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    std::strcpy(address.sun_path, paths.metrics().c_str());
    REQUIRE(::connect(socket, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0);
    health->tick(*inbox);  // accepted, but nothing was asked yet
    const std::string request = "GET /metrics HTTP/1.1\r\nHost: screen\r\n\r\n";
    REQUIRE(::send(socket, request.data(), request.size(), 0) ==
            static_cast<ssize_t>(request.size()));
    std::string text;
    char bytes[65536];
    REQUIRE(until(
        [&] {
          const ssize_t got = ::recv(socket, bytes, sizeof bytes, 0);
          if (got > 0) text.append(bytes, static_cast<std::size_t>(got));
          return got == 0;
        },
        [&] { health->tick(*inbox); }));
    ::close(socket);
    return text;
  }
};

// The text format as Prometheus' documentation states it, strictly: HELP, TYPE, then the samples of
// that name alone; every name once; numbers that are numbers.
std::map<std::string, double> read_exposition(const std::string& text) {
  std::map<std::string, double> samples;
  std::set<std::string> seen;
  std::istringstream lines(text);
  std::string name, type;
  for (std::string line; std::getline(lines, line);) {
    std::istringstream words(line);
    std::string hash, kind, of;
    if (line.starts_with("# ")) {
      words >> hash >> kind >> of;
      if (kind == "HELP") {
        REQUIRE_MESSAGE(seen.insert(of).second, (of + " comes twice"));
        name = of;
        type.clear();
      } else {
        REQUIRE(kind == "TYPE");
        REQUIRE(of == name);
        words >> type;
        const bool known = type == "gauge" || type == "counter";
        REQUIRE(known);
        CHECK(name.ends_with("_total") == (type == "counter"));
      }
      continue;
    }
    REQUIRE_FALSE(type.empty());
    const auto space = line.rfind(' ');
    const std::string series = line.substr(0, space);
    const std::string metric = series.substr(0, series.find('{'));
    REQUIRE_MESSAGE(metric == name, line);
    for (const char c : metric) REQUIRE((std::islower(c) || std::isdigit(c) || c == '_'));
    if (metric.size() < series.size()) REQUIRE(series.ends_with("\"}"));
    std::size_t used = 0;
    const double value = std::stod(line.substr(space + 1), &used);
    REQUIRE(used == line.size() - space - 1);
    REQUIRE(samples.emplace(series, value).second);
  }
  CHECK(text.ends_with("\n"));
  return samples;
}

}  // namespace

TEST_CASE("Prometheus reads the figures on the Unix socket") {
  Whole screen;
  const std::string answer = screen.scrape();
  const auto body = answer.find("\r\n\r\n");
  REQUIRE(answer.starts_with("HTTP/1.0 200 OK\r\n"));
  REQUIRE(body != std::string::npos);
  const std::string text = answer.substr(body + 4);
  CHECK(answer.find("Content-Length: " + std::to_string(text.size()) + "\r\n") !=
        std::string::npos);
  auto samples = read_exposition(text);
  CHECK(samples["vitrine_info{screen=\"lobby-1\",software=\"1.2\"}"] == 1);
  CHECK(samples["vitrine_clock_trust"] == 2);
  CHECK(samples["vitrine_clock_error_seconds"] == doctest::Approx(0.001));
  CHECK(samples["vitrine_player_alive"] == 0);
  CHECK(samples["vitrine_alert{alert=\"picture\"}"] == 0);
  CHECK(samples.count("vitrine_outbox_bytes{stream=\"play\"}") == 1);
  CHECK(samples.count("vitrine_temperature_celsius") == 0);  // this machine has none
}

TEST_CASE("every figure that is sampled stands in the table, and every name once") {
  Whole screen;
  AudienceLive live;
  live.written_at = screen.clock.boottime();
  live.camera = "dark";
  live.blind = {{"dark", 40}, {"moved", 2}};
  REQUIRE(make_directories(screen.paths.audience_live().parent_path()).ok());
  REQUIRE(write_audience_live(screen.paths, live).ok());
  screen.health->tick(*screen.inbox);
  const Figures& sampled = screen.health->status().figures;
  const auto blind = std::ranges::find(sampled, "camera_blind_s", &Figures::value_type::first);
  REQUIRE(blind != sampled.end());
  CHECK(blind->second == 42);
  std::set<std::string_view> names;
  for (const FigureKind& kind : kFigureKinds) CHECK(names.insert(kind.name).second);
  std::set<std::string> keys;
  for (const auto& [key, value] : screen.health->status().figures) {
    CAPTURE(key);
    CHECK(names.contains(std::string_view(key).substr(0, key.find('.'))));
    CHECK(keys.insert(key).second);
  }
}

TEST_CASE("the status file comes back as it was written, alerts and parts included") {
  Kit kit;
  TelemetryStatus status;
  status.written_at = 5 * kSecond;
  status.boot = {7, -8};
  status.software = "1.2";
  status.link_reason = "cannot reach \"x\"\n";
  status.alerts = {{"clock", "nobody vouches", 3}, {"link", "gone", 4}};
  status.figures = {{"uptime_s", 5}, {"outbox_rows.play", 6}, {"memory_bytes.telemetry", 7}};
  REQUIRE(write_telemetry_status(kit.paths, status).ok());
  const auto read = read_telemetry_status(kit.paths);
  REQUIRE(read.has_value());
  CHECK(read->boot == status.boot);
  CHECK(read->link_reason == status.link_reason);
  REQUIRE(read->alerts.size() == 2);
  CHECK(read->alerts[1].text == "gone");
  CHECK(read->figures == status.figures);
}

TEST_CASE("health rows are kept five at a time, the first at once, and none twice") {
  Whole screen;
  const auto kept = [&] { return screen.outbox->health_after(0, 100)->size(); };
  screen.health->tick(*screen.inbox);
  CHECK(kept() == 1);
  for (int minute = 1; minute <= 4; ++minute) {
    screen.clock.advance(kMinute);
    screen.health->tick(*screen.inbox);
    screen.health->tick(*screen.inbox);
  }
  CHECK(kept() == 1);
  screen.clock.advance(kMinute);
  screen.health->tick(*screen.inbox);
  CHECK(kept() == 6);
  screen.clock.advance(kMinute);
  screen.health->tick(*screen.inbox);
  screen.health->close();
  CHECK(kept() == 7);
  const auto rows = *screen.outbox->health_after(0, 100);
  for (std::size_t i = 1; i < rows.size(); ++i) CHECK(rows[i].at_us - rows[i - 1].at_us == kMinute);
}

TEST_CASE("bytes written a day are told from ten minutes on, over at most a day") {
  Whole screen;
  struct stat state {};
  REQUIRE(::stat(screen.paths.root.c_str(), &state) == 0);
  const std::string disk = "sys/dev/block/" + std::to_string(major(state.st_dev)) + ":" +
                           std::to_string(minor(state.st_dev));
  const auto written = [&](std::int64_t megabytes) {
    screen.tree.file(disk + "/stat", "0 0 0 0 0 0 " + std::to_string(megabytes * 2000) + " 0\n");
  };
  written(100);
  screen.start();
  const auto a_day = [&] {
    screen.health->tick(*screen.inbox);
    return figure(screen.health->status().figures, "disk_written_day_bytes");
  };
  CHECK_FALSE(a_day().has_value());
  screen.clock.advance(kHour);
  written(103);
  CHECK(a_day() == 3 * 24 * 1'024'000LL);
  // Nothing more for two days: only the last one counts.
  for (int hour = 0; hour < 48; ++hour) {
    screen.clock.advance(kHour);
    (void)a_day();
  }
  CHECK(a_day() == 0);
}
