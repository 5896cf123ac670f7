#include "backflow/store_loader.hpp"

#include <sys/prctl.h>
#include <sys/resource.h>

#include <chrono>

#include "platform/log.hpp"

namespace vitrine {
namespace {

constexpr std::size_t kRecordsALoad = 200;
// A store that cannot be written is tried again this often.
constexpr auto kTryAgain = std::chrono::seconds(1);
constexpr int kLowestPriority = 19;

}  // namespace

StoreLoader::StoreLoader(Store store, SpoolPosition durable)
    : store_(std::move(store)), durable_(durable), thread_([this] { work(); }) {}

StoreLoader::~StoreLoader() {
  {
    const std::lock_guard lock(mutex_);
    stop_ = true;
  }
  changed_.notify_one();
  thread_.join();
}

void StoreLoader::durable_until(SpoolPosition position) {
  {
    const std::lock_guard lock(mutex_);
    durable_ = position;
  }
  changed_.notify_one();
}

void StoreLoader::work() {
  (void)::prctl(PR_SET_NAME, "store-loader");  // as ps and perf show it
  // Linux: of the calling thread alone. Without it the store is only as fast as everything else.
  (void)::setpriority(PRIO_PROCESS, 0, kLowestPriority);
  std::string problem;  // to say each thing once
  std::unique_lock lock(mutex_);
  while (!stop_) {
    const SpoolPosition until = durable_;
    lock.unlock();
    auto loaded = store_.load(kRecordsALoad, until);
    lock.lock();
    const std::string now = loaded ? "" : loaded.error().message;
    if (!now.empty() && now != problem)
      log_error("cannot load the store: {}; batches are taken on, the store stays behind", now);
    problem = now;
    if (!loaded) {
      changed_.wait_for(lock, kTryAgain, [&] { return stop_; });
    } else if (*loaded == 0) {
      changed_.wait(lock, [&] { return stop_ || durable_ != until; });
    }
  }
}

}  // namespace vitrine
