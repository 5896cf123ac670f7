// Every stored creative is read and hashed once in a boot, slowly and while nobody else needs the
// disk: flash forgets, and the name promises the bytes. A file that differs is moved away; the
// assembly misses it and fetches it again. A thread of its own, which ends with the object.
#pragma once

#include <condition_variable>
#include <functional>
#include <mutex>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "base/bytes.hpp"
#include "base/result.hpp"
#include "platform/file.hpp"

namespace vitrine {

class Rehash {
 public:
  struct Options {
    fs::path content;  // the store
    fs::path done;     // on tmpfs: which files this boot has seen whole, so that a restart goes on
    std::uint64_t bytes_s = 8'000'000;
    int first_wait_ms = 60'000;       // a boot has better things to do
    std::function<bool()> elsewhere;  // true: the disk is needed; any thread
  };
  explicit Rehash(Options options);
  ~Rehash();
  Rehash(const Rehash&) = delete;
  Rehash& operator=(const Rehash&) = delete;

  // One line each, since the last call: what differed and was moved to <sha256>.bad.
  std::vector<std::string> damaged();
  bool finished() const;  // every file that was there at the start was looked at

 private:
  void work();
  void look_at(const std::string& name);
  // False: the object ends.
  bool wait_ms(int milliseconds);
  // The hash of the file, read at the rate of the options.
  Result<Hash256> read_slowly(const fs::path& path);

  Options options_;
  std::set<std::string> done_;  // the worker's
  mutable std::mutex mutex_;    // guards the three below
  bool stop_ = false;
  bool finished_ = false;
  std::vector<std::string> damaged_;
  std::condition_variable stopped_;
  std::thread thread_;  // last: the rest exists when it starts
};

}  // namespace vitrine
