// vitrine-line: a long, thin, lossy line between this network and an empty one made for it. A
// program started in /proc/<pid of this>/ns/net sees the near end through it and nothing else; with
// this process everything goes, interfaces and namespace.
//
//   vitrine-line --near 198.18.7.1 --far 198.18.7.2 --control SOCKET [--seed N]
//
// SOCKET takes datagrams such as "--both --rate 1000000 --delay-ms 100 --loss-permille 20" (up is
// from the far end to the near one); what a datagram does not name is off. Each is answered with
// the figures so far as TOML, an unknown one with "error = ...". The answer comes after the change.
#include <fcntl.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#include <array>
#include <cerrno>

#include "platform/clock.hpp"
#include "platform/command_line.hpp"
#include "platform/log.hpp"
#include "platform/service.hpp"
#include "shaper.hpp"
#include "tun.hpp"

namespace vitrine::testing {
namespace {

constexpr std::size_t kMostPacket = 65'536;

Result<FileDescriptor> open_control(const std::string& path) {
  FileDescriptor socket(::socket(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (path.size() >= sizeof(address.sun_path)) {
    return fail(ErrorCode::invalid, "the control socket's path is too long: " + path);
  }
  path.copy(address.sun_path, path.size());
  ::unlink(path.c_str());
  if (::bind(socket.get(), reinterpret_cast<const sockaddr*>(&address), sizeof(address)) != 0) {
    return fail(ErrorCode::unavailable, "cannot bind " + path + ": " + std::strerror(errno));
  }
  return socket;
}

class Line {
 public:
  Line(FileDescriptor near, FileDescriptor far, FileDescriptor control, std::uint64_t seed)
      : near_(std::move(near)),
        far_(std::move(far)),
        control_(std::move(control)),
        up_(seed),
        down_(seed + 1) {}

  void run(const StopSignal& stop) {
    while (!stop.raised()) {
      wait(stop.fd());
      const Micros now = clock_.monotonic();
      receive(far_.get(), up_, now);
      receive(near_.get(), down_, now);
      obey();
      deliver(up_, near_.get());
      deliver(down_, far_.get());
    }
  }

 private:
  void wait(int stop) const {
    std::array<pollfd, 4> waiting{{{near_.get(), POLLIN, 0},
                                   {far_.get(), POLLIN, 0},
                                   {control_.get(), POLLIN, 0},
                                   {stop, POLLIN, 0}}};
    std::optional<Micros> next = up_.next();
    if (const auto other = down_.next(); other && (!next || *other < *next)) next = other;
    timespec time{};
    if (next) {
      const Micros left = std::max<Micros>(0, *next - clock_.monotonic());
      time = {static_cast<time_t>(left / kSecond), static_cast<long>(left % kSecond * 1000)};
    }
    (void)::ppoll(waiting.data(), waiting.size(), next ? &time : nullptr, nullptr);
  }

  static void receive(int from, Shaper& shaper, Micros now) {
    Bytes packet(kMostPacket);
    for (;;) {
      const ssize_t size = ::read(from, packet.data(), packet.size());
      if (size <= 0) return;
      shaper.offer(Bytes(packet.begin(), packet.begin() + size), now);
    }
  }

  void deliver(Shaper& shaper, int to) const {
    while (const auto packet = shaper.take(clock_.monotonic())) {
      // A device that takes no more drops it, as a full card would.
      (void)!::write(to, packet->data(), packet->size());
    }
  }

  void obey() {
    std::array<char, 4096> text{};
    sockaddr_un from{};
    socklen_t length = sizeof(from);
    const ssize_t size = ::recvfrom(control_.get(), text.data(), text.size(), 0,
                                    reinterpret_cast<sockaddr*>(&from), &length);
    if (size < 0) return;
    const std::string answer = change(std::string(text.data(), static_cast<std::size_t>(size)));
    (void)::sendto(control_.get(), answer.data(), answer.size(), 0,
                   reinterpret_cast<const sockaddr*>(&from), length);
  }

  std::string change(const std::string& order) {
    bool up = false, down = false, both = false;
    LineSettings settings;
    std::int64_t delay_ms = 0;
    cli::App app;
    app.add_flag("--up", up);
    app.add_flag("--down", down);
    app.add_flag("--both", both);
    app.add_option("--rate", settings.bits_per_second)->check(cli::range(0, 1'000'000'000));
    app.add_option("--delay-ms", delay_ms)->check(cli::range(0, 60'000));
    app.add_option("--loss-permille", settings.loss_permille)->check(cli::range(0, 1000));
    app.add_option("--queue", settings.queue_bytes);
    app.add_flag("--cut", settings.cut);
    if (const auto read = app.parse_words(order); !read) {
      return fmt::format("error = '''{}'''\n", read.error().message);
    }
    settings.delay = delay_ms * kMillisecond;
    if (up || both) up_.set(settings);
    if (down || both) down_.set(settings);
    return figures("up", up_) + figures("down", down_);
  }

  static std::string figures(const char* name, const Shaper& shaper) {
    const LineFigures& of = shaper.figures();
    return fmt::format("[{}]\npackets = {}\nbytes = {}\nlost = {}\noverflow = {}\n", name,
                       of.packets, of.bytes, of.lost, of.overflow);
  }

  SystemClock clock_;
  FileDescriptor near_, far_, control_;
  Shaper up_, down_;
};

Status run(const std::string& near, const std::string& far, const std::string& control,
           std::uint64_t seed) {
  const StopSignal stop;
  auto socket = open_control(control);
  if (!socket) return std::move(socket).error();
  auto near_end = open_tun(near, far);
  if (!near_end) return std::move(near_end).error();
  if (auto entered = enter_empty_network(); !entered) return entered;
  auto far_end = open_tun(far, near);
  if (!far_end) return std::move(far_end).error();
  Line line(std::move(*near_end), std::move(*far_end), std::move(*socket), seed);
  notify_ready();
  line.run(stop);
  return ok();
}

}  // namespace
}  // namespace vitrine::testing

int main(int argc, char** argv) {
  vitrine::cli::App app("An emulated line into a network namespace of its own");
  std::string near, far, control;
  std::uint64_t seed = 1;
  app.add_option("--near", near, "IPv4 address of the end that stays here")->required();
  app.add_option("--far", far, "IPv4 address of the end in the new namespace")->required();
  app.add_option("--control", control, "socket that takes orders")->required();
  app.add_option("--seed", seed, "which packets are lost")->capture_default_str();
  if (const auto code = app.parse(argc, argv)) return *code;
  vitrine::log_start("vitrine-line");
  const auto done = vitrine::testing::run(near, far, control, seed);
  if (done) return 0;
  vitrine::log_error("{}; stopping", done.error().message);
  return 1;
}
