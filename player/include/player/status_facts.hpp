// What the status picture tells: plain values, gathered from the files of state/ by
// player/control, drawn by player/draw. For a technician who stands before the screen and has no
// laptop.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "base/time.hpp"
#include "protocol/exposure.hpp"
#include "protocol/play.hpp"

namespace vitrine {

struct StatusFacts {
  std::string screen;            // its name; empty: not enrolled
  std::string board;             // serial number or machine id
  std::string awaited;           // not enrolled, but set up by a stick: who it will be
  std::string identity_problem;  // why it counts as not enrolled, where there are files
  std::string software;          // version

  enum class Link { unknown, down, up };  // unknown: telemetry is silent
  Link link = Link::unknown;
  Micros link_for = 0;      // up, or down, for so long
  std::string link_reason;  // why it is down

  ClockTrust clock = ClockTrust::none;
  std::string local_time;  // "2026-11-30 21:05:17 +08:00"; empty with trust none

  std::uint64_t playing = 0;  // generation that is confirmed; 0 = none yet
  std::uint64_t trying = 0;
  std::uint64_t rejected = 0;  // the newest that was refused, where nothing newer is in force
  std::string rejected_reason;
  std::string waiting_for;  // content on its way, or why a schedule was refused on arrival

  std::string camera;  // "ok", "absent", ...; empty: not known
  Quality camera_quality = Quality::none;

  std::string nothing_because;  // why nothing is shown now
  std::string last_error;
};

}  // namespace vitrine
