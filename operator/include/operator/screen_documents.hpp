// The documents of one screen from files: what simulate, next and explain take.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "platform/file.hpp"
#include "scheduler/decide.hpp"

namespace vitrine::op {

struct DocumentOptions {
  fs::path schedule, profile, settings;  // JSON payloads; all but the schedule may be empty
  fs::path numbers;    // likewise, or what `vitrine allocate` wrote: a signed document a line
  std::string screen;  // whose line of it; may be left out where there is only one
  std::string zone;    // IANA; empty = the profile's
};

struct ScreenDocuments {
  Schedule schedule;
  std::optional<Numbers> numbers;
  std::optional<Profile> profile;
  std::optional<Settings> settings;
  std::string zone;  // of the options or the profile; empty: nobody says

  Documents view() const;
};

// Errors name the file and what is wrong with it. Numbers that belong to another schedule are
// refused; signatures are not checked, the screens do.
Result<std::unique_ptr<ScreenDocuments>> read_documents(const DocumentOptions& options);

}  // namespace vitrine::op
