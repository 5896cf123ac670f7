#include "camera_commands.hpp"

#include <cstdio>

namespace vitrine::op {

void CameraCommands::add_to(cli::App& app) {
  auto* camera = app.add_subcommand("camera", "on the device: hold its counts against a person's");
  camera->require_subcommand(1);
  auto* audit = camera->add_subcommand(
      "audit", "a quarter of an hour counted by hand: the screen's factor, with an interval");
  audit->add_option("--state", audit_.paths.root, "state directory")->capture_default_str();
  audit->add_option("--run", audit_.paths.run, "run directory")->capture_default_str();
  audit->add_option("--from", audit_.from,
                    "when the count began, \"2026-11-24 14:03:27\" by the screen's clocks; without "
                    "it: when one could begin");
  audit->add_option("--minutes", audit_.minutes)->check(cli::range(5, 120))->capture_default_str();
  audit->add_option("--in", audit_.in, "counted by hand")->check(cli::range(0, 1'000'000));
  audit->add_option("--out", audit_.out, "counted by hand")->check(cli::range(0, 1'000'000));
  audit->add_option("--times", audit_.times,
                    "instead: a file of lines \"HH:MM:SS in\" or \"... out\"");
  audit->add_option("--by", audit_.by, "who counted");
}

int CameraCommands::run(const Clock& clock) const {
  auto report = camera_audit(audit_, clock);
  if (!report) {
    std::fprintf(stderr, "vitrine camera audit: %s\n", report.error().message.c_str());
    return 1;
  }
  std::fputs(report->c_str(), stdout);
  return 0;
}

}  // namespace vitrine::op
