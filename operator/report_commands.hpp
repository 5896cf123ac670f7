// The sub-commands over the store: report and export.
#pragma once

#include "operator/play_report.hpp"
#include "platform/command_line.hpp"

namespace vitrine::op {

class ReportCommands {
 public:
  void add_to(cli::App& app);
  bool called(const cli::App& app) const;
  int run(const cli::App& app, const Clock& clock) const;  // the exit code

 private:
  PlayReportOptions report_;
  ExportOptions export_;
};

}  // namespace vitrine::op
