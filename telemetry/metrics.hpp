// The health figures as Prometheus reads them (text format 0.0.4), on run/telemetry/metrics.sock:
//     curl --unix-socket /run/vitrine/telemetry/metrics.sock http://screen/metrics
// Whoever connects and asks anything gets the same answer and is let go: there is one page and
// nothing to route, so this is no web server, and Debian's libmicrohttpd would bring GnuTLS onto
// every screen. One thread; nothing here waits.
#pragma once

#include <vector>

#include "platform/file.hpp"
#include "state/status.hpp"

namespace vitrine {

// Names begin with "vitrine_"; units are Prometheus' base units (seconds, bytes, celsius, ratio);
// what counts up ends in "_total".
std::string metrics_text(const TelemetryStatus& status, const std::string& screen);

class MetricsSocket {
 public:
  // Replaces a socket that an earlier run left.
  static Result<MetricsSocket> open(const fs::path& path);

  // Answers those who have asked and lets go whoever has said nothing for a second. `now` on
  // CLOCK_BOOTTIME.
  template <class Text>
  void serve(Micros now, Text text) {
    accept_all(now);
    for (std::size_t i = 0; i < guests_.size();) {
      const bool asked = has_asked(guests_[i]);
      if (asked) answer(guests_[i], text());
      if (asked || now - guests_[i].since > kSecond) {
        guests_.erase(guests_.begin() + static_cast<std::ptrdiff_t>(i));
      } else {
        ++i;
      }
    }
  }

 private:
  struct Guest {
    FileDescriptor socket;
    Micros since = 0;
  };
  explicit MetricsSocket(FileDescriptor listening) : listening_(std::move(listening)) {}
  void accept_all(Micros now);
  static bool has_asked(const Guest& guest);
  static void answer(const Guest& guest, const std::string& text);

  FileDescriptor listening_;
  std::vector<Guest> guests_;
};

}  // namespace vitrine
