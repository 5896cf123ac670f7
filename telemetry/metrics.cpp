#include "metrics.hpp"

#include <spdlog/fmt/fmt.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "alerts.hpp"

namespace vitrine {
namespace {

constexpr std::size_t kMostGuests = 8;

struct Unit {
  std::string_view suffix;  // of our figure
  std::string_view name;    // as Prometheus wants it
  std::int64_t per = 1;     // ours in one of theirs
};
constexpr Unit kUnits[] = {{"_s", "_seconds", 1},          {"_ms", "_seconds", 1000},
                           {"_us", "_seconds", 1'000'000}, {"_mc", "_celsius", 1000},
                           {"_milli", "", 1000},           {"_permille", "_ratio", 1000},
                           {"_percent", "_ratio", 100},    {"_ppm", "_ratio", 1'000'000}};

struct Named {
  std::string name;
  std::int64_t per = 1;
};

Named named(const FigureKind& kind) {
  std::string_view stem = kind.name;
  Named out{"", 1};
  std::string_view unit;
  for (const Unit& one : kUnits) {
    if (!stem.ends_with(one.suffix)) continue;
    stem.remove_suffix(one.suffix.size());
    unit = one.name;
    out.per = one.per;
    break;
  }
  out.name = "vitrine_" + std::string(stem) + std::string(unit) + (kind.counts_up ? "_total" : "");
  return out;
}

std::string label(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (c == '\\' || c == '"') out += '\\';
    if (c == '\n')
      out += "\\n";
    else
      out += c;
  }
  return out;
}

void head(std::string& out, const std::string& name, std::string_view help, bool counts_up) {
  out += fmt::format("# HELP {} {}\n# TYPE {} {}\n", name, help, name,
                     counts_up ? "counter" : "gauge");
}

std::string value_of(std::int64_t value, std::int64_t per) {
  return per == 1 ? fmt::format("{}", value)
                  : fmt::format("{}", static_cast<double>(value) / static_cast<double>(per));
}

}  // namespace

std::string metrics_text(const TelemetryStatus& status, const std::string& screen) {
  std::string out;
  head(out, "vitrine_info", "The screen and its software", false);
  out += fmt::format("vitrine_info{{screen=\"{}\",software=\"{}\"}} 1\n", label(screen),
                     label(status.software));
  for (const FigureKind& kind : kFigureKinds) {
    const Named metric = named(kind);
    bool headed = false;
    for (const auto& [key, value] : status.figures) {
      const auto dot = key.find('.');
      if (std::string_view(key).substr(0, dot) != kind.name) continue;
      if (!headed) head(out, metric.name, kind.help, kind.counts_up);
      headed = true;
      out += metric.name;
      if (dot != std::string::npos)
        out += fmt::format("{{{}=\"{}\"}}", kind.part, label(key.substr(dot + 1)));
      out += " " + value_of(value, metric.per) + "\n";
    }
  }
  head(out, "vitrine_alert", "1 while the alert is in force", false);
  for (const std::string_view code : kAlertCodes) {
    bool on = false;
    for (const StatusAlert& alert : status.alerts) on = on || alert.code == code;
    out += fmt::format("vitrine_alert{{alert=\"{}\"}} {}\n", code, on ? 1 : 0);
  }
  return out;
}

Result<MetricsSocket> MetricsSocket::open(const fs::path& path) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  const std::string name = path.string();
  if (name.size() >= sizeof address.sun_path)
    return fail(ErrorCode::invalid, name + " is too long for a socket");
  std::memcpy(address.sun_path, name.c_str(), name.size());
  if (auto gone = remove_file(path); !gone) return std::move(gone).error();
  FileDescriptor socket(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  if (!socket.open() ||
      ::bind(socket.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0 ||
      ::chmod(name.c_str(), 0660) != 0 || ::listen(socket.get(), kMostGuests) != 0) {
    return fail(ErrorCode::unavailable, "cannot listen on " + name + ": " + std::strerror(errno));
  }
  return MetricsSocket(std::move(socket));
}

void MetricsSocket::accept_all(Micros now) {
  while (guests_.size() < kMostGuests) {
    FileDescriptor guest(
        ::accept4(listening_.get(), nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK));
    if (!guest.open()) return;
    guests_.push_back({std::move(guest), now});
  }
}

// Reads what was said, which is not looked at: closing a socket with unread bytes would take our
// answer back.
bool MetricsSocket::has_asked(const Guest& guest) {
  char bytes[4096];
  bool asked = false;
  for (;;) {
    const ssize_t got = ::recv(guest.socket.get(), bytes, sizeof bytes, 0);
    if (got < 0) return asked;
    asked = true;  // or has hung up, which is answered in vain
    if (got == 0) return true;
  }
}

void MetricsSocket::answer(const Guest& guest, const std::string& text) {
  const std::string page = fmt::format(
      "HTTP/1.0 200 OK\r\nContent-Type: text/plain; version=0.0.4; charset=utf-8\r\n"
      "Content-Length: {}\r\nConnection: close\r\n\r\n{}",
      text.size(), text);
  // Some kilobytes: they fit into the socket's buffer, and a guest that does not read loses them.
  (void)!::send(guest.socket.get(), page.data(), page.size(), MSG_NOSIGNAL);
}

}  // namespace vitrine
