#include <sys/eventfd.h>
#include <unistd.h>

#include <algorithm>

#include "fetch.hpp"
#include "state/content_store.hpp"

namespace vitrine {

FetchWorker::FetchWorker(fs::path content, std::string authority,
                         std::function<Status(const Download&)> fetch)
    : content_(std::move(content)),
      authority_(std::move(authority)),
      fetch_(std::move(fetch)),
      wake_(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)),
      thread_([this] { work(); }) {}

FetchWorker::~FetchWorker() {
  {
    const std::lock_guard lock(mutex_);
    stop_ = true;
  }
  changed_.notify_all();
  thread_.join();
}

void FetchWorker::check_certificates(CertificateTime at) {
  const std::lock_guard lock(mutex_);
  certificate_time_ = at;
}

void FetchWorker::want(const ContentRequest& request) {
  {
    const std::lock_guard lock(mutex_);
    const auto same = [&](const ContentRequest& other) { return other.sha256 == request.sha256; };
    if (std::any_of(wanted_.begin(), wanted_.end(), same)) return;
    wanted_.push_back(request);
  }
  changed_.notify_all();
}

std::vector<ContentOutcome> FetchWorker::finished() {
  std::uint64_t drained = 0;
  (void)!::read(wake_.get(), &drained, sizeof drained);
  const std::lock_guard lock(mutex_);
  return std::exchange(finished_, {});
}

void FetchWorker::work() {
  for (;;) {
    ContentRequest request;
    {
      std::unique_lock lock(mutex_);
      changed_.wait(lock, [this] { return stop_ || !wanted_.empty(); });
      if (stop_) return;
      request = wanted_.front();
    }
    Status status = bring(request);
    if (!status) ++failures_;
    {
      const std::lock_guard lock(mutex_);
      wanted_.pop_front();
      finished_.push_back({request.sha256, std::move(status)});
    }
    const std::uint64_t one = 1;
    (void)!::write(wake_.get(), &one, sizeof one);
  }
}

Status FetchWorker::bring(const ContentRequest& request) {
  const ContentStore store(content_);
  const fs::path part = store.part_of(request.sha256);
  Status last = fail(ErrorCode::unavailable, "no origin to fetch from");
  for (const Origin& origin : request.origins) {
    if (stop_) return fail(ErrorCode::unavailable, "stopping");
    const std::string slash = request.path.starts_with('/') ? "" : "/";
    CertificateTime certificate_time;
    {
      const std::lock_guard lock(mutex_);
      certificate_time = certificate_time_;
    }
    last = fetch_({origin + slash + request.path, request.origins, part, request.size, authority_,
                   &stop_, certificate_time});
    if (!last) continue;
    // Off the main thread as well: hashing a film takes seconds.
    last = ContentStore(content_).commit(request.sha256, request.size);
    if (last) return last;
  }
  return last;
}

}  // namespace vitrine
