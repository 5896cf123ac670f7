// What the machine tells of itself in /proc and /sys, as health figures (state/health_figures.hpp).
// Only what can be read is there: boards differ, and a unit may see less than root does.
#pragma once

#include <sys/types.h>

#include <map>

#include "base/time.hpp"
#include "platform/file.hpp"
#include "state/health_figures.hpp"

namespace vitrine {

// Where /sys and /proc lie; tests hand in recorded trees.
struct SystemRoots {
  fs::path sysfs = "/sys";
  fs::path procfs = "/proc";
};

// The whole disk (not the partition) on which a file of device number `device` lies, as its folder
// in sysfs; empty when it lies on none (tmpfs, overlay).
fs::path disk_of(const SystemRoots& roots, dev_t device);

// disk_written_bytes, emmc_life_percent, emmc_pre_eol
void add_disk_figures(const fs::path& disk, Figures& to);
// temperature_mc, under_voltage, under_voltage_seen, signal_dbm, memory_free_bytes
void add_board_figures(const SystemRoots& roots, Figures& to);

// memory_bytes, cpu_permille and written_bytes of the screen's own processes, found by name among
// those that have our parent: the supervisor started them all, and another screen on this machine,
// as in a test, has another one.
class ProcessFigures {
 public:
  ProcessFigures(SystemRoots roots, pid_t parent) : roots_(std::move(roots)), parent_(parent) {}
  // `now` on CLOCK_BOOTTIME; CPU needs two calls.
  void add(Micros now, Figures& to);

 private:
  struct Used {
    std::string pid;
    std::int64_t ticks = 0;
    Micros at = 0;
  };
  SystemRoots roots_;
  pid_t parent_;
  std::map<std::string, Used> used_;  // by process
};

}  // namespace vitrine
