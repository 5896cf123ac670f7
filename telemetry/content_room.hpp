// Room in the content store, by the quota of the settings and the free disk. What a kept generation
// names is never removed; of the rest goes first what was set aside as damaged, then parts that
// nobody waits for, then files, those first that left the generations longest ago. One thread.
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <set>
#include <vector>

#include "base/result.hpp"
#include "state/paths.hpp"

namespace vitrine {

struct DiskSpace {
  std::uint64_t available = 0;
  std::uint64_t capacity = 0;
};
std::optional<DiskSpace> disk_space(const fs::path& path);

class ContentRoom {
 public:
  using Disk = std::function<std::optional<DiskSpace>(const fs::path&)>;
  explicit ContentRoom(const StatePaths& paths, Disk disk = disk_space);

  // Removes as little as lets `to_come` more bytes fit. `kept` is what generations name, `awaited`
  // what schedules in hand wait for. `exhausted`: they do not fit, in words that end a sentence.
  Status make(const std::set<Hash256>& kept, const std::set<Hash256>& awaited,
              std::uint64_t to_come, std::uint64_t quota);
  // `creatives` were offered as this generation. Remembered in a small file: a generation's number
  // is the age of what it was the last to name.
  void note_use(std::uint64_t generation, const std::vector<Hash256>& creatives);

 private:
  std::int64_t last_use(const Hash256& sha256) const;
  fs::path directory_;
  fs::path uses_file_;
  Disk disk_;
  std::map<Hash256, std::int64_t> uses_;
};

// "312 MB", "40 kB": rounded up, for people.
std::string bytes_text(std::uint64_t bytes);

}  // namespace vitrine
