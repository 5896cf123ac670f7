#include "enrol_commands.hpp"

#include <cstdio>

namespace vitrine::op {
namespace {

constexpr int kRefused = 1;

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

  auto* revoke = app.add_subcommand("revoke", "a screen that may not connect any more");
  revoke->add_option("screen", revoked_, "screen id")->required();
  revoke->add_option("--config", config_, "backend.toml")->required();

  auto* enrol = app.add_subcommand("enrol", "on the device: make its keys and spend a token");
  enrol->add_option("--state", enrol_.state, "state directory")->capture_default_str();
  enrol->add_option("--server", enrol_.server, "https://HOST:PORT of vitrine-enrol")->required();
  enrol->add_option("--token", enrol_.token, "from `vitrine token`")->required();
  enrol->add_option("--ca", enrol_.ca_file,
                    "PEM: who signed the server's certificate; default: the system's authorities");
}

bool EnrolCommands::called(const cli::App& app) const {
  return app.got_subcommand("token") || app.got_subcommand("revoke") || app.got_subcommand("enrol");
}

int EnrolCommands::run(const cli::App& app) const {
  if (app.got_subcommand("enrol")) {
    auto screen = enrol(enrol_);
    if (!screen) return refuse("enrol", screen.error());
    std::printf("this screen is %s\n", screen->c_str());
    return 0;
  }
  auto config = read_enrol_config(config_);
  if (!config) return refuse(app.got_subcommand("token") ? "token" : "revoke", config.error());
  if (app.got_subcommand("token")) {
    auto token = make_token(*config, token_, SystemClock());
    if (!token) return refuse("token", token.error());
    std::printf("%s\n", token->c_str());
    std::fprintf(stderr, "for %s, once, within 24 hours:\n  vitrine enrol --server %s --token %s\n",
                 token_.screen.c_str(), config->url.c_str(), token->c_str());
    return 0;
  }
  if (auto done = revoke_screen(*config, revoked_); !done) return refuse("revoke", done.error());
  std::printf("%s is revoked\n", revoked_.c_str());
  return 0;
}

}  // namespace vitrine::op
