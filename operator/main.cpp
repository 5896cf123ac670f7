// The `vitrine` command: parse, call, print. Each sub-command's work lies in its own file.
#include <signal.h>

#include <cstdio>

#include "bill_commands.hpp"
#include "camera_commands.hpp"
#include "enrol_commands.hpp"
#include "online_commands.hpp"
#include "operator/allocate.hpp"
#include "operator/check_state.hpp"
#include "operator/command.hpp"
#include "operator/documents.hpp"
#include "operator/gaps.hpp"
#include "operator/keys.hpp"
#include "operator/push.hpp"
#include "operator/sample.hpp"
#include "operator/sign.hpp"
#include "operator/status.hpp"
#include "platform/command_line.hpp"
#include "protocol/reference.hpp"
#include "report_commands.hpp"
#include "schedule_commands.hpp"
#include "setup_commands.hpp"
#include "state/board.hpp"

namespace {

using namespace vitrine;

int report_error(const char* command, const Error& error) {
  std::fprintf(stderr, "vitrine %s: %s\n", command, error.message.c_str());
  return op::kRefused;
}

// A document's error is told as a compiler tells it, FILE: POINTER: RULE, with what it means.
int refuse_document(const std::string& file, const std::string& why) {
  std::fprintf(stderr, "%s: %s; the document is refused\n", file.c_str(), why.c_str());
  return op::kRefused;
}

int check_state(const StatePaths& paths) {
  auto check = op::check_state(paths);
  if (!check) return report_error("check-state", check.error());
  std::fputs(op::check_state_text(*check).c_str(), stdout);
  return check->intact() ? op::kDone : op::kRefused;
}

int validate(const std::string& file, const std::string& kind_name) {
  const auto kind = document_kind(kind_name);
  if (!kind)
    return report_error(
        "validate", fail(ErrorCode::invalid, "--kind " + kind_name + " is no kind of document"));
  auto text = read_text(file, kMaxReferencedBody);
  if (!text) {
    // Not read at all is no verdict on the document; too much of it is one.
    if (text.error().code != ErrorCode::exhausted) return report_error("validate", text.error());
    return refuse_document(file, "more than " + std::to_string(kMaxReferencedBody) + " bytes");
  }
  auto document = op::canonical(*kind, *text);
  if (!document) return refuse_document(file, document.error().message);
  if (document->size() > kMaxInlinePayload && !may_be_referenced(*kind)) {
    return refuse_document(file, kind_name + " of " + std::to_string(document->size()) +
                                     " bytes as signed, a message carries at most " +
                                     std::to_string(kMaxInlinePayload));
  }
  std::printf("%s: a valid %s, %zu bytes as signed\n", file.c_str(), kind_name.c_str(),
              document->size());
  return op::kDone;
}

void add_keys(cli::App& app, op::KeysOptions& options) {
  auto* keys =
      app.add_subcommand("keys", "make signing keys, trust, registry and a screen's identity");
  keys->add_option("--out", options.out, "directory to write to")->required();
  keys->add_option("--screen", options.screen, "screen id")->required();
  keys->add_option("--area", options.area, "area id")->required();
  keys->add_option("--zone", options.zone, "IANA time zone, as Europe/Berlin")->required();
  keys->add_option("--group", options.groups, "group the screen belongs to; may be repeated")
      ->required();
  keys->add_option("--mqtt-host", options.mqtt_host, "the broker as the screen reaches it")
      ->required();
  keys->add_option("--mqtt-port", options.mqtt_port)
      ->check(cli::range(1, 65535))
      ->capture_default_str();
}

void add_broker(cli::App& command, op::BrokerOptions& options) {
  command.add_option("--operator", options.operator_name, "MQTT user = CN of the certificate")
      ->required();
  command.add_option("--broker", options.broker, "HOST:PORT")->required();
  command.add_option("--ca", options.ca_file, "PEM: who signed the broker's certificate");
  command.add_option("--certificate", options.certificate_file, "PEM: the operator's");
  command.add_option("--tls-key", options.tls_key_file, "PEM: its key");
}

void add_document(cli::App& command, op::PushOptions& options) {
  command.add_option("file", options.file, "the document, JSON or signed")->required();
  command
      .add_option("--kind", options.kind,
                  "schedule, settings, numbers, profile, takeover, or trust by the root key")
      ->check(cli::one_of({"schedule", "settings", "numbers", "profile", "takeover", "trust"}))
      ->capture_default_str();
  command.add_option("--to", options.to, "group/NAME or screen/NAME");
  command.add_option("--version", options.version, "above the last one for this kind and audience");
  command.add_option("--key", options.key_file, "private signing key");
  command.add_option("--key-id", options.key_id, "its id in the trust document");
  command.add_option("--files", options.files, "directory with the creatives the document names");
  command.add_option("--valid-days", options.valid_days, "0 = does not expire")
      ->check(cli::range(0, 3650))
      ->capture_default_str();
}

void add_push(cli::App& app, op::PushOptions& options) {
  auto* push = app.add_subcommand("push", "check, sign and publish a document");
  add_document(*push, options);
  push->add_option("--countersign", options.countersign_key,
                   "private key of the second signature: takeovers, and audiences above a key's "
                   "most screens");
  push->add_option("--countersign-id", options.countersign_id, "its id in the trust document");
  add_broker(*push, options);
  push->add_option(
      "--origin", options.origin,
      "directory or URL (HTTP PUT) from which screens fetch them, and a document too large "
      "for a message");
  push->add_option("--origin-ca", options.origin_ca, "PEM: who signed the origin's certificate");
  push->add_option("--wait", options.wait_s, "seconds to follow the screens until they confirm")
      ->check(cli::range(0, 86400));
  push->add_option("--registry", options.registry,
                   "registry.json: wait for all its screens, not only for those that report");
}

void add_sign(cli::App& app, op::PushOptions& options, bool& second, std::string& out) {
  auto* sign = app.add_subcommand("sign", "sign a document, or sign it a second time, into a file");
  add_document(*sign, options);
  sign->add_flag("--countersign", second, "FILE is signed; --key adds the second signature");
  sign->add_option("--out", out, "where to write it; vitrine push sends it")->required();
}

void add_command(cli::App& app, op::CommandOptions& options) {
  auto* command =
      app.add_subcommand("command", "ask one screen for something, and hear its answer");
  command->add_option("verb", options.verb)
      ->check(
          cli::one_of(std::vector<std::string>(kCommandVerbNames.begin(), kCommandVerbNames.end())))
      ->required();
  command->add_option("--screen", options.screen, "screen id")->required();
  command->add_option("--key", options.key_file, "private signing key")->required();
  command->add_option("--key-id", options.key_id, "its id in the trust document")->required();
  add_broker(*command, options);
  command->add_option("--stream", options.stream, "resend: which stream")
      ->check(cli::one_of({"play", "exposure", "flow", "health", "event"}))
      ->capture_default_str();
  command->add_option("--log-id", options.log_id, "resend: the log, 16 hex digits");
  command->add_option("--first", options.first, "resend: the first row");
  command->add_option("--last", options.last, "resend: the last row");
  command->add_option("--out", options.out, "screenshot: the file it goes to; else SCREEN.jpg");
  command->add_option("--wait", options.wait_s, "seconds to wait for the screen's answer")
      ->check(cli::range(1, 3600))
      ->capture_default_str();
}

void add_gaps(cli::App& app, op::GapsOptions& options) {
  auto* gaps = app.add_subcommand("gaps", "which rows of screens the store lacks; ask for them");
  gaps->add_option("--config", options.config, "backend.toml")->required();
  gaps->add_option("--screen", options.screen, "of this one alone");
  auto* resend = gaps->add_flag("--resend", options.resend, "ask the screens for them again");
  resend->needs(gaps->add_option("--key", options.key_file, "private signing key"));
  resend->needs(gaps->add_option("--key-id", options.key_id, "its id in the trust document"));
  resend->needs(
      gaps->add_option("--operator", options.operator_name, "MQTT user = CN of the certificate"));
  resend->needs(gaps->add_option("--broker", options.broker, "HOST:PORT"));
  gaps->add_option("--ca", options.ca_file, "PEM: who signed the broker's certificate");
  gaps->add_option("--certificate", options.certificate_file, "PEM: the operator's");
  gaps->add_option("--tls-key", options.tls_key_file, "PEM: its key");
  gaps->add_option("--wait", options.wait_s, "seconds to wait for each screen's answer")
      ->check(cli::range(1, 3600))
      ->capture_default_str();
}

void add_sample(cli::App& app, op::SampleOptions& options) {
  auto* sample = app.add_subcommand(
      "sample", "ask some screens for a picture of what they show, for the monitoring report");
  sample->add_option("--config", options.config, "backend.toml")->required();
  sample->add_option("--screens", options.screens, "how many")
      ->check(cli::range(1, 10'000))
      ->capture_default_str();
  sample->add_option("--key", options.key_file, "private signing key")->required();
  sample->add_option("--key-id", options.key_id, "its id in the trust document")->required();
  add_broker(*sample, options);
  sample->add_option("--wait", options.wait_s, "seconds to wait for each screen's answer")
      ->check(cli::range(1, 3600))
      ->capture_default_str();
}

void add_rollout(cli::App& app, op::RolloutOptions& options) {
  auto* rollout =
      app.add_subcommand("rollout", "how a document goes out in rings; resume or abort it");
  rollout->add_option("verb", options.verb)
      ->check(cli::one_of({"show", "resume", "abort"}))
      ->required();
  rollout->add_option("--kind", options.kind)
      ->check(cli::one_of({"schedule", "settings"}))
      ->capture_default_str();
  rollout->add_option("--to", options.to, "group/NAME")->required();
  rollout->add_option("--version", options.version, "of the document")->required();
  rollout->add_option("--key", options.key_file, "private signing key")->required();
  rollout->add_option("--key-id", options.key_id, "its id in the trust document")->required();
  add_broker(*rollout, options);
}

void add_allocate(cli::App& app, op::AllocateOptions& options) {
  auto* allocate =
      app.add_subcommand("allocate", "plan a network: each screen's numbers, signed, and a report");
  allocate->add_option("network", options.network, "folder: screens, profiles, contracts, schedule")
      ->required();
  allocate->add_option("--schedule-version", options.schedule_version,
                       "the version of schedule.json, where there is no schedule.jws");
  allocate->add_option("--day", options.day, "plan this day alone; with --resolve from it on");
  allocate->add_option("--resolve", options.resolve, "CSV of what was played: plan the rest anew");
  allocate->add_option("--key", options.key_file, "the backend's private signing key")->required();
  allocate->add_option("--key-id", options.key_id, "its id in the trust document")
      ->capture_default_str();
  allocate->add_option("--out", options.out, "directory for numbers.jws and what is remembered")
      ->required();
  allocate->add_option("--version", options.version,
                       "of the numbers; one above the last if left out");
  allocate->add_option("--valid-days", options.valid_days, "0 = does not expire")
      ->check(cli::range(0, 3650))
      ->capture_default_str();
  allocate->add_option("--threads", options.threads)
      ->check(cli::range(1, 16))
      ->capture_default_str();
  allocate->add_option("--precision", options.precision, "how near the optimum, as a part of it")
      ->check(cli::range_of_reals(1e-9, 1e-1))
      ->capture_default_str();
}

int allocate(const op::AllocateOptions& options, bool json, const Clock& clock) {
  auto report = op::allocate(options, clock);
  if (!report) return report_error("allocate", report.error());
  const auto text = json ? op::plan_report_json(*report) : op::plan_report_text(*report);
  std::fputs(text.c_str(), stdout);
  return op::kDone;
}

}  // namespace

int main(int argc, char** argv) {
  cli::App app{"Vitrine: plan, push and account for what screens show"};
  app.require_subcommand(1);
  app.set_version_flag("--version", "vitrine " VITRINE_VERSION);
  op::KeysOptions keys;
  op::PushOptions push;
  std::string validate_file;
  std::string validate_kind = "schedule";
  add_keys(app, keys);
  add_push(app, push);
  op::PushOptions sign;
  bool sign_second = false;
  std::string sign_out;
  add_sign(app, sign, sign_second, sign_out);
  op::CommandOptions command;
  add_command(app, command);
  op::GapsOptions gaps;
  add_gaps(app, gaps);
  op::SampleOptions sample;
  add_sample(app, sample);
  op::RolloutOptions rollout;
  add_rollout(app, rollout);
  auto* check = app.add_subcommand("validate", "check a document as a screen would");
  check->add_option("file", validate_file, "the document, JSON")->required();
  check->add_option("--kind", validate_kind)->capture_default_str();
  op::AllocateOptions allocate_options;
  bool allocate_json = false;
  add_allocate(app, allocate_options);
  app.get_subcommand("allocate")
      ->add_flag("--json", allocate_json, "one JSON object instead of tables");
  op::ReportCommands report_commands;
  report_commands.add_to(app);
  StatePaths status_paths;
  auto* status = app.add_subcommand(
      "status",
      "how this screen is, on one page; exit code 0 well, 1 something wants doing, "
      "2 it shows nothing that it should");
  status->add_option("--state", status_paths.root, "state directory")->capture_default_str();
  status->add_option("--run", status_paths.run, "run directory")->capture_default_str();
  StatePaths checked_paths;
  app.add_subcommand("check-state", "whether what a screen remembers is whole, or a copy of it")
      ->add_option("--state", checked_paths.root, "state directory")
      ->capture_default_str();
  op::ScheduleCommands schedule_commands;
  schedule_commands.add_to(app);
  op::CameraCommands camera_commands;
  camera_commands.add_to(app);
  op::SetupCommands setup_commands;
  setup_commands.add_to(app);
  op::EnrolCommands enrol_commands;
  enrol_commands.add_to(app);
  op::BillCommands bill_commands;
  bill_commands.add_to(app);
  op::OnlineCommands online_commands;
  online_commands.add_to(app);
  if (const auto code = app.parse(argc, argv)) return *code;

  // A broker or origin that goes away in the middle of a write is an error with a line, not a
  // silent end.
  ::signal(SIGPIPE, SIG_IGN);
  const SystemClock clock;
  if (app.got_subcommand("keys")) {
    if (auto made = op::make_keys(keys, clock); !made) return report_error("keys", made.error());
    std::printf("keys for screen %s are in %s; keep keys/root.key and keys/tenant.key offline\n",
                keys.screen.c_str(), keys.out.c_str());
    return op::kDone;
  }
  if (app.got_subcommand("check-state")) return check_state(checked_paths);
  if (app.got_subcommand("push")) return op::push(push, clock);
  if (app.got_subcommand("sign")) return op::sign(sign, sign_second, sign_out, clock);
  if (app.got_subcommand("command")) return op::command(command, clock);
  if (app.got_subcommand("gaps")) return op::gaps(gaps, clock);
  if (app.got_subcommand("sample")) return op::sample(sample, clock);
  if (app.got_subcommand("rollout")) return op::rollout(rollout, clock);
  if (app.got_subcommand("allocate")) return allocate(allocate_options, allocate_json, clock);
  if (report_commands.called(app)) return report_commands.run(app, clock);
  if (camera_commands.called(app)) return camera_commands.run(clock);
  if (enrol_commands.called(app)) return enrol_commands.run(app);
  if (bill_commands.called(app)) return bill_commands.run(clock);
  if (setup_commands.called(app)) return setup_commands.run(clock);
  if (online_commands.called(app)) return online_commands.run(clock);
  if (app.got_subcommand("status")) {
    auto page = op::status_page(status_paths, clock, board_id());
    if (!page) {
      (void)report_error("status", page.error());
      return static_cast<int>(op::Health::down);
    }
    std::fputs(page->text.c_str(), stdout);
    return static_cast<int>(page->health);
  }
  if (schedule_commands.called(app)) return schedule_commands.run(app);
  return validate(validate_file, validate_kind);
}
