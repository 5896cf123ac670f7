// vitrine-online: takes events of the online side over HTTP, on loopback behind a proxy that
// terminates TLS, and stores them before it answers.
#include "online/online_desk.hpp"
#include "platform/command_line.hpp"
#include "platform/log.hpp"
#include "platform/service.hpp"

namespace vitrine {
namespace {

Status run(const fs::path& config_file) {
  const StopSignal stop;
  const SystemClock clock;
  auto config = read_online_config(config_file);
  if (!config) return std::move(config).error();
  if (config->listen.empty() || config->token.empty())
    return fail(ErrorCode::invalid,
                config_file.string() + ": online.listen or online.token is missing");
  auto token = read_secret(config->token);
  if (!token) return std::move(token).error();
  auto store = open_sql_store(config->store);
  if (!store) return std::move(store).error();
  online::OnlineDesk desk(*config, *token, **store, clock);
  auto server = HttpServer::start(
      config->listen, {.most_body = config->most_body},
      [&](const HttpRequest& request) { return desk.answer(request); },
      [&](const HttpRequest& head) { return desk.admit(head); });
  if (!server) return std::move(server).error();
  log_info("events into {}, listening on {}", sql_store_name(config->store), config->listen);
  turn_until_stopped(stop, kSecond);
  return ok();
}

}  // namespace
}  // namespace vitrine

int main(int count, char** words) {
  vitrine::cli::App app("Takes events of the online side; see docs/online.md");
  std::string config;
  app.add_option("--config", config, "backend.toml")->required();
  app.set_version_flag("--version", VITRINE_VERSION);
  if (const auto code = app.parse(count, words)) return *code;
  vitrine::log_start("vitrine-online");
  auto done = vitrine::run(config);
  if (done) return 0;
  vitrine::log_error("{}; stopping", done.error().message);
  return 1;
}
