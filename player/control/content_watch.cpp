#include "player/content_watch.hpp"

#include <sys/stat.h>

#include <algorithm>
#include <tuple>

#include "platform/log.hpp"

namespace vitrine {
namespace {}  // namespace

std::shared_ptr<const FileBlocks> ContentWatch::genuine(const ContentItem& item) {
  const Hash256& content = item.sha256;
  const fs::path path = store_.path_of(content);
  struct stat status {};
  if (::stat(path.c_str(), &status) != 0 || !S_ISREG(status.st_mode)) {
    seen_.erase(content);
    return nullptr;
  }
  Seen now;
  now.inode = status.st_ino;
  now.size = status.st_size;
  now.changed_ns = std::int64_t{status.st_ctim.tv_sec} * 1'000'000'000 + status.st_ctim.tv_nsec;
  now.signed_size = item.size;
  const auto known = seen_.find(content);
  if (known != seen_.end() && known->second.stamp() == now.stamp()) return known->second.blocks;
  auto hashed = hash_file(path, item.size);
  if (hashed && hashed->sha256 == content) {
    now.blocks = std::make_shared<const FileBlocks>(std::move(hashed->blocks));
  } else {
    log_error("content {} is not shown: {}", to_hex(content).substr(0, 12),
              hashed ? "sha256 of its bytes differs" : hashed.error().message);
  }
  seen_[content] = now;
  return now.blocks;
}

WatchedContent ContentWatch::look(const std::vector<ContentItem>& wanted) {
  WatchedContent found;
  ContentState& state = found.state;
  for (const ContentItem& item : wanted) {
    const Hash256& content = item.sha256;
    std::error_code error;
    if (fs::exists(paths_.quarantine() / to_hex(content), error)) state.quarantined.insert(content);
    auto verdict = read_verdict(paths_.verdicts(), content);
    if (!verdict || !*verdict) continue;
    if (!(*verdict)->eligible) {
      state.rejected.insert(content);
    } else if (auto blocks = genuine(item)) {
      state.eligible.insert(content);
      found.blocks[content] = std::move(blocks);
      if ((*verdict)->threads > 1) {
        found.threads[content] =
            static_cast<int>(std::min((*verdict)->threads, kMostDecodeThreads));
      }
      if ((*verdict)->duration_us > 0) {
        state.length_ms[content] =
            static_cast<std::uint32_t>((*verdict)->duration_us / kMillisecond);
      }
    }
  }
  return found;
}

void ContentWatch::doubt(const Hash256& content) {
  const auto known = seen_.find(content);
  if (known != seen_.end() && known->second.blocks) seen_.erase(known);  // else it is known already
}

void ContentWatch::keep_only(const std::vector<ContentItem>& contents) {
  std::set<Hash256> kept;
  for (const ContentItem& item : contents) kept.insert(item.sha256);
  std::erase_if(seen_, [&](const auto& entry) { return !kept.contains(entry.first); });
}

Status ContentWatch::quarantine(const Hash256& content) {
  return write_atomic(paths_.quarantine() / to_hex(content),
                      std::string_view("failed on the glass\n"));
}

std::vector<ContentItem> content_of(const std::vector<Creative>& creatives,
                                    const std::vector<ContentItem>& content) {
  std::map<Hash256, const ContentItem*> known;
  for (const ContentItem& item : content) known[item.sha256] = &item;
  std::vector<ContentItem> contents;
  for (const Creative& creative : creatives) {
    for (const Variant& variant : creative.variants) {
      const auto item = known.find(variant.content);
      if (item != known.end()) contents.push_back(*item->second);
    }
  }
  return contents;
}

}  // namespace vitrine
