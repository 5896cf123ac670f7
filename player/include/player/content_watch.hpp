// Which of the content in force may be shown: present, unaltered, vetted, not quarantined. The
// keeper's thread.
#pragma once

#include <map>
#include <memory>
#include <set>
#include <vector>

#include "platform/file_blocks.hpp"
#include "player/documents.hpp"
#include "scheduler/decide.hpp"
#include "state/content_store.hpp"

namespace vitrine {

// What each eligible file was when it was hashed. The presenter shows that and nothing else, so a
// file that is changed after it was looked at, or while it is on the glass, is noticed where it is
// read.
using ContentBlocks = std::map<Hash256, std::shared_ptr<const FileBlocks>>;

struct WatchedContent {
  ContentState state;
  ContentBlocks blocks;            // of state.eligible
  std::map<Hash256, int> threads;  // of their decoders, by vet's measure; absent: one
};

class ContentWatch {
 public:
  explicit ContentWatch(StatePaths paths) : paths_(std::move(paths)), store_(paths_.content()) {}

  // Looks at each of `wanted` again. A file is hashed when it is first seen and when its size,
  // inode or time changed; one whose bytes do not match its name is no content (one line says so).
  WatchedContent look(const std::vector<ContentItem>& wanted);
  // Hashes the file anew at the next look, whatever its time says: what was read from it differed.
  void doubt(const Hash256& content);
  // Frees what is kept of all others.
  void keep_only(const std::vector<ContentItem>& contents);
  // One small file each in player/quarantine, so that it holds over restarts.
  Status quarantine(const Hash256& content);

 private:
  struct Seen {
    std::uint64_t inode = 0;
    std::int64_t size = 0;
    std::int64_t changed_ns = 0;
    std::uint64_t signed_size = 0;
    std::shared_ptr<const FileBlocks> blocks;  // null: its bytes are not what its name says
    auto stamp() const { return std::tuple(inode, size, changed_ns, signed_size); }
  };
  std::shared_ptr<const FileBlocks> genuine(const ContentItem& item);

  StatePaths paths_;
  ContentStore store_;
  std::map<Hash256, Seen> seen_;
};

// The files of these creatives, as `content` of their document describes them.
std::vector<ContentItem> content_of(const std::vector<Creative>& creatives,
                                    const std::vector<ContentItem>& content);

}  // namespace vitrine
