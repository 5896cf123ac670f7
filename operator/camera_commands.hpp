// The sub-commands of `vitrine camera`, on a screen.
#pragma once

#include "operator/camera_audit.hpp"
#include "platform/command_line.hpp"

namespace vitrine::op {

class CameraCommands {
 public:
  void add_to(cli::App& app);
  bool called(const cli::App& app) const { return app.got_subcommand("camera"); }
  int run(const Clock& clock) const;  // the exit code

 private:
  CameraAuditOptions audit_;
};

}  // namespace vitrine::op
