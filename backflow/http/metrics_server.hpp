// One page of text at http://127.0.0.1:PORT/metrics (http/metrics_text.hpp makes it).
#pragma once

#include <memory>
#include <mutex>
#include <string>

#include "http/http_server.hpp"

namespace vitrine {

class MetricsServer {
 public:
  // `listen`: "127.0.0.1:9464". Only loopback: the page names no screen, but it is nobody's
  // business. `key`: what backend.toml calls it, for the one line that says what is wrong.
  static Result<std::unique_ptr<MetricsServer>> start(const std::string& listen,
                                                      const std::string& key);

  // What is answered from now on. Any thread.
  void show(std::string page);

 private:
  MetricsServer() = default;
  HttpAnswer answer(const HttpRequest& request);

  std::mutex mutex_;
  std::string page_;
  std::unique_ptr<HttpServer> server_;  // last: it answers from the rest
};

}  // namespace vitrine
