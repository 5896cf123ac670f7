// The sub-commands over the scheduler: simulate, next, explain, audit.
#pragma once

#include "operator/audit.hpp"
#include "operator/explain.hpp"
#include "operator/next.hpp"
#include "operator/simulate.hpp"
#include "platform/command_line.hpp"

namespace vitrine::op {

class ScheduleCommands {
 public:
  void add_to(cli::App& app);
  bool called(const cli::App& app) const;
  int run(const cli::App& app) const;  // the exit code

 private:
  void add_simulate(cli::App& app);
  void add_next(cli::App& app);
  void add_explain(cli::App& app);
  void add_audit(cli::App& app);

  SimulateOptions simulate_;
  NextOptions next_;
  ExplainOptions explain_;
  AuditOptions audit_;
  bool json_ = false;
};

}  // namespace vitrine::op
