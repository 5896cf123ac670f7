// The archive of signed documents, asked by what a play row names: the schedule and the profile of
// a version, for a screen or one of its groups. Documents are read once and kept; signatures were
// checked when they were accepted.
#pragma once

#include <map>
#include <memory>
#include <set>
#include <string>

#include "platform/file.hpp"
#include "protocol/document.hpp"
#include "protocol/play.hpp"
#include "protocol/profile.hpp"
#include "protocol/registry.hpp"

namespace vitrine::billing {

class DocumentBook {
 public:
  // `archive`: as backflow/desired.hpp lays it out. `origin`: where bodies of references lie below
  // `documents/`, when they are not in the archive; may be empty.
  DocumentBook(fs::path archive, fs::path origin);

  // The schedule of that version by which the row was played: the screen's own, else a group's. Of
  // several with that version the one that knows the row's file goes first. nullptr: none is there.
  const Schedule* schedule(const RegisteredScreen& screen, const PlayRow& row);
  const Profile* profile(const RegisteredScreen& screen, std::uint64_t version);

  // One line each: documents that rows name and nobody has, or that cannot be read.
  const std::set<std::string>& missing() const { return missing_; }

 private:
  using Name = std::pair<Audience, std::uint64_t>;
  template <class T>
  using Shelf = std::map<Name, std::unique_ptr<T>>;
  template <class T>
  const T* find(Shelf<T>& shelf, DocumentKind kind, const Audience& audience, std::uint64_t version,
                Result<T> (*read)(std::string_view));
  Result<std::string> payload(DocumentKind kind, const Audience& audience, std::uint64_t version);

  fs::path archive_;
  fs::path origin_;
  Shelf<Schedule> schedules_;
  Shelf<Profile> profiles_;
  std::set<std::string> missing_;
};

}  // namespace vitrine::billing
