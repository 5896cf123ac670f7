#include "enrol_commands.hpp"

#include <cstdio>

#include "operator/stick.hpp"

namespace vitrine::op {
namespace {

constexpr int kRefused = 1;
// EX_TEMPFAIL: what vitrine-join.service tries again.
constexpr int kLater = 75;

int refuse(const char* command, const Error& error) {
  std::fprintf(stderr, "vitrine %s: %s\n", command, error.message.c_str());
  return kRefused;
}

}  // namespace

void EnrolCommands::add_to(cli::App& app) {
  auto* token = app.add_subcommand("token", "a one-time token with which a screen is enrolled");
  token->add_option("--config", config_, "backend.toml")->required();
  token->add_option("--screen", token_.screen, "screen id")->required();
  token->add_option("--area", token_.area, "area id")->required();
  token->add_option("--zone", token_.zone, "IANA time zone, as Europe/Berlin")->required();
  token->add_option("--group", token_.groups, "group of the screen; may be repeated")->required();
  auto* bundle = token->add_option(
      "--bundle", bundle_, "writes it for a stick, with all that is needed to spend it, signed");
  token->add_option("--board", board_, "of --bundle: for this board alone, as its screen says it")
      ->needs(bundle);
  token->add_option("--days", days_, "of --bundle: how long it is good")
      ->check(cli::range(1, 30))
      ->needs(bundle)
      ->capture_default_str();

  auto* revoke = app.add_subcommand("revoke", "a screen that may not connect any more");
  revoke->add_option("screen", revoked_, "screen id")->required();
  revoke->add_option("--config", config_, "backend.toml")->required();

  auto* enrol = app.add_subcommand(
      "enrol", "on the device: make its keys and spend a token; `vitrine setup` asks for the rest");
  enrol->add_option("--state", enrol_.state, "state directory")->capture_default_str();
  auto* server = enrol->add_option("--server", enrol_.server, "https://HOST:PORT of vitrine-enrol");
  auto* given = enrol->add_option("--token", enrol_.token, "from `vitrine token`")->needs(server);
  server->needs(given);
  enrol->add_option("--ca", enrol_.ca_file,
                    "PEM: who signed the server's certificate; default: the system's authorities");
  enrol->add_flag("--pending", pending_, "spend what a stick left here; exit code 75: no link yet")
      ->excludes(server);
}

bool EnrolCommands::called(const cli::App& app) const {
  return app.got_subcommand("token") || app.got_subcommand("revoke") || app.got_subcommand("enrol");
}

int EnrolCommands::run(const cli::App& app) const {
  if (app.got_subcommand("enrol")) return spend_token();
  auto config = read_enrol_config(config_);
  if (!config) return refuse(app.got_subcommand("token") ? "token" : "revoke", config.error());
  if (app.got_subcommand("token")) return give_token(*config);
  if (auto done = revoke_screen(*config, revoked_); !done) return refuse("revoke", done.error());
  std::printf("%s is revoked\n", revoked_.c_str());
  return 0;
}

int EnrolCommands::spend_token() const {
  if (!pending_ && enrol_.token.empty()) {
    return refuse("enrol", fail(ErrorCode::invalid,
                                "--server and --token, or --pending; or "
                                "`vitrine setup`, which asks"));
  }
  StatePaths paths;
  paths.root = enrol_.state;
  auto screen = pending_ ? spend_kept_stick(paths) : enrol(enrol_);
  if (!screen) {
    const int code = refuse("enrol", screen.error());
    // A no is said once; whatever else went wrong is asked again.
    return pending_ && screen.error().code != ErrorCode::denied ? kLater : code;
  }
  std::printf("this screen is %s\n", screen->c_str());
  return 0;
}

int EnrolCommands::give_token(const EnrolConfig& config) const {
  const char* screen = token_.screen.c_str();
  if (bundle_.empty()) {
    auto token = make_token(config, token_, SystemClock());
    if (!token) return refuse("token", token.error());
    std::printf("%s\n", token->c_str());
    std::fprintf(stderr, "for %s, once, within 24 hours:\n  vitrine enrol --server %s --token %s\n",
                 screen, config.url.c_str(), token->c_str());
    return 0;
  }
  TokenRequest request = token_;
  request.life_s = days_ * std::int64_t{86'400};
  auto made = make_bundle(config, request, board_, SystemClock());
  if (!made) return refuse("token", made.error());
  // Whoever has the file can become this screen until it is used.
  if (auto put = write_atomic(bundle_, made->text, 0600); !put) return refuse("token", put.error());
  std::printf("%s\n", made->code.c_str());
  std::fprintf(stderr,
               "%s is for %s, once, within %d days; the code above is your installation's:\n"
               "  vitrine setup --bundle %s --code %s\n",
               bundle_.c_str(), screen, days_, bundle_.filename().c_str(), made->code.c_str());
  return 0;
}

}  // namespace vitrine::op
