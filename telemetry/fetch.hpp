// Files over HTTPS into a store whose names are hashes. Transfers run on a thread of their own;
// asking and answering is the main thread's, which never waits.
#pragma once

#include <atomic>
#include <map>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "base/bytes.hpp"
#include "base/result.hpp"
#include "download.hpp"
#include "platform/file.hpp"
#include "platform/tls.hpp"
#include "protocol/settings.hpp"

namespace vitrine {

struct ContentRequest {
  Hash256 sha256{};
  std::uint64_t size = 0;
  std::string path;             // below an origin
  std::vector<Origin> origins;  // tried in this order; redirects stay within them
  std::int64_t urgency = 0;     // the smallest goes first; among equals who asked first
};

struct ContentOutcome {
  Hash256 sha256{};
  Status status = ok();  // `unavailable` and `exhausted` (the disk): may work later; anything else
                         // will not by itself
};

class ContentFetch {
 public:
  virtual ~ContentFetch() = default;
  // Begins to bring the content; a hash that is on its way already is not asked for twice.
  virtual void want(const ContentRequest& request) = 0;
  virtual std::vector<ContentOutcome> finished() = 0;
  // What is not among these is not needed any more: given up without an outcome, its part stays.
  virtual void only(const std::set<Hash256>&) {}
};

// The real one: one worker thread, which ends with the object. `wake_fd` becomes readable when
// something finished.
class FetchWorker final : public ContentFetch {
 public:
  // `store` is its directory, `noun` what errors call its files.
  FetchWorker(fs::path store, std::string authority, TransferLimits limits = {},
              std::string noun = "creative");
  ~FetchWorker() override;
  FetchWorker(const FetchWorker&) = delete;
  FetchWorker& operator=(const FetchWorker&) = delete;

  void want(const ContentRequest& request) override;
  std::vector<ContentOutcome> finished() override;
  void only(const std::set<Hash256>& needed) override;
  int wake_fd() const { return wake_.get(); }
  // For downloads that begin from now on.
  void check_certificates(CertificateTime at);
  std::uint64_t failures() const { return failures_; }  // downloads that failed, all origins tried

  // The books of a metered link: bytes that may still come, and how many came in all. With nothing
  // left, what is under way breaks off and waits. Any thread.
  void allow(std::uint64_t bytes);
  std::uint64_t received() const { return allowance_.received; }
  // Something is on its way or being verified: not the time for other work on the disk.
  bool busy() const { return busy_; }

 private:
  struct Job {
    ContentRequest request;
    std::uint64_t id = 0;    // rises as they are asked for
    std::size_t origin = 0;  // the one being tried
    bool under_way = false;
    bool again = false;          // a wrong hash has made it begin anew once
    std::optional<Error> later;  // why an origin tried before may still be worth a try
  };
  void work();
  void start_some();
  void settle(const Downloads::Ended& ended);
  // Under the lock: the job's end when `error` was its last hope.
  void failed(std::map<std::uint64_t, Job>::iterator job, Error error);
  void tell(const Hash256& sha256, Status status);

  fs::path store_;
  std::string noun_;
  Allowance allowance_;
  Downloads downloads_;  // the worker's, but for wake()
  FileDescriptor wake_;
  std::atomic<bool> stop_ = false;
  std::atomic<bool> busy_ = false;
  std::atomic<std::uint64_t> failures_ = 0;
  std::mutex mutex_;                   // guards the four below
  std::map<std::uint64_t, Job> jobs_;  // by id
  std::vector<std::uint64_t> dropped_;
  CertificateTime certificate_time_;
  std::vector<ContentOutcome> finished_;
  std::uint64_t last_id_ = 0;
  std::thread thread_;  // last: the rest exists when it starts
};

}  // namespace vitrine
