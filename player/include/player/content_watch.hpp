// Which of the content in force may be shown: present, unaltered, vetted, not quarantined. The
// keeper's thread.
#pragma once

#include <map>
#include <set>
#include <vector>

#include "player/documents.hpp"
#include "scheduler/decide.hpp"
#include "state/content_store.hpp"

namespace vitrine {

class ContentWatch {
 public:
  explicit ContentWatch(StatePaths paths) : paths_(std::move(paths)), store_(paths_.content()) {}

  // Looks at each of `wanted` again. A file is hashed when it is first seen and when its size,
  // inode or time changed; one whose bytes do not match its name is no content (one line says so).
  ContentState look(const std::vector<Hash256>& wanted);
  // One small file each in player/quarantine, so that it holds over restarts.
  Status quarantine(const Hash256& content);

 private:
  struct Seen {
    std::uint64_t inode = 0;
    std::int64_t size = 0;
    std::int64_t changed_ns = 0;
    bool genuine = false;
    auto stamp() const { return std::tuple(inode, size, changed_ns); }
  };
  bool genuine(const Hash256& content);

  StatePaths paths_;
  ContentStore store_;
  std::map<Hash256, Seen> seen_;
};

std::vector<Hash256> content_of(const std::vector<Creative>& creatives);

}  // namespace vitrine
