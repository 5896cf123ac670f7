#include "system_figures.hpp"

#include <sys/sysmacros.h>
#include <unistd.h>

#include <algorithm>
#include <set>
#include <sstream>

#include "small_files.hpp"

namespace vitrine {
namespace {

constexpr std::int64_t kSector = 512;  // of /sys/block/*/stat, whatever the disk's own is
// Names as the kernel cuts them, at 15 characters, and as figures call them.
constexpr std::pair<std::string_view, std::string_view> kProcesses[] = {
    {"vitrine-player", "player"},
    {"vitrine-audienc", "audience"},
    {"vitrine-vet", "vet"},
    {"vitrine-telemet", "telemetry"}};

void add(Figures& to, const std::string& name, std::optional<std::int64_t> value) {
  if (value) to.emplace_back(name, *value);
}

// "Name:  1234 kB" of a file of such lines, in bytes.
std::optional<std::int64_t> kilobytes(const fs::path& path, std::string_view name) {
  for (const auto& line : read_words(path)) {
    if (line.size() < 2 || line[0] != name) continue;
    const auto value = number_of(line[1]);
    if (value) return *value * 1024;
  }
  return std::nullopt;
}

std::optional<std::int64_t> hottest(const fs::path& zones) {
  std::optional<std::int64_t> most;
  for (const std::string& name : list_directory(zones)) {
    if (!name.starts_with("thermal_zone")) continue;
    const auto here = read_number(zones / name / "temp");
    if (here) most = std::max(most.value_or(*here), *here);
  }
  return most;
}

// Raspberry Pi: the firmware's own word where the kernel shows it (hexadecimal; bit 0 now, bit 16
// since boot), else the voltage sensor's alarm, which only knows of now.
void add_voltage(const SystemRoots& roots, Figures& to) {
  const auto flags =
      read_number(roots.sysfs / "devices/platform/soc/soc:firmware/get_throttled", 16);
  if (flags) {
    to.emplace_back("under_voltage", *flags & 1);
    to.emplace_back("under_voltage_seen", *flags >> 16 & 1);
    return;
  }
  const fs::path sensors = roots.sysfs / "class/hwmon";
  for (const std::string& name : list_directory(sensors)) {
    const auto lines = read_words(sensors / name / "name");
    if (lines.empty() || lines[0].empty() || lines[0][0] != "rpi_volt") continue;
    return add(to, "under_voltage", read_number(sensors / name / "in0_lcrit_alarm"));
  }
}

std::optional<std::int64_t> strongest_signal(const fs::path& wireless) {
  std::optional<std::int64_t> best;
  const auto lines = read_words(wireless);
  for (std::size_t i = 2; i < lines.size(); ++i) {  // two lines of headings
    if (lines[i].size() < 4) continue;
    std::string level = lines[i][3];  // "-56.": the dot says that it was updated
    if (level.ends_with('.')) level.pop_back();
    const auto dbm = number_of(level);
    if (dbm && *dbm < 0) best = std::max(best.value_or(*dbm), *dbm);
  }
  return best;
}

struct ProcessStat {
  std::int64_t parent = 0;
  std::int64_t ticks = 0;  // of user and system time
};

// Fields 4, 14 and 15 of /proc/<pid>/stat, counted behind the name, which may hold spaces.
std::optional<ProcessStat> stat_of(const fs::path& process) {
  const auto text = read_text(process / "stat", 4096);
  if (!text) return std::nullopt;
  const auto behind = text->rfind(") ");
  if (behind == std::string::npos) return std::nullopt;
  std::istringstream stream(text->substr(behind + 2));
  std::vector<std::string> words;
  for (std::string word; words.size() < 13 && stream >> word;) words.push_back(word);
  if (words.size() < 13) return std::nullopt;
  const auto parent = number_of(words[1]), user = number_of(words[11]),
             system = number_of(words[12]);
  if (!parent || !user || !system) return std::nullopt;
  return ProcessStat{*parent, *user + *system};
}

}  // namespace

fs::path disk_of(const SystemRoots& roots, dev_t device) {
  std::error_code error;
  fs::path found =
      fs::canonical(roots.sysfs / "dev/block" /
                        (std::to_string(major(device)) + ":" + std::to_string(minor(device))),
                    error);
  if (error) return {};
  if (fs::exists(found / "partition", error)) found = found.parent_path();
  return found;
}

void add_disk_figures(const fs::path& disk, Figures& to) {
  if (disk.empty()) return;
  const auto stat = read_words(disk / "stat");
  if (!stat.empty() && stat[0].size() > 6) {
    if (const auto sectors = number_of(stat[0][6]))
      to.emplace_back("disk_written_bytes", *sectors * kSector);
  }
  // Two estimates, of SLC and MLC blocks, in steps of ten per cent; 0 is "not defined".
  const auto life = read_words(disk / "device/life_time");
  std::int64_t worst = 0;
  if (!life.empty()) {
    for (const std::string& word : life[0])
      worst = std::max(worst, number_of(word, 16).value_or(0));
  }
  if (worst > 0 && worst <= 11) to.emplace_back("emmc_life_percent", worst * 10);
  const auto spare = read_number(disk / "device/pre_eol_info", 16);
  if (spare && *spare > 0) to.emplace_back("emmc_pre_eol", *spare);
}

void add_board_figures(const SystemRoots& roots, Figures& to) {
  add(to, "memory_free_bytes", kilobytes(roots.procfs / "meminfo", "MemAvailable:"));
  add(to, "temperature_mc", hottest(roots.sysfs / "class/thermal"));
  add_voltage(roots, to);
  add(to, "signal_dbm", strongest_signal(roots.procfs / "net/wireless"));
}

void ProcessFigures::add(Micros now, Figures& to) {
  static const long ticks_a_second = ::sysconf(_SC_CLK_TCK);
  std::set<std::string> seen;
  for (const std::string& pid : list_directory(roots_.procfs)) {
    if (!number_of(pid)) continue;
    const fs::path here = roots_.procfs / pid;
    const auto comm = read_words(here / "comm");
    if (comm.empty() || comm[0].empty()) continue;
    const auto* known = std::find_if(std::begin(kProcesses), std::end(kProcesses),
                                     [&](const auto& one) { return one.first == comm[0][0]; });
    if (known == std::end(kProcesses)) continue;
    const std::string part(known->second);
    const auto stat = stat_of(here);
    // One of a name: a second series under it would spoil the whole answer.
    if (!stat || stat->parent != parent_ || !seen.insert(part).second) continue;
    // The proportional share needs the right to trace; the resident size anybody may read.
    auto memory = kilobytes(here / "smaps_rollup", "Pss:");
    if (!memory) memory = kilobytes(here / "status", "VmRSS:");
    vitrine::add(to, "memory_bytes." + part, memory);
    Used& used = used_[part];
    if (used.pid == pid && now > used.at) {
      to.emplace_back("cpu_permille." + part, (stat->ticks - used.ticks) * 1000 * kSecond /
                                                  ticks_a_second / (now - used.at));
    }
    used = {pid, stat->ticks, now};
    for (const auto& line : read_words(here / "io")) {
      if (line.size() == 2 && line[0] == "write_bytes:")
        vitrine::add(to, "written_bytes." + part, number_of(line[1]));
    }
  }
}

}  // namespace vitrine
