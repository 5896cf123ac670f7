// vitrine-enrol: gives screens their certificates and renews them, over HTTP behind nginx, and
// keeps the broker's ACL and CRL equal to the registry. The authority's private key is in this
// process and nowhere else.
#include <mutex>

#include "backflow/enrolment.hpp"
#include "http/http_server.hpp"
#include "http/rate_limit.hpp"
#include "platform/command_line.hpp"
#include "platform/log.hpp"
#include "platform/service.hpp"

namespace vitrine {
namespace {

// How soon the broker hears of a change in the registry.
constexpr Micros kLookEvery = 500 * kMillisecond;

unsigned status_of(ErrorCode code) {
  switch (code) {
    case ErrorCode::denied:
      return 403;
    case ErrorCode::invalid:
      return 400;
    case ErrorCode::exhausted:
      return 413;
    default:
      return 503;
  }
}

class EnrolDaemon {
 public:
  EnrolDaemon(Enrolment& enrolment, int requests_a_minute)
      : enrolment_(enrolment), limit_(requests_a_minute) {}

  HttpAnswer handle(const HttpRequest& request) {
    const std::lock_guard lock(mutex_);
    const bool known =
        request.path == kEnrolPath || request.path == kRenewPath || request.path == kSeenPath;
    const std::string what = known ? request.path : "another path";
    const std::string from = request.source.empty() ? "this machine" : request.source;
    if (!limit_.admit(request.source, clock_.boottime())) {
      log_warn("{} from {} is refused: too many requests", what, from);
      return {429, write_refusal("too many requests; wait a minute")};
    }
    auto answer = decide(request);
    if (answer) return {200, *std::move(answer)};
    const Error& error = answer.error();
    log_warn("{} from {} is refused: {}", what, from, error.message);
    // What is wrong with our own disk is nobody's business.
    const unsigned status = error.code == ErrorCode::not_found ? 404 : status_of(error.code);
    return {status, write_refusal(status == 503 ? "not possible now; ask again" : error.message)};
  }

  void look() {
    const std::lock_guard lock(mutex_);
    refresh();
  }

 private:
  void refresh() {
    const auto done = enrolment_.refresh_broker();
    const std::string problem = done ? "" : done.error().message;
    if (!problem.empty() && problem != problem_)
      log_error("cannot bring the broker's files up to date: {}; trying again", problem);
    problem_ = problem;
  }

  Result<std::string> decide(const HttpRequest& request) {
    if (request.path == kEnrolPath) {
      auto read = read_enrol_request(request.body);
      if (!read) return std::move(read).error();
      auto answer = enrolment_.enrol(*read);
      if (!answer) return std::move(answer).error();
      // Before the screen knows who it is: one that connects at once would otherwise subscribe to
      // its groups' topics while they are closed to it, and hear nothing that is retained there.
      refresh();
      return write_enrol_answer(*answer);
    }
    if (request.path == kRenewPath) {
      auto read = read_renew_request(request.body);
      if (!read) return std::move(read).error();
      auto answer = enrolment_.renew(*read);
      if (!answer) return std::move(answer).error();
      return write_renew_answer(*answer);
    }
    if (request.path == kSeenPath) {
      auto read = read_seen_request(request.body);
      if (!read) return std::move(read).error();
      auto done = enrolment_.seen(*read);
      if (!done) return std::move(done).error();
      return std::string("{}");
    }
    return fail(ErrorCode::not_found, "nothing is served here");
  }

  SystemClock clock_;
  std::mutex mutex_;  // the server's thread and the main loop share all that follows
  Enrolment& enrolment_;
  RateLimit limit_;
  std::string problem_;
};

Status run(const fs::path& config_file) {
  const StopSignal stop;
  const SystemClock clock;
  auto config = read_enrol_config(config_file);
  if (!config) return std::move(config).error();
  auto enrolment = Enrolment::open(*config, clock);
  if (!enrolment) return std::move(enrolment).error();
  EnrolDaemon daemon(**enrolment, config->requests_a_minute);
  daemon.look();
  auto server =
      HttpServer::start(config->listen, {.most_body = kMostEnrolmentBytes},
                        [&](const HttpRequest& request) { return daemon.handle(request); });
  if (!server) return std::move(server).error();
  log_info("certificates of {} s by {}, listening on {}", config->life_s,
           config->ca_certificate.string(), config->listen);
  turn_until_stopped(stop, kLookEvery, [&] { daemon.look(); });
  return ok();
}

}  // namespace
}  // namespace vitrine

int main(int count, char** words) {
  vitrine::cli::App app("Gives screens their certificates; see docs/enrolment.md");
  std::string config;
  app.add_option("--config", config, "backend.toml")->required();
  app.set_version_flag("--version", VITRINE_VERSION);
  if (const auto code = app.parse(count, words)) return *code;
  vitrine::log_start("vitrine-enrol");
  auto done = vitrine::run(config);
  if (done) return 0;
  vitrine::log_error("{}; stopping", done.error().message);
  return 1;
}
