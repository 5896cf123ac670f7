// A URL as origin, against a real server: nginx with its WebDAV module.
#include <doctest/doctest.h>
#include <signal.h>
#include <unistd.h>

#include "broker.hpp"
#include "operator/origin.hpp"
#include "platform/crypto.hpp"
#include "process.hpp"
#include "temp_directory.hpp"

namespace vitrine {
namespace {

using testing::Process;
using testing::TempDirectory;

struct Server {
  TempDirectory directory;
  testing::TestCa ca{directory.path()};
  int port = testing::free_port();
  std::unique_ptr<Process> nginx;

  Server() {
    ca.issue("server");
    REQUIRE(make_directories(directory / "served").ok());
    const std::string here = directory.path().string();
    const std::string config =
        "daemon off; pid " + here + "/nginx.pid; error_log " + here + "/error.log; " +
        (::geteuid() == 0 ? "user root; " : "") + "events {} http { access_log " + here +
        "/access.log; client_body_temp_path " + here + "/body; proxy_temp_path " + here +
        "/p; fastcgi_temp_path " + here + "/f; uwsgi_temp_path " + here + "/u; scgi_temp_path " +
        here + "/s; client_max_body_size 100m; server { listen 127.0.0.1:" + std::to_string(port) +
        " ssl; ssl_certificate " + ca.certificate("server") + "; ssl_certificate_key " +
        ca.key("server") + "; root " + here +
        "/served; location / { dav_methods PUT; create_full_put_path on; } "
        "location /closed/ { return 403; } } }";
    REQUIRE(write_atomic(directory / "nginx.conf", config).ok());
    nginx = std::make_unique<Process>(
        std::vector<std::string>{"nginx", "-e", here + "/error.log", "-c", here + "/nginx.conf"},
        directory / "log");
  }
  ~Server() {
    nginx->signal(SIGTERM);
    nginx->wait();
  }
  std::string origin(const std::string& path = "") const {
    return "https://localhost:" + std::to_string(port) + path;
  }
  std::size_t puts() const {
    const auto log = read_text(directory / "access.log");
    std::size_t count = 0;
    for (std::size_t at = 0; log.ok() && (at = log->find("\"PUT ", at)) != std::string::npos; ++at)
      ++count;
    return count;
  }
  // Again until the server listens.
  Status put(const op::LocalContent& content, const std::string& path = "") {
    Status status = ok();
    testing::until([&] {
      status = op::put_content({origin(path), ca.ca()}, content);
      return status.ok() || status.error().code != ErrorCode::unavailable;
    });
    return status;
  }
};

op::LocalContent film(const Server& server, const std::string& body) {
  REQUIRE(write_atomic(server.directory / "film.mp4", body).ok());
  const auto hash = sha256(as_bytes(body));
  return {server.directory / "film.mp4", hash, body.size(), "content/" + to_hex(hash)};
}

}  // namespace

TEST_CASE("a URL origin gets the file by PUT, once") {
  Server server;
  const std::string body(3'000'000, 'x');
  const auto content = film(server, body);
  const auto put = server.put(content);
  REQUIRE_MESSAGE(put.ok(), put.error().message);
  CHECK(*read_text(server.directory / "served" / content.path) == body);
  REQUIRE(server.put(content).ok());
  CHECK(server.puts() == 1);
}

TEST_CASE("a server that refuses a PUT is named with its answer") {
  Server server;
  const auto put = server.put(film(server, "tea"), "/closed");
  REQUIRE_FALSE(put.ok());
  CHECK(put.error().message.find("cannot PUT https://localhost:") == 0);
  CHECK(put.error().message.find("the server answered 403") != std::string::npos);
}

TEST_CASE("a server whose certificate nobody trusted gets nothing") {
  Server server;
  const auto content = film(server, "tea");
  REQUIRE(server.put(content).ok());
  const auto put = op::put_content({server.origin(), ""}, film(server, "more tea"));
  REQUIRE_FALSE(put.ok());
  CHECK(put.error().code == ErrorCode::unavailable);
  CHECK(server.puts() == 1);
}

}  // namespace vitrine
