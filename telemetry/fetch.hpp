// Creatives over HTTPS into the content store. Downloads run on a thread of their own; asking and
// answering is the main thread's, which never waits.
#pragma once

#include <atomic>
#include <condition_variable>
#include <deque>
#include <functional>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "base/bytes.hpp"
#include "base/result.hpp"
#include "platform/file.hpp"
#include "platform/tls.hpp"
#include "protocol/settings.hpp"

namespace vitrine {

struct ContentRequest {
  Hash256 sha256{};
  std::uint64_t size = 0;
  std::string path;             // below an origin
  std::vector<Origin> origins;  // tried in this order; redirects stay within them
};

struct ContentOutcome {
  Hash256 sha256{};
  Status status = ok();  // `unavailable`: may work later; anything else will not by itself
};

class ContentFetch {
 public:
  virtual ~ContentFetch() = default;
  // Begins to bring the content; a hash that is on its way already is not asked for twice.
  virtual void want(const ContentRequest& request) = 0;
  virtual std::vector<ContentOutcome> finished() = 0;
};

struct Download {
  std::string url;
  std::vector<Origin> origins;
  fs::path part;           // appended to: a download goes on where the last one broke off
  std::uint64_t size = 0;  // more bytes than this are refused
  std::string authority;   // PEM of the CA
  const std::atomic<bool>* stop = nullptr;  // gives up soon after this turns true
  CertificateTime certificate_time = {};    // by the system clock unless told otherwise
};
// One HTTPS transfer by libcurl.
Status download(const Download& request);

// The real one: one worker thread, which ends with the object. `wake_fd` becomes readable when
// something finished.
class FetchWorker final : public ContentFetch {
 public:
  // `content` is the store's directory; `fetch` is download() but for tests.
  FetchWorker(fs::path content, std::string authority,
              std::function<Status(const Download&)> fetch = download);
  ~FetchWorker() override;
  FetchWorker(const FetchWorker&) = delete;
  FetchWorker& operator=(const FetchWorker&) = delete;

  void want(const ContentRequest& request) override;
  std::vector<ContentOutcome> finished() override;
  int wake_fd() const { return wake_.get(); }
  // For downloads that begin from now on.
  void check_certificates(CertificateTime at);
  std::uint64_t failures() const { return failures_; }  // downloads that failed, all origins tried

 private:
  void work();
  Status bring(const ContentRequest& request);

  fs::path content_;
  std::string authority_;
  std::function<Status(const Download&)> fetch_;
  FileDescriptor wake_;
  std::atomic<bool> stop_ = false;
  std::atomic<std::uint64_t> failures_ = 0;
  std::mutex mutex_;  // guards the three below
  CertificateTime certificate_time_;
  std::deque<ContentRequest> wanted_;  // the front one is being worked on
  std::vector<ContentOutcome> finished_;
  std::condition_variable changed_;
  std::thread thread_;  // last: the rest exists when it starts
};

}  // namespace vitrine
