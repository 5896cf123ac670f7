// Screenshots as they came from screens, each under the SHA-256 of its JPEG, which is what the play
// row of its moment names (`shot`): <directory>/<two digits>/<hash>.jpg, kept until the operator
// removes it. What is there proves nothing by itself; a signed row that names it does.
//
// Threads: files appear whole, so one may write while others read.
#pragma once

#include "backflow/screen_limits.hpp"
#include "platform/file.hpp"

namespace vitrine {

class PictureArchive {
 public:
  // A screen makes at most one in three seconds, and only when asked.
  static constexpr ScreenLimits::Most kMostOfAScreen = {20, 20 * 200 * 1024};

  explicit PictureArchive(fs::path directory) : directory_(std::move(directory)) {}

  // Durable when it returns. The same bytes again change nothing.
  Status keep(ByteView jpeg) const;
  // `not_found`: it never came here. `corrupt`: the file is not what its name says.
  Result<Bytes> read(const Hash256& sha256) const;

 private:
  fs::path file_of(const Hash256& sha256) const;

  fs::path directory_;
};

}  // namespace vitrine
