#include <sys/eventfd.h>
#include <unistd.h>

#include <algorithm>

#include "fetch.hpp"
#include "state/content_store.hpp"

namespace vitrine {
namespace {

// Two keep a link busy while one of them is being set up or verified; more only share it out.
constexpr std::size_t kAtOnce = 2;
constexpr int kWaitMs = 1000;

bool may_work_later(const Error& error) {
  return error.code == ErrorCode::unavailable || error.code == ErrorCode::exhausted;
}

}  // namespace

FetchWorker::FetchWorker(fs::path store, std::string authority, TransferLimits limits,
                         std::string noun)
    : store_(std::move(store)),
      noun_(std::move(noun)),
      downloads_(std::move(authority), allowance_, limits),
      wake_(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)),
      thread_([this] { work(); }) {}

FetchWorker::~FetchWorker() {
  stop_ = true;
  downloads_.wake();
  thread_.join();
}

void FetchWorker::check_certificates(CertificateTime at) {
  const std::lock_guard lock(mutex_);
  certificate_time_ = at;
}

void FetchWorker::want(const ContentRequest& request) {
  {
    const std::lock_guard lock(mutex_);
    const auto same = [&](const auto& job) { return job.second.request.sha256 == request.sha256; };
    if (const auto known = std::find_if(jobs_.begin(), jobs_.end(), same); known != jobs_.end()) {
      known->second.request.urgency = std::min(known->second.request.urgency, request.urgency);
      return;
    }
    Job job;
    job.request = request;
    job.id = ++last_id_;
    jobs_.emplace(job.id, std::move(job));
  }
  downloads_.wake();
}

std::vector<ContentOutcome> FetchWorker::finished() {
  std::uint64_t drained = 0;
  (void)!::read(wake_.get(), &drained, sizeof drained);
  const std::lock_guard lock(mutex_);
  return std::exchange(finished_, {});
}

void FetchWorker::only(const std::set<Hash256>& needed) {
  {
    const std::lock_guard lock(mutex_);
    std::erase_if(jobs_, [&](const auto& entry) {
      const Job& job = entry.second;
      if (needed.contains(job.request.sha256)) return false;
      if (job.under_way) dropped_.push_back(job.id);
      return true;
    });
    if (dropped_.empty()) return;
  }
  downloads_.wake();
}

void FetchWorker::allow(std::uint64_t bytes) {
  if (allowance_.left.exchange(bytes) != bytes) downloads_.wake();
}

void FetchWorker::work() {
  while (!stop_) {
    start_some();
    const auto ended = downloads_.run(kWaitMs);
    for (const Downloads::Ended& one : ended) {
      if (stop_) return;
      settle(one);
    }
  }
}

void FetchWorker::start_some() {
  std::vector<std::pair<std::uint64_t, Download>> begun;
  std::vector<std::uint64_t> dropped;
  {
    const std::lock_guard lock(mutex_);
    dropped = std::exchange(dropped_, {});
    std::size_t under_way = 0;
    for (const auto& [id, job] : jobs_) under_way += job.under_way ? 1 : 0;
    const std::uint64_t left = allowance_.left;
    // What may still come is not shared out: one transfer uses it up.
    const std::size_t most = left == Allowance::kUnlimited ? kAtOnce : left > 0 ? 1 : 0;
    for (; under_way < most; ++under_way) {
      Job* next = nullptr;
      for (auto& [id, job] : jobs_) {
        if (job.under_way) continue;
        if (next == nullptr || job.request.urgency < next->request.urgency) next = &job;
      }
      if (next == nullptr) break;
      next->under_way = true;
      const ContentRequest& request = next->request;
      const std::string slash = request.path.starts_with('/') ? "" : "/";
      const std::string url = next->origin < request.origins.size()
                                  ? request.origins[next->origin] + slash + request.path
                                  : "";
      begun.push_back({next->id,
                       {url, request.origins, ContentStore(store_).part_of(request.sha256),
                        request.size, certificate_time_}});
    }
    busy_ = under_way > 0;
  }
  for (const std::uint64_t id : dropped) downloads_.cancel(id);
  for (auto& [id, request] : begun) downloads_.start(id, std::move(request));
}

void FetchWorker::settle(const Downloads::Ended& ended) {
  ContentRequest request;
  {
    const std::lock_guard lock(mutex_);
    const auto job = jobs_.find(ended.id);
    if (job == jobs_.end()) return;
    job->second.under_way = ended.status.ok() && !ended.paused;  // being verified
    if (ended.paused) return;
    request = job->second.request;
  }
  // Hashing a film takes seconds, and nobody may wait for the lock meanwhile.
  Status status = ended.status;
  if (status) status = ContentStore(store_, noun_).commit(request.sha256, request.size);
  const std::lock_guard lock(mutex_);
  const auto job = jobs_.find(ended.id);
  if (job == jobs_.end()) return;
  job->second.under_way = false;
  if (!status) return failed(job, std::move(status).error());
  jobs_.erase(job);
  tell(request.sha256, ok());
}

void FetchWorker::failed(std::map<std::uint64_t, Job>::iterator at, Error error) {
  Job& job = at->second;
  // A part of which some bytes came from another version of the file is no proof against it.
  if (error.code == ErrorCode::corrupt && !std::exchange(job.again, true)) return;
  if (may_work_later(error)) job.later = error;
  // A full disk stays full whoever is asked.
  if (error.code != ErrorCode::exhausted && ++job.origin < job.request.origins.size()) return;
  const Hash256 sha256 = job.request.sha256;
  Error last = job.later ? *std::move(job.later) : std::move(error);
  jobs_.erase(at);
  tell(sha256, std::move(last));
}

void FetchWorker::tell(const Hash256& sha256, Status status) {
  if (!status) ++failures_;
  finished_.push_back({sha256, std::move(status)});
  const std::uint64_t one = 1;
  (void)!::write(wake_.get(), &one, sizeof one);
}

}  // namespace vitrine
