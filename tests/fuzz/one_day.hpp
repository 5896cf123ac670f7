// A day of a screen under documents that nobody wrote by hand.
#pragma once

#include "fuzz.hpp"
#include "scheduler/simulate.hpp"

namespace vitrine::fuzz {

// From half a day before the first day of the first flight, in a zone whose clocks change at that
// noon, until a day has passed or `kMostSlots` slots were shown.
inline void play_a_day(const Documents& documents) {
  constexpr int kMostSlots = 300;
  constexpr std::int64_t kDayMs = 86'400'000;
  const Schedule& schedule = *documents.schedule;
  std::int64_t day = 20'780;
  if (!schedule.campaigns.empty() && !schedule.campaigns.front().flights.empty()) {
    day = schedule.campaigns.front().flights.front().first_day;
  }
  const std::int64_t from_ms = day * kDayMs - kDayMs / 2;
  const ZoneTable zone{"Fuzz/Zone", "", {{0, 3'600}, {day * 86'400 + 43'200, 7'200}}};
  SimulatedScreen screen(documents, zone, from_ms);
  std::int64_t now = from_ms;
  for (int slot = 0; slot < kMostSlots && now < from_ms + kDayMs; ++slot) {
    const SimulatedSlot shown = screen.next();
    promise(shown.utc_ms == now, "a slot begins where the one before ended");
    promise(shown.length_ms > 0, "time goes on");
    if (!shown.dark && shown.decision.playable) {
      promise(shown.decision.creative != 0, "what is shown is a creative");
    }
    now += shown.length_ms;
  }
}

}  // namespace vitrine::fuzz
