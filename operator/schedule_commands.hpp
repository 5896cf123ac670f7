// The sub-commands over the scheduler: simulate, next, explain, audit.
#pragma once

#include <CLI/CLI.hpp>

#include "operator/audit.hpp"
#include "operator/explain.hpp"
#include "operator/next.hpp"
#include "operator/simulate.hpp"

namespace vitrine::op {

class ScheduleCommands {
 public:
  void add_to(CLI::App& app);
  bool called(const CLI::App& app) const;
  int run(const CLI::App& app) const;  // the exit code

 private:
  void add_simulate(CLI::App& app);
  void add_next(CLI::App& app);
  void add_explain(CLI::App& app);
  void add_audit(CLI::App& app);

  SimulateOptions simulate_;
  NextOptions next_;
  ExplainOptions explain_;
  AuditOptions audit_;
  bool json_ = false;
};

}  // namespace vitrine::op
