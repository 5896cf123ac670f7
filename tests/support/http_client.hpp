// One HTTP request over a plain socket, as a phone, a shop or somebody who means harm sends it.
#pragma once

#include <arpa/inet.h>
#include <sys/socket.h>

#include <string>

#include "platform/file.hpp"

namespace vitrine::testing {

struct HttpReply {
  int status = 0;  // 0: no answer came
  std::string head, body;
  std::string header(const std::string& name) const {
    const std::size_t at = head.find("\r\n" + name + ": ");
    if (at == std::string::npos) return "";
    const std::size_t from = at + name.size() + 4;
    return head.substr(from, head.find("\r\n", from) - from);
  }
};

// `text`: the whole request. Waits for an answer of at most ten seconds.
inline HttpReply http_exchange(int port, const std::string& text) {
  const FileDescriptor socket(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(static_cast<std::uint16_t>(port));
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  const timeval limit{10, 0};
  (void)::setsockopt(socket.get(), SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
  if (::connect(socket.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0)
    return {};
  // A server that has heard enough may close before all is sent.
  for (std::size_t at = 0; at < text.size();) {
    const ssize_t sent = ::send(socket.get(), text.data() + at, text.size() - at, MSG_NOSIGNAL);
    if (sent <= 0) break;
    at += static_cast<std::size_t>(sent);
  }
  std::string answer;
  char block[4096];
  for (ssize_t got = 0; (got = ::recv(socket.get(), block, sizeof block, 0)) > 0;)
    answer.append(block, static_cast<std::size_t>(got));
  const std::size_t end = answer.find("\r\n\r\n");
  if (!answer.starts_with("HTTP/1.1 ") || end == std::string::npos) return {};
  return {std::atoi(answer.c_str() + 9), answer.substr(0, end), answer.substr(end + 4)};
}

inline HttpReply http_get(int port, const std::string& path,
                          const std::string& from = "192.0.2.1") {
  return http_exchange(port, "GET " + path + " HTTP/1.1\r\nHost: q\r\nX-Real-IP: " + from +
                                 "\r\nConnection: close\r\n\r\n");
}
inline HttpReply http_post(int port, const std::string& path, const std::string& body,
                           const std::string& token) {
  return http_exchange(port, "POST " + path + " HTTP/1.1\r\nHost: q\r\nAuthorization: Bearer " +
                                 token + "\r\nContent-Length: " + std::to_string(body.size()) +
                                 "\r\nConnection: close\r\n\r\n" + body);
}

}  // namespace vitrine::testing
