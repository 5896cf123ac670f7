// vitrine-telemetry-double: see attacker.hpp. tests/e2e/attacker.py runs it in telemetry's place.
#include <cstdio>

#include "attacker/attacker.hpp"
#include "platform/command_line.hpp"

namespace vitrine::attacker {

std::string loot(const Attacker& attacker, const std::string& name) {
  auto read = read_text(attacker.loot / name);
  std::string text = read ? *std::move(read) : std::string();
  while (!text.empty() && text.back() == '\n') text.pop_back();
  return text;
}

bool wait_for(const Clock& clock, const std::function<bool()>& holds, Micros most) {
  const Micros until = clock.boottime() + most;
  while (!holds()) {
    if (clock.boottime() >= until) return false;
    clock.sleep_until(clock.boottime() + 20 * kMillisecond);
  }
  return true;
}

void tell(const std::string& name, const std::string& answer) {
  std::printf("attack %s: %s\n", name.c_str(), answer.c_str());
  std::fflush(stdout);
}

}  // namespace vitrine::attacker

int main(int argc, char** argv) {
  using namespace vitrine;
  attacker::Attacker attacker;
  cli::App app{"A telemetry in an attacker's hands, for tests."};
  app.add_option("--state", attacker.paths.root, "the screen's state directory")->required();
  app.add_option("--run", attacker.paths.run, "the screen's run directory")->required();
  app.add_option("--loot", attacker.loot, "what was stolen or kept: attacker.hpp")->required();
  if (const auto code = app.parse(argc, argv)) return *code;
  Status done = ok();
  if (auto identity = read_device_identity(attacker.paths)) {
    attacker.identity = *std::move(identity);
    done = attacker::forge_files(attacker);
    if (done) done = attacker::forge_messages(attacker);
  } else {
    done = std::move(identity).error();
  }
  if (!done) std::fprintf(stderr, "vitrine-telemetry-double: %s\n", done.error().message.c_str());
  return done ? 0 : 1;
}
