// The targets of every signed schedule in the archive of vitrine-desired.
#pragma once

#include <memory>

#include "base/result.hpp"
#include "platform/file.hpp"
#include "protocol/settings.hpp"
#include "redirect/scan_rules.hpp"

namespace vitrine::redirect {

class TargetArchive {
 public:
  // Bodies of schedules that are too large for a message lie in the archive. `bodies`: where those
  // lie that it lacks, by their path in the reference (the directory that is the origin); empty:
  // nowhere.
  TargetArchive(fs::path archive, fs::path bodies, Trust trust)
      : archive_(std::move(archive)),
        by_hash_(archive_ / "by-hash"),
        bodies_(std::move(bodies)),
        trust_(std::move(trust)) {}

  // Reads what it has not read yet. A document that cannot be read, or was signed by nobody who
  // may, is told once and left out.
  void refresh();
  // Never null; a book that was handed out does not change.
  std::shared_ptr<const TargetBook> book() const { return book_; }

 private:
  Result<bool> try_read(const std::string& name, TargetBook& into) const;

  fs::path archive_, by_hash_, bodies_;
  Trust trust_;
  std::map<std::string, bool> seen_;  // by file name; false: to be tried again
  std::shared_ptr<const TargetBook> book_ = std::make_shared<TargetBook>();
};

}  // namespace vitrine::redirect
