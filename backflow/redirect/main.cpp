// vitrine-redirect: sends whoever scanned a code on a screen to the campaign's page, at once, and
// notes the scan. Over HTTP on loopback, behind a proxy that terminates TLS. It holds the tenant's
// secret and writes its journal, and has no way to the store.
#include <optional>

#include "backflow/backend_config.hpp"
#include "backflow/online_config.hpp"
#include "backflow/registry_file.hpp"
#include "http/metrics_server.hpp"
#include "platform/command_line.hpp"
#include "platform/crypto.hpp"
#include "platform/log.hpp"
#include "platform/service.hpp"
#include "redirect/redirect_desk.hpp"
#include "redirect/target_archive.hpp"

namespace vitrine {
namespace {

constexpr Micros kReadEvery = 2 * kSecond;
constexpr unsigned kThreads = 4;
// A national campaign's crowd; each holds a few KiB.
constexpr unsigned kConnections = 1000;

// What the desk knows, kept equal to the files.
class World {
 public:
  explicit World(const RedirectConfig& config) : config_(config), registry_(config.registry) {}

  // At the first call it has to succeed; later a file that cannot be read leaves things as they
  // are.
  Status look(redirect::RedirectDesk& desk) {
    auto trust_stamp = stamp_of(config_.trust);
    if (!trust_stamp) return std::move(trust_stamp).error();
    if (!archive_ || *trust_stamp != trust_stamp_) {
      auto trust = read_verified_trust(config_.trust, config_.root_key);
      if (!trust) return std::move(trust).error();
      archive_.emplace(config_.archive, config_.bodies, trust->trust);
      trust_stamp_ = *trust_stamp;
    }
    archive_->refresh();
    auto registry_stamp = stamp_of(config_.registry);
    if (!registry_stamp) return std::move(registry_stamp).error();
    if (*registry_stamp == registry_stamp_ && archive_->book() == book_) return ok();
    registry_stamp_ = *registry_stamp;
    book_ = archive_->book();
    desk.renew(registry_.current(), book_);
    return ok();
  }

 private:
  const RedirectConfig& config_;
  RegistryFile registry_;
  std::optional<redirect::TargetArchive> archive_;
  FileStamp trust_stamp_, registry_stamp_;
  std::shared_ptr<const redirect::TargetBook> book_;
};

Status run(const fs::path& config_file) {
  const StopSignal stop;
  const SystemClock clock;
  auto config = read_redirect_config(config_file);
  if (!config) return std::move(config).error();
  auto tenant = read_private_key(config->tenant_key);
  if (!tenant) return std::move(tenant).error();
  auto journal = ScanJournal::open(config->journal);
  if (!journal) return std::move(journal).error();
  redirect::RedirectDesk desk({tenant->seed(),
                               {.lasts = config->token_minutes * kMinute},
                               config->a_minute_by_token,
                               config->a_minute_by_address},
                              **journal, clock);
  World world(*config);
  if (auto known = world.look(desk); !known) return known;
  std::unique_ptr<MetricsServer> metrics;
  if (!config->metrics.empty()) {
    auto started = MetricsServer::start(config->metrics, "redirect.metrics");
    if (!started) return std::move(started).error();
    metrics = *std::move(started);
    metrics->show(desk.metrics());
  }
  auto server = HttpServer::start(
      config->listen, {.method = "GET", .connections = kConnections, .threads = kThreads},
      [&](const HttpRequest& request) { return desk.answer(request); });
  if (!server) return std::move(server).error();
  log_info("codes lead to the targets of {}, listening on {}", config->archive.string(),
           config->listen);
  std::string problem;
  Micros read_at = clock.boottime(), counted_at = read_at;
  turn_until_stopped(stop, kSecond, [&] {
    const Micros now = clock.boottime();
    if (now - read_at >= kReadEvery) {
      read_at = now;
      const auto done = world.look(desk);
      if (!done && done.error().message != problem)
        log_error("{}; going on with what is known", done.error().message);
      problem = done ? "" : done.error().message;
    }
    if (now - counted_at >= kMinute) {
      counted_at = now;
      desk.write_counts();
    }
    if (metrics) metrics->show(desk.metrics());
  });
  server->reset();  // the last answers come first
  desk.write_counts();
  return ok();
}

}  // namespace
}  // namespace vitrine

int main(int count, char** words) {
  vitrine::cli::App app("Sends who scanned a code to the campaign's page; see docs/online.md");
  std::string config;
  app.add_option("--config", config, "backend.toml")->required();
  app.set_version_flag("--version", VITRINE_VERSION);
  if (const auto code = app.parse(count, words)) return *code;
  vitrine::log_start("vitrine-redirect");
  auto done = vitrine::run(config);
  if (done) return 0;
  vitrine::log_error("{}; stopping", done.error().message);
  return 1;
}
