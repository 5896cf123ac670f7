// The rollouts on disk: rollout/<kind>-<group>.json in the archive, one for each (kind, audience),
// the last one each; durable before anything of it goes out.
#pragma once

#include <map>
#include <set>

#include "backflow/rollout.hpp"
#include "base/ids.hpp"
#include "platform/file.hpp"
#include "protocol/envelope.hpp"

namespace vitrine {

class Rollouts {
 public:
  using Name = std::pair<DocumentKind, Audience>;
  struct Entry {
    SignedDocument document;
    Rollout state;
    std::set<ScreenId> open_to;  // screens of the open rings; not on disk
  };

  static Result<Rollouts> open(const fs::path& directory);
  Entry* find(DocumentKind kind, const Audience& audience);
  const Entry* find(DocumentKind kind, const Audience& audience) const;
  // Durable when it returns; a failure leaves the entry as it was.
  Status put(Entry entry);
  std::map<Name, Entry>& all() { return entries_; }
  const std::map<Name, Entry>& all() const { return entries_; }

 private:
  explicit Rollouts(fs::path directory) : directory_(std::move(directory)) {}

  fs::path directory_;
  std::map<Name, Entry> entries_;
};

}  // namespace vitrine
