// The only caller of libmicrohttpd: plain HTTP on loopback or a Unix socket, behind nginx, which
// terminates TLS. Small requests in, small answers out.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "base/result.hpp"
#include "platform/file.hpp"

struct MHD_Daemon;

namespace vitrine {

struct HttpRequest {
  std::string path;
  std::string source;  // X-Real-IP as nginx sets it; empty without
  std::string body;
  std::string authorization = {};  // the header; empty without
  std::string to = {};             // the query's argument of that name; empty without
};
struct HttpAnswer {
  unsigned status = 200;
  std::string body;
  std::string location = {};  // the header; empty: none
  std::string content_type = "application/json";
};

struct HttpLimits {
  std::string method = "POST";  // others are answered 405
  std::size_t most_body = 0;    // bytes; more is answered 413
  unsigned connections = 64;
  unsigned idle_s = 10;  // nginx holds the slow ones back and comes with whole requests
  unsigned threads = 1;
};

class HttpServer {
 public:
  // On one of the server's threads, as many requests at once as it has.
  using Handler = std::function<HttpAnswer(const HttpRequest&)>;
  // The same before the body is read, `body` being empty; an answer ends the request there.
  using Admit = std::function<std::optional<HttpAnswer>(const HttpRequest&)>;

  // `listen` is "127.0.0.1:PORT" (port 0: a free one) or "unix:/path". A socket file that is there
  // already is replaced.
  static Result<std::unique_ptr<HttpServer>> start(const std::string& listen, HttpLimits limits,
                                                   Handler handler, Admit admit = {});
  ~HttpServer();  // waits for the requests that run
  HttpServer(const HttpServer&) = delete;
  HttpServer& operator=(const HttpServer&) = delete;

  int port() const { return port_; }  // 0 for a Unix socket

 private:
  friend struct HttpServerCalls;
  HttpServer(HttpLimits limits, Handler handler, Admit admit)
      : limits_(std::move(limits)), handler_(std::move(handler)), admit_(std::move(admit)) {}
  HttpLimits limits_;
  Handler handler_;
  Admit admit_;
  int port_ = 0;
  MHD_Daemon* daemon_ = nullptr;
};

}  // namespace vitrine
