// Private to the backflow: independent pieces of work on several threads, which end with the call.
#pragma once

#include <algorithm>
#include <atomic>
#include <cstddef>
#include <thread>
#include <vector>

namespace vitrine {

// Calls work(i) once for every i below `count`. A thread is only worth starting for `least` of
// them.
template <class Work>
void in_parallel(std::size_t count, unsigned threads, std::size_t least, const Work& work) {
  std::atomic<std::size_t> next{0};
  // Relaxed: the pieces do not depend on one another, and whoever made them so by mistake is to be
  // caught by the thread sanitizer.
  const auto take = [&] { return next.fetch_add(1, std::memory_order_relaxed); };
  const auto run = [&] {
    for (std::size_t i = take(); i < count; i = take()) work(i);
  };
  const auto worth = std::min<std::size_t>(threads, count / least);
  std::vector<std::thread> others;
  for (std::size_t i = 1; i < worth; ++i) others.emplace_back(run);
  run();
  for (std::thread& other : others) other.join();
}

}  // namespace vitrine
