#include "ingest/metrics_server.hpp"

#include <arpa/inet.h>
#include <microhttpd.h>
#include <netinet/in.h>

#include <charconv>
#include <string_view>

namespace vitrine {
namespace {

constexpr unsigned kMostConnections = 8;
constexpr unsigned kIdleS = 5;

Result<sockaddr_in> loopback_of(const std::string& listen) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  const auto colon = listen.rfind(':');
  const std::string host = listen.substr(0, colon);
  std::uint16_t port = 0;
  const char* end = listen.data() + listen.size();
  const bool good = colon != std::string::npos &&
                    std::from_chars(listen.data() + colon + 1, end, port).ptr == end &&
                    ::inet_pton(AF_INET, host.c_str(), &address.sin_addr) == 1 &&
                    (ntohl(address.sin_addr.s_addr) >> 24) == 127;
  if (!good)
    return fail(ErrorCode::invalid,
                "ingest.metrics is '" + listen + "': it is a loopback address, 127.0.0.1:9464");
  address.sin_port = htons(port);
  return address;
}

}  // namespace

struct MetricsServerCalls {
  static MHD_Result on_request(void* object, MHD_Connection* connection, const char* url,
                               const char* method, const char*, const char*, std::size_t*, void**) {
    auto& server = *static_cast<MetricsServer*>(object);
    const bool asked =
        std::string_view(method) == MHD_HTTP_METHOD_GET && std::string_view(url) == "/metrics";
    std::string body = "only GET /metrics is answered here\n";
    if (asked) {
      const std::lock_guard lock(server.mutex_);
      body = server.page_;
    }
    MHD_Response* response =
        MHD_create_response_from_buffer(body.size(), body.data(), MHD_RESPMEM_MUST_COPY);
    if (response == nullptr) return MHD_NO;
    MHD_add_response_header(response, MHD_HTTP_HEADER_CONTENT_TYPE, "text/plain; version=0.0.4");
    const MHD_Result queued = MHD_queue_response(
        connection, asked ? MHD_HTTP_OK : static_cast<unsigned>(MHD_HTTP_NOT_FOUND), response);
    MHD_destroy_response(response);
    return queued;
  }
};

Result<std::unique_ptr<MetricsServer>> MetricsServer::start(const std::string& listen) {
  auto address = loopback_of(listen);
  if (!address) return std::move(address).error();
  std::unique_ptr<MetricsServer> server(new MetricsServer);
  server->daemon_ =
      MHD_start_daemon(MHD_USE_INTERNAL_POLLING_THREAD | MHD_USE_POLL, 0, nullptr, nullptr,
                       &MetricsServerCalls::on_request, server.get(), MHD_OPTION_SOCK_ADDR,
                       &*address, MHD_OPTION_CONNECTION_LIMIT, kMostConnections,
                       MHD_OPTION_CONNECTION_TIMEOUT, kIdleS, MHD_OPTION_END);
  if (server->daemon_ == nullptr)
    return fail(ErrorCode::unavailable, "cannot serve metrics on " + listen + ": is it taken?");
  return server;
}

MetricsServer::~MetricsServer() {
  if (daemon_ != nullptr) MHD_stop_daemon(daemon_);
}

void MetricsServer::show(std::string page) {
  const std::lock_guard lock(mutex_);
  page_ = std::move(page);
}

}  // namespace vitrine
