// One page of text at http://127.0.0.1:PORT/metrics, by libmicrohttpd. Private to vitrine-ingest.
#pragma once

#include <memory>
#include <mutex>
#include <string>

#include "base/result.hpp"

struct MHD_Daemon;

namespace vitrine {

class MetricsServer {
 public:
  // `listen`: "127.0.0.1:9464". Only loopback: the page names no screen, but it is nobody's
  // business.
  static Result<std::unique_ptr<MetricsServer>> start(const std::string& listen);
  ~MetricsServer();
  MetricsServer(const MetricsServer&) = delete;
  MetricsServer& operator=(const MetricsServer&) = delete;

  // What is answered from now on. Any thread.
  void show(std::string page);

 private:
  friend struct MetricsServerCalls;
  MetricsServer() = default;
  std::mutex mutex_;
  std::string page_;
  MHD_Daemon* daemon_ = nullptr;
};

}  // namespace vitrine
