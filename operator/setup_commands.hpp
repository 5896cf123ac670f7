// `vitrine setup`, on the device.
#pragma once

#include "operator/setup.hpp"
#include "platform/command_line.hpp"

namespace vitrine::op {

class SetupCommands {
 public:
  void add_to(cli::App& app);
  bool called(const cli::App& app) const { return app.got_subcommand("setup"); }
  int run(const Clock& clock) const;  // the exit code

 private:
  SetupOptions options_;
};

}  // namespace vitrine::op
