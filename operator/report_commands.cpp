#include "report_commands.hpp"

#include <cstdio>

#include "operator/push.hpp"
#include "operator/report.hpp"

namespace vitrine::op {
namespace {

int print(const char* command, const Result<std::string>& text) {
  if (!text) {
    std::fprintf(stderr, "vitrine %s: %s\n", command, text.error().message.c_str());
    return kRefused;
  }
  std::fputs(text->c_str(), stdout);
  return kDone;
}

void add_sources(cli::App& command, fs::path& config, fs::path& network, std::uint64_t& version) {
  command.add_option("--config", config, "backend.toml")->required();
  command.add_option("--network", network,
                     "folder with labels, goals and profiles; else [report] network of the config");
  command.add_option("--schedule-version", version,
                     "the version of its schedule.json, where there is no schedule.jws");
}

void add_days(cli::App& command, std::string& from, std::string& to) {
  command.add_option("--from", from, "first day, as 2026-11-21");
  command.add_option("--to", to, "last day");
}

}  // namespace

void ReportCommands::add_to(cli::App& app) {
  auto* report =
      app.add_subcommand("report", "what came of plays; alone: what the backend's store holds");
  report->add_option("what", report_.what, "campaign ID, screen ID, network, or overview")
      ->check(cli::one_of({"campaign", "screen", "network", "overview"}));
  report->add_option("id", report_.id, "of the campaign or screen");
  add_sources(*report, report_.config, report_.network, report_.schedule_version);
  add_days(*report, report_.from, report_.to);
  report->add_flag("--json", report_.json, "one JSON object instead of tables");
  report->add_option("--html", report_.html, "a page to write; of overview a directory");

  auto* exported = app.add_subcommand("export", "a table of the store as a CSV file");
  exported
      ->add_option("what", export_.what, "exposure, area-day, delivery, flow, plays or statement")
      ->check(cli::one_of({"exposure", "area-day", "delivery", "flow", "plays", "statement"}))
      ->required();
  exported->add_option("--csv", export_.csv, "the file to write")->required();
  add_sources(*exported, export_.config, export_.network, export_.schedule_version);
  add_days(*exported, export_.from, export_.to);
  exported->add_option("--campaign", export_.campaign, "of this one alone");
  exported->add_option("--month", export_.month, "of statement: YYYY-MM");
  exported->add_option("--screen", export_.screen, "of this one alone");
  exported->add_option("--grain", export_.grain, "of exposure: hour of the day, day, or minute")
      ->check(cli::one_of({"hour", "day", "minute"}))
      ->capture_default_str();
  exported->add_option("--brand", export_.brand, "of area-day: online events of this brand alone");
  exported->add_option("--log", export_.log,
                       "the log of exports; else [report] export_log, else exports.log beside the "
                       "config");
}

bool ReportCommands::called(const cli::App& app) const {
  return app.got_subcommand("report") || app.got_subcommand("export");
}

int ReportCommands::run(const cli::App& app, const Clock& clock) const {
  if (app.got_subcommand("export")) return print("export", export_csv(export_, clock));
  if (!report_.what.empty()) return print("report", play_report(report_, clock));
  return print("report", op::report(report_.config, report_.json));
}

}  // namespace vitrine::op
