#include "backflow/store_loader.hpp"

#include <pthread.h>
#include <sched.h>
#include <sys/prctl.h>

#include <chrono>

#include "platform/log.hpp"

namespace vitrine {
namespace {

constexpr std::size_t kRecordsALoad = 200;
// ClickHouse makes a file of every column at each append, and merges them later: it wants one a
// second at most.
constexpr std::size_t kRecordsALargeLoad = 20'000;
constexpr auto kBetweenLargeLoads = std::chrono::seconds(1);
// A store that cannot be written is tried again this often.
constexpr auto kTryAgain = std::chrono::seconds(1);

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
  // Of this thread alone: it runs when nobody else wants the core. Without it the store would be as
  // fast as everything else, and everything else slower.
  const sched_param none{};
  (void)::pthread_setschedparam(::pthread_self(), SCHED_IDLE, &none);
  const bool large = store_.likes_large_appends();
  const std::size_t most = large ? kRecordsALargeLoad : kRecordsALoad;
  std::string problem;  // to say each thing once
  std::unique_lock lock(mutex_);
  while (!stop_) {
    const SpoolPosition until = durable_;
    lock.unlock();
    auto loaded = store_.load(most, until);
    lock.lock();
    const std::string now = loaded ? "" : loaded.error().message;
    if (!now.empty() && now != problem)
      log_error("cannot load the store: {}; batches are taken on, the store stays behind", now);
    problem = now;
    if (!loaded) {
      changed_.wait_for(lock, kTryAgain, [&] { return stop_; });
    } else if (*loaded == 0) {
      changed_.wait(lock, [&] { return stop_ || durable_ != until; });
    } else if (large && store_.position() >= until) {
      changed_.wait_for(lock, kBetweenLargeLoads, [&] { return stop_; });
    }
  }
}

}  // namespace vitrine
