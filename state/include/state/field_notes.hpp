// What people did to a screen at the screen itself: camera/notes/<n>, one small file a note,
// written by whoever they did it with, read by telemetry, which sends each as an event. So a set-up
// leaves its trace whether or not a daemon was running.
#pragma once

#include <string>
#include <vector>

#include "platform/clock.hpp"
#include "state/paths.hpp"

namespace vitrine {

struct FieldNote {
  std::uint64_t number = 0;  // rising, given when it is added
  std::string code;          // a-z and -: the event's
  std::string text;          // one line for people
  BootId boot;
  Micros at = 0;  // CLOCK_BOOTTIME
};

inline constexpr std::size_t kFieldNotesKept = 64;

// Durable when it returns; its boot and time are the clock's of now. The oldest beyond
// kFieldNotesKept go. The directory must exist.
Status add_field_note(const StatePaths& paths, const Clock& clock, const std::string& code,
                      const std::string& text);
// Ascending; unreadable ones are left out.
std::vector<FieldNote> field_notes_after(const StatePaths& paths, std::uint64_t number);

}  // namespace vitrine
