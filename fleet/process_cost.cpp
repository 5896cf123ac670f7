#include "process_cost.hpp"

#include <unistd.h>

#include <sstream>

#include "platform/file.hpp"

namespace vitrine::fleet {
namespace {

struct Stat {
  std::string name;
  double cpu_s = 0;
  double pages = 0;
};

// Of a process or of one thread: name in parentheses, and behind it fields counted from 3; utime is
// field 14, stime 15, rss 24 (proc(5)). The name may hold anything, parentheses too.
std::optional<Stat> read_stat(const fs::path& path) {
  const auto text = read_text(path);
  if (!text) return std::nullopt;
  const auto open = text->find('(');
  const auto close = text->rfind(')');
  if (open == std::string::npos || close == std::string::npos) return std::nullopt;
  Stat stat;
  stat.name = text->substr(open + 1, close - open - 1);
  std::istringstream fields(text->substr(close + 1));
  std::string word;
  double ticks = 0;
  for (int field = 3; fields >> word; ++field) {
    if (field == 14 || field == 15) ticks += std::stod(word);
    if (field == 24) stat.pages = std::stod(word);
  }
  stat.cpu_s = ticks / static_cast<double>(::sysconf(_SC_CLK_TCK));
  return stat;
}

}  // namespace

std::optional<ProcessCost> process_cost(pid_t pid) {
  const auto stat = read_stat("/proc/" + std::to_string(pid) + "/stat");
  if (!stat) return std::nullopt;
  const auto page_bytes = static_cast<double>(::sysconf(_SC_PAGESIZE));
  return ProcessCost{stat->cpu_s, stat->pages * page_bytes / (1024.0 * 1024.0)};
}

double thread_cpu_s(pid_t pid, const std::string& thread) {
  const fs::path tasks = "/proc/" + std::to_string(pid) + "/task";
  double sum = 0;
  for (const std::string& task : list_directory(tasks)) {
    const auto stat = read_stat(tasks / task / "stat");
    if (stat && stat->name == thread) sum += stat->cpu_s;
  }
  return sum;
}

}  // namespace vitrine::fleet
