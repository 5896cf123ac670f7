// POST /v1/events: NDJSON in, what became of each row out. For one thread.
#pragma once

#include "backflow/online_config.hpp"
#include "backflow/online_loader.hpp"
#include "http/http_server.hpp"
#include "http/rate_limit.hpp"
#include "platform/clock.hpp"

namespace vitrine::online {

class OnlineDesk {
 public:
  OnlineDesk(const OnlineConfig& config, std::string token, SqlStore& store, const Clock& clock)
      : config_(config),
        token_(std::move(token)),
        store_(store),
        clock_(clock),
        limit_(config.requests_a_minute) {}

  // Before the body: 404, 401 without the bearer token, 429.
  std::optional<HttpAnswer> admit(const HttpRequest& head);
  // 200 with counts by cause when all good rows are stored; 400 for what is no NDJSON at all; 503
  // when the store cannot be written: the same request may be sent again, as often as it takes.
  HttpAnswer answer(const HttpRequest& request);

 private:
  const OnlineConfig& config_;
  std::string token_;
  SqlStore& store_;
  const Clock& clock_;
  RateLimit limit_;
};

}  // namespace vitrine::online
