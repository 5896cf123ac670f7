#include "http/metrics_server.hpp"

namespace vitrine {

Result<std::unique_ptr<MetricsServer>> MetricsServer::start(const std::string& listen,
                                                            const std::string& key) {
  if (!listen.starts_with("127."))
    return fail(ErrorCode::invalid,
                key + " is '" + listen + "': it is a loopback address, 127.0.0.1:9464");
  const HttpLimits limits{.method = "GET", .connections = 8, .idle_s = 5};
  std::unique_ptr<MetricsServer> metrics(new MetricsServer);
  auto server = HttpServer::start(listen, limits, [page = metrics.get()](const HttpRequest& asked) {
    return page->answer(asked);
  });
  if (!server) return std::move(server).error().context("cannot serve metrics on " + listen);
  metrics->server_ = *std::move(server);
  return metrics;
}

HttpAnswer MetricsServer::answer(const HttpRequest& request) {
  if (request.path != "/metrics")
    return {.status = 404,
            .body = "only GET /metrics is answered here\n",
            .content_type = "text/plain"};
  const std::lock_guard lock(mutex_);
  return {.body = page_, .content_type = "text/plain; version=0.0.4"};
}

void MetricsServer::show(std::string page) {
  const std::lock_guard lock(mutex_);
  page_ = std::move(page);
}

}  // namespace vitrine
