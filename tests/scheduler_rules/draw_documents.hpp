// The documents of a random network, one function each.
#pragma once

#include "random_network.hpp"

namespace vitrine::testing {

// Around which days the drawing takes place, and how long its plays are.
struct DrawFrame {
  std::int64_t first_day = 0;  // local days of the run
  std::int64_t last_day = 0;
  std::uint32_t days() const { return static_cast<std::uint32_t>(last_day - first_day + 1); }
  std::uint32_t length_ms = 60'000;  // of an ordinary play
};

Schedule draw_schedule(Random& random, const DrawFrame& frame);
// Within the bounds of the schedule: its campaigns, its creatives, no more than max_plays_day.
Numbers draw_numbers(Random& random, const DrawFrame& frame, const Schedule& schedule);
Profile draw_profile(Random& random);
Settings draw_settings(Random& random, const DrawFrame& frame);
Takeover draw_takeover(Random& random, std::int64_t from_utc_s, std::int64_t until_utc_s);
// Some files missing, rejected or quarantined.
ContentState draw_content(Random& random, const Schedule& schedule,
                          const std::optional<Takeover>& takeover);

// One campaign of them, if any, gets a quota so small and so free of rules that it has to be met.
// Says nothing of settings, takeover and content: those must leave it alone.
void make_quota_easy(Random& random, const DrawFrame& frame, Inputs& inputs);

}  // namespace vitrine::testing
