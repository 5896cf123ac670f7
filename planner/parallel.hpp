// Work cut into pieces that do not depend on the number of threads, so that sums taken piece by
// piece do not either.
#pragma once

#include <algorithm>
#include <atomic>
#include <cstddef>
#include <thread>
#include <vector>

namespace vitrine::plan {

inline constexpr std::size_t kPieces = 16;

// Calls work(piece, from, until) once for each of kPieces pieces of [0, size), some empty.
template <class Work>
void in_pieces(std::size_t size, unsigned threads, const Work& work) {
  std::atomic<std::size_t> next{0};
  const auto run = [&] {
    for (std::size_t piece = next++; piece < kPieces; piece = next++) {
      work(piece, size * piece / kPieces, size * (piece + 1) / kPieces);
    }
  };
  std::vector<std::thread> others;
  for (unsigned i = 1; i < std::min<unsigned>(threads, kPieces); ++i) others.emplace_back(run);
  run();
  for (std::thread& other : others) other.join();
}

}  // namespace vitrine::plan
