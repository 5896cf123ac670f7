#include "http/http_server.hpp"

#include <arpa/inet.h>
#include <microhttpd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <cerrno>
#include <charconv>
#include <cstring>

namespace vitrine {
namespace {

struct Exchange {
  HttpRequest request;
  bool too_large = false;
};

std::string value_of(MHD_Connection* connection, MHD_ValueKind kind, const char* name) {
  const char* value = MHD_lookup_connection_value(connection, kind, name);
  return value == nullptr ? "" : value;
}

MHD_Result reply(MHD_Connection* connection, const HttpAnswer& answer) {
  MHD_Response* response = MHD_create_response_from_buffer(
      answer.body.size(), const_cast<char*>(answer.body.data()), MHD_RESPMEM_MUST_COPY);
  if (response == nullptr) return MHD_NO;
  MHD_add_response_header(response, MHD_HTTP_HEADER_CONTENT_TYPE, answer.content_type.c_str());
  MHD_add_response_header(response, MHD_HTTP_HEADER_CACHE_CONTROL, "no-store");
  if (!answer.location.empty())
    MHD_add_response_header(response, MHD_HTTP_HEADER_LOCATION, answer.location.c_str());
  const MHD_Result queued = MHD_queue_response(connection, answer.status, response);
  MHD_destroy_response(response);
  return queued;
}

Error system_error(const std::string& doing) {
  return fail(ErrorCode::unavailable, doing + ": " + std::strerror(errno));
}

Result<FileDescriptor> listen_on(const std::string& where) {
  constexpr std::string_view kUnix = "unix:";
  const bool local = where.starts_with(kUnix);
  FileDescriptor socket(::socket(local ? AF_UNIX : AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  if (!socket.open()) return system_error("cannot make a socket");
  if (local) {
    const std::string path = where.substr(kUnix.size());
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    if (path.empty() || path.size() >= sizeof address.sun_path)
      return fail(ErrorCode::invalid, "'" + where + "' is no address to listen on");
    std::memcpy(address.sun_path, path.c_str(), path.size());
    if (auto removed = remove_file(path); !removed) return std::move(removed).error();
    if (::bind(socket.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0)
      return system_error("cannot listen on " + where);
    // nginx runs as another user of the directory's group.
    if (::chmod(path.c_str(), 0660) != 0) return system_error("cannot open " + path + " to nginx");
  } else {
    const auto colon = where.rfind(':');
    int port = 0;
    sockaddr_in address{};
    address.sin_family = AF_INET;
    const std::string host = where.substr(0, colon);
    if (colon == std::string::npos ||
        std::from_chars(where.data() + colon + 1, where.data() + where.size(), port).ec !=
            std::errc() ||
        ::inet_pton(AF_INET, host.c_str(), &address.sin_addr) != 1) {
      return fail(ErrorCode::invalid,
                  "'" + where + "' is no address to listen on (127.0.0.1:PORT or unix:/path)");
    }
    address.sin_port = htons(static_cast<std::uint16_t>(port));
    const int yes = 1;
    (void)::setsockopt(socket.get(), SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
    if (::bind(socket.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0)
      return system_error("cannot listen on " + where);
  }
  if (::listen(socket.get(), 64) != 0) return system_error("cannot listen on " + where);
  return socket;
}

int port_of(int socket) {
  sockaddr_in address{};
  socklen_t size = sizeof address;
  if (::getsockname(socket, reinterpret_cast<sockaddr*>(&address), &size) != 0 ||
      address.sin_family != AF_INET)
    return 0;
  return ntohs(address.sin_port);
}

}  // namespace

struct HttpServerCalls {
  static MHD_Result on_request(void* object, MHD_Connection* connection, const char* url,
                               const char* method, const char*, const char* data, std::size_t* size,
                               void** state) {
    const auto& server = *static_cast<HttpServer*>(object);
    if (*state == nullptr) {  // the head is here, the body is not
      *state = new Exchange{{url, value_of(connection, MHD_HEADER_KIND, "X-Real-IP"), "",
                             value_of(connection, MHD_HEADER_KIND, "Authorization"),
                             value_of(connection, MHD_GET_ARGUMENT_KIND, "to")}};
      if (server.limits_.method != method) {
        return reply(connection, {405, R"({"error":"only )" + server.limits_.method +
                                           R"( is answered here"})"});
      }
      if (server.admit_) {
        if (auto answer = server.admit_(static_cast<Exchange*>(*state)->request))
          return reply(connection, *answer);
      }
      return MHD_YES;
    }
    auto& exchange = *static_cast<Exchange*>(*state);
    std::string& body = exchange.request.body;
    if (*size > 0) {
      if (body.size() + *size > server.limits_.most_body) {
        exchange.too_large = true;
      } else {
        body.append(data, *size);
      }
      *size = 0;
      return MHD_YES;
    }
    if (exchange.too_large) return reply(connection, {413, R"({"error":"too large"})"});
    return reply(connection, server.handler_(exchange.request));
  }

  static void on_end(void*, MHD_Connection*, void** state, MHD_RequestTerminationCode) {
    delete static_cast<Exchange*>(*state);
    *state = nullptr;
  }
};

Result<std::unique_ptr<HttpServer>> HttpServer::start(const std::string& listen, HttpLimits limits,
                                                      Handler handler, Admit admit) {
  auto socket = listen_on(listen);
  if (!socket) return std::move(socket).error();
  std::unique_ptr<HttpServer> server(
      new HttpServer(std::move(limits), std::move(handler), std::move(admit)));
  server->port_ = port_of(socket->get());
  // A pool of one is refused: without the option there is one thread.
  const MHD_OptionItem pool[] = {
      {server->limits_.threads > 1 ? MHD_OPTION_THREAD_POOL_SIZE : MHD_OPTION_END,
       static_cast<std::intptr_t>(server->limits_.threads), nullptr},
      {MHD_OPTION_END, 0, nullptr}};
  server->daemon_ = MHD_start_daemon(
      MHD_USE_INTERNAL_POLLING_THREAD | MHD_USE_POLL, 0, nullptr, nullptr,
      &HttpServerCalls::on_request, server.get(), MHD_OPTION_LISTEN_SOCKET, socket->get(),
      MHD_OPTION_NOTIFY_COMPLETED, &HttpServerCalls::on_end, nullptr, MHD_OPTION_CONNECTION_LIMIT,
      server->limits_.connections, MHD_OPTION_CONNECTION_TIMEOUT, server->limits_.idle_s,
      MHD_OPTION_ARRAY, pool, MHD_OPTION_END);
  if (server->daemon_ == nullptr)
    return fail(ErrorCode::unavailable, "cannot serve HTTP on " + listen);
  (void)socket->release();  // libmicrohttpd's from here on
  return server;
}

HttpServer::~HttpServer() {
  if (daemon_ != nullptr) MHD_stop_daemon(daemon_);
}

}  // namespace vitrine
