// The sub-commands over the store: report and export.
#pragma once

#include <CLI/CLI.hpp>

#include "operator/play_report.hpp"

namespace vitrine::op {

class ReportCommands {
 public:
  void add_to(CLI::App& app);
  bool called(const CLI::App& app) const;
  int run(const CLI::App& app, const Clock& clock) const;  // the exit code

 private:
  PlayReportOptions report_;
  ExportOptions export_;
};

}  // namespace vitrine::op
