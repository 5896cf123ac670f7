// The sub-commands of `vitrine camera`, on a screen.
#pragma once

#include <CLI/CLI.hpp>

#include "operator/camera_audit.hpp"

namespace vitrine::op {

class CameraCommands {
 public:
  void add_to(CLI::App& app);
  bool called(const CLI::App& app) const { return app.got_subcommand("camera"); }
  int run(const Clock& clock) const;  // the exit code

 private:
  CameraAuditOptions audit_;
};

}  // namespace vitrine::op
