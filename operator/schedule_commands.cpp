#include "schedule_commands.hpp"

#include <cstdio>

namespace vitrine::op {
namespace {

constexpr int kRefused = 1;

void add_documents(cli::App& command, DocumentOptions& options) {
  command.add_option("--numbers", options.numbers,
                     "the screen's numbers: JSON, or numbers.jws of `vitrine allocate`");
  command.add_option("--screen", options.screen, "whose line of numbers.jws");
  command.add_option("--profile", options.profile, "its area's profile, JSON");
  command.add_option("--settings", options.settings, "its settings, JSON: display hours");
}

// A schedule with its company, or a screen's state directory.
void add_source(cli::App& command, DocumentOptions& options, fs::path& state) {
  auto* schedule = command.add_option("schedule", options.schedule, "the schedule, JSON");
  add_documents(command, options);
  command.add_option("--zone", options.zone, "IANA time zone; default: the profile's");
  auto* directory = command.add_option("--state", state,
                                       "a screen's state directory (/var/lib/vitrine or a copy)");
  directory->excludes(schedule);
}

int print(const char* command, const Result<std::string>& text) {
  if (!text) {
    std::fprintf(stderr, "vitrine %s: %s\n", command, text.error().message.c_str());
    return kRefused;
  }
  std::fputs(text->c_str(), stdout);
  return 0;
}

}  // namespace

void ScheduleCommands::add_to(cli::App& app) {
  add_simulate(app);
  add_next(app);
  add_explain(app);
  add_audit(app);
  for (const char* name : {"simulate", "next", "explain", "audit"})
    app.get_subcommand(name)->add_flag("--json", json_, "one JSON object instead of text");
}

void ScheduleCommands::add_simulate(cli::App& app) {
  auto* command = app.add_subcommand("simulate", "what one screen would play, before it is signed");
  command->add_option("schedule", simulate_.schedule, "the schedule, JSON")->required();
  add_documents(*command, simulate_);
  command->add_option("--zone", simulate_.zone, "IANA time zone; default: the profile's, else UTC");
  command->add_option("--from", simulate_.from, "first day, YYYY-MM-DD")->required();
  command->add_option("--days", simulate_.days)->check(cli::range(1, 366))->capture_default_str();
  command->add_flag("--time", simulate_.time, "say how long it took");
}

void ScheduleCommands::add_next(cli::App& app) {
  auto* command = app.add_subcommand("next", "the slots to come, of a schedule or of a screen");
  add_source(*command, next_, next_.state);
  command->add_option("--at", next_.at,
                      "from this moment on, \"2026-11-24 14:03\"; with --state: the log's end");
  command->add_option("--count", next_.count)->check(cli::range(1, 10'000))->capture_default_str();
}

void ScheduleCommands::add_explain(cli::App& app) {
  auto* command = app.add_subcommand("explain", "why this was chosen, and why not the others");
  add_source(*command, explain_, explain_.state);
  command->add_option("--at", explain_.at, "a moment by the screen's clocks, \"2026-11-24 14:03\"");
  command->add_option("--play", explain_.play, "a row of the log: SEQ or LOGID:SEQ");
}

void ScheduleCommands::add_audit(cli::App& app) {
  auto* command = app.add_subcommand("audit", "decide a day on record again, and compare");
  command->add_option("--state", audit_.state, "the screen's state directory, or a copy")
      ->required();
  command->add_option("--day", audit_.day, "local day, YYYY-MM-DD")->required();
  command->add_option("--registry", audit_.registry,
                      "registry.json: the screen's proof key, where the state does not hold it");
  command->add_option("--archive", audit_.archive.directory,
                      "the archive of vitrine-desired: documents that the screen has pruned");
  command->add_option("--origin", audit_.archive.origin,
                      "directory of the origin: documents too large for a message");
}

bool ScheduleCommands::called(const cli::App& app) const {
  return app.got_subcommand("simulate") || app.got_subcommand("next") ||
         app.got_subcommand("explain") || app.got_subcommand("audit");
}

int ScheduleCommands::run(const cli::App& app) const {
  const auto no_source = [](const DocumentOptions& options, const fs::path& state) {
    return options.schedule.empty() && state.empty();
  };
  const Error neither = fail(ErrorCode::invalid, "of what? A schedule, or --state DIR");
  if (app.got_subcommand("simulate")) return print("simulate", simulate(simulate_, json_));
  if (app.got_subcommand("next"))
    return print("next", no_source(next_, next_.state) ? Result<std::string>(neither)
                                                       : next_slots(next_, json_));
  if (app.got_subcommand("explain"))
    return print("explain", no_source(explain_, explain_.state) ? Result<std::string>(neither)
                                                                : explain(explain_, json_));
  auto audited = audit(audit_);
  if (!audited) return print("audit", audited.error());
  (void)print("audit", json_ ? audit_json(*audited) : audit_text(*audited));
  return audited->passed() ? 0 : kRefused;
}

}  // namespace vitrine::op
