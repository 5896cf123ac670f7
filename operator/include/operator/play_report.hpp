// `vitrine report campaign ID | screen ID | network | overview` and `vitrine export`: what came of
// the plays, as tables, JSON, pages and CSV files (docs/reports.md).
#pragma once

#include <string>

#include "backflow/export.hpp"
#include "backflow/report_page.hpp"
#include "platform/clock.hpp"

namespace vitrine::op {

struct PlayReportOptions {
  fs::path config;   // backend.toml: ingest.store; [report] network, schedule_version, export_log
  std::string what;  // campaign, screen, network or overview
  std::string id;    // of a campaign or screen
  std::string from, to;  // days, both inclusive; empty: no bound
  fs::path network;      // folder with labels, goals and profiles; empty: as the config says
  std::uint64_t schedule_version = 0;
  bool json = false;
  fs::path html;  // a file; of overview a directory, made when it is not there
};
// What is to be printed.
Result<std::string> play_report(const PlayReportOptions& options, const Clock& clock);

struct ExportOptions {
  fs::path config;
  std::string what;      // exposure, area-day, delivery, flow, plays, statement
  std::string campaign;  // empty: every one
  std::string month;     // of statement, YYYY-MM
  std::string screen;    // empty: every one
  std::string grain = "hour";
  std::string brand;
  std::string from, to;
  fs::path network;
  std::uint64_t schedule_version = 0;
  fs::path csv;
  fs::path log;  // empty: as the config says, else exports.log beside the config
};
Result<std::string> export_csv(const ExportOptions& options, const Clock& clock);

// Names are those of the report's members; a figure that is hidden is null.
std::string play_report_json(const Report& report);
std::string play_report_text(const Report& report);

}  // namespace vitrine::op
