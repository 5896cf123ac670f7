// content/<sha256>: exists only when its bytes were verified; the name is the index. Telemetry
// writes, player and vet read.
#pragma once

#include <optional>

#include "state/paths.hpp"

namespace vitrine {

class ContentStore {
 public:
  // `noun`: what errors call a file.
  explicit ContentStore(fs::path directory, std::string noun = "creative")
      : directory_(std::move(directory)), noun_(std::move(noun)) {}

  fs::path path_of(const Hash256& sha256) const;
  fs::path part_of(const Hash256& sha256) const;  // <sha256>.part, where a download grows
  bool has(const Hash256& sha256) const;
  // Checks size and hash of the .part, fsyncs, renames, fsyncs the directory. On a mismatch the
  // .part is removed and the error says what was expected and what came.
  Status commit(const Hash256& sha256, std::uint64_t size);

 private:
  fs::path directory_;
  std::string noun_;
};

// Decoding threads that vet tries and the player uses, at most: a board has four cores.
inline constexpr std::uint32_t kMostDecodeThreads = 4;

// vet/<sha256>: what decoding the file once in a sandbox showed.
struct Verdict {
  Hash256 sha256{};
  bool eligible = false;
  std::string reason;  // why not, in one line
  std::string codec;
  std::uint32_t width = 0, height = 0;
  std::int64_t duration_us = 0;  // 0 for stills
  std::int64_t frames = 0;
  std::uint32_t fps_milli = 0;
  Hash256 first_frame{};             // SHA-256 of its decoded luma and chroma
  std::uint32_t threads = 1;         // the smallest count that reaches 1.5 x real time here
  std::uint32_t speed_permille = 0;  // of real time, at that count
};
Result<std::optional<Verdict>> read_verdict(const fs::path& directory, const Hash256& sha256);
Status write_verdict(const fs::path& directory, const Verdict& verdict);

}  // namespace vitrine
