#include "process_cost.hpp"

#include <unistd.h>

#include <sstream>
#include <string>

#include "platform/file.hpp"

namespace vitrine::fleet {

std::optional<ProcessCost> process_cost(pid_t pid) {
  const auto text = read_text("/proc/" + std::to_string(pid) + "/stat");
  if (!text) return std::nullopt;
  // The name in parentheses may hold anything; fields are counted from behind it: state is field 3,
  // utime 14, stime 15, rss 24 (proc(5)).
  const auto after_name = text->rfind(')');
  if (after_name == std::string::npos) return std::nullopt;
  std::istringstream fields(text->substr(after_name + 1));
  std::string word;
  double user = 0, system = 0, pages = 0;
  for (int field = 3; fields >> word; ++field) {
    if (field == 14) user = std::stod(word);
    if (field == 15) system = std::stod(word);
    if (field == 24) pages = std::stod(word);
  }
  ProcessCost cost;
  cost.cpu_s = (user + system) / static_cast<double>(::sysconf(_SC_CLK_TCK));
  cost.rss_mib = pages * static_cast<double>(::sysconf(_SC_PAGESIZE)) / (1024.0 * 1024.0);
  return cost;
}

}  // namespace vitrine::fleet
