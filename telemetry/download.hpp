// HTTPS transfers by libcurl, several at once, each appended to a file of its own. An origin is
// trusted with nothing: its address must be listed, its answer may neither be longer nor slower
// than what was signed allows, and what came is judged by its hash afterwards (fetch.hpp). One
// thread, but for wake() and Allowance.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "platform/file.hpp"
#include "platform/tls.hpp"
#include "protocol/settings.hpp"

namespace vitrine {

// Bytes of bodies that may still come. Shared with the thread that keeps the books of a metered
// link.
struct Allowance {
  static constexpr std::uint64_t kUnlimited = ~std::uint64_t{0};
  std::atomic<std::uint64_t> left = kUnlimited;
  std::atomic<std::uint64_t> received = 0;  // ever, whatever became of them
};

struct TransferLimits {
  long connect_s = 10;
  // Slower than this for so long is a dead connection; a resume costs little.
  long least_bytes_s = 512;
  long slow_s = 30;
  // Whoever dribbles just above that is cut off too: a transfer may take `grace_s` and the time
  // that its bytes need at `slowest_bytes_s`.
  long grace_s = 120;
  long slowest_bytes_s = 4096;
};

struct Download {
  std::string url;
  std::vector<Origin> origins;            // redirects stay within them
  fs::path part;                          // appended to: goes on where the last transfer broke off
  std::uint64_t size = 0;                 // as signed
  CertificateTime certificate_time = {};  // by the system clock unless told otherwise
};

struct Transfer;

class Downloads {
 public:
  // `authority`: PEM of the one CA that counts.
  Downloads(std::string authority, Allowance& allowance, TransferLimits limits = {});
  ~Downloads();  // breaks off what is under way; the parts stay
  Downloads(const Downloads&) = delete;
  Downloads& operator=(const Downloads&) = delete;

  // How a transfer ended. ok: the part has `size` bytes. `unavailable` and `exhausted` (the disk):
  // may work later, the part stays. `corrupt`: the origin has other bytes than were signed, the
  // part is gone. Anything else will not work by itself.
  struct Ended {
    std::uint64_t id = 0;
    Status status = ok();
    bool paused = false;  // the allowance is used up; status means nothing
  };

  void start(std::uint64_t id, Download request);
  void cancel(std::uint64_t id);
  // Moves everything on, for at most `wait_ms` when there is nothing to do.
  std::vector<Ended> run(int wait_ms);
  void wake();  // ends the wait of run(); from any thread
  std::size_t under_way() const { return transfers_.size(); }

 private:
  // False: it ended before it began, and stands in ended_.
  bool begin(Transfer& transfer);
  void finish(Transfer& transfer, int result);
  Result<std::string> judge(Transfer& transfer, int result);

  std::string authority_;
  Allowance& allowance_;
  TransferLimits limits_;
  void* multi_ = nullptr;  // CURLM: its header stays in one .cpp
  std::vector<std::unique_ptr<Transfer>> transfers_;
  std::vector<Ended> ended_;
};

// One transfer from start to end, for whoever may wait.
Status download(const Download& request, const std::string& authority,
                const TransferLimits& limits = {});

}  // namespace vitrine
