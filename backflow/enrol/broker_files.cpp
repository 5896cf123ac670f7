#include "enrol/broker_files.hpp"

#include <signal.h>

#include <cerrno>
#include <charconv>
#include <cstring>

namespace vitrine {

std::string broker_access(const std::string& base, const Registry& registry,
                          const std::vector<std::string>& operators) {
  std::string text = base;
  for (const auto& name : operators) {
    text += "\nuser " + name + "\n";
    text += "topic write vt/v1/op/" + name + "/push\n";
    text += "topic read vt/v1/op/" + name + "/reply\n";
    text += "topic read vt/v1/+/+/state/#\n";
    text += "topic read vt/v1/+/+/up/reply\n";
    text += "topic read vt/v1/+/+/up/picture\n";
  }
  for (const RegisteredScreen& screen : registry.screens) {
    text += "\nuser " + screen.screen + "\n";
    if (screen.revoked) {
      text += "topic deny #\n";
      continue;
    }
    for (const auto& group : screen.groups) text += "topic read vt/v1/g/" + group + "/desired/+\n";
  }
  return text;
}

Status reload_broker(const fs::path& pid_file) {
  auto text = read_text(pid_file, 64);
  if (!text) return std::move(text).error();
  pid_t pid = 0;
  std::from_chars(text->data(), text->data() + text->size(), pid);
  auto name = pid > 1 ? read_text("/proc/" + std::to_string(pid) + "/comm", 64)
                      : Result<std::string>(fail(ErrorCode::not_found, ""));
  if (!name || *name != "mosquitto\n") {
    return fail(ErrorCode::not_found, "no mosquitto runs under the process id in " +
                                          pid_file.string() + "; it reads the files at its start");
  }
  if (::kill(pid, SIGHUP) != 0) {
    return fail(ErrorCode::denied, "cannot signal mosquitto, process " + std::to_string(pid) +
                                       ": " + std::strerror(errno));
  }
  return ok();
}

}  // namespace vitrine
