// Plain HTTP by libmicrohttpd on loopback or a Unix socket, behind nginx, which
// terminates TLS. Small POSTs in, small JSON out.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "base/result.hpp"
#include "platform/file.hpp"

struct MHD_Daemon;

namespace vitrine {

struct HttpRequest {
  std::string path;
  std::string source;  // X-Real-IP as nginx sets it; empty without
  std::string body;
};
struct HttpAnswer {
  unsigned status = 200;
  std::string body;  // JSON
};

class HttpServer {
 public:
  // Runs on the server's own thread, one request at a time. Only POSTs of at most `most_body` bytes
  // get there; everything else is answered 405 or 413.
  using Handler = std::function<HttpAnswer(const HttpRequest&)>;

  // `listen` is "127.0.0.1:PORT" or "unix:/path". A socket file that is there already is replaced.
  static Result<std::unique_ptr<HttpServer>> start(const std::string& listen, std::size_t most_body,
                                                   Handler handler);
  ~HttpServer();  // waits for the request that runs
  HttpServer(const HttpServer&) = delete;
  HttpServer& operator=(const HttpServer&) = delete;

 private:
  friend struct HttpServerCalls;
  HttpServer(std::size_t most_body, Handler handler)
      : most_body_(most_body), handler_(std::move(handler)) {}
  std::size_t most_body_;
  Handler handler_;
  MHD_Daemon* daemon_ = nullptr;
};

}  // namespace vitrine
