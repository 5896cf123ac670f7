// A network of simulated screens: each plays its numbers slot by slot, and what really came onto
// the glass is counted. Here a plan meets the scheduler.
#pragma once

#include <map>
#include <memory>
#include <vector>

#include "planner/network_files.hpp"

namespace vitrine::bench {

// What goes wrong; who and when is drawn from the seed. The plan knows of none of it.
struct Outage {
  std::uint64_t seed = 1;
  std::uint32_t dead_permille = 0;      // of the screens: without power on all days
  std::uint32_t dead_day_permille = 0;  // of the screens, others each day: without power that day
  std::uint32_t dark_permille = 0;      // of every screen's lit time: without power, once a day
};

struct Played {
  std::int64_t plays = 0;
  std::int64_t imp_milli = 0;  // target impressions x 1000
};

// The quotas of all screens against what was played, at the end of a day.
struct QuotaBooks {
  std::int64_t quotas = 0;    // of which something is due
  std::int64_t short_of = 0;  // quotas
  std::int64_t plays_due = 0;
  std::int64_t plays_short = 0;   // of the quotas that are short
  std::int64_t plays_beyond = 0;  // of those that had more than was due
};

class PlayedNetwork {
 public:
  // The screens know the profiles of `network`; impressions are counted by those of `truth`.
  // Borrows both. The first day is kDay.
  PlayedNetwork(const plan::Network& network, const std::map<AreaId, Profile>& truth,
                const Outage& outage, unsigned threads);
  ~PlayedNetwork();
  PlayedNetwork(const PlayedNetwork&) = delete;
  PlayedNetwork& operator=(const PlayedNetwork&) = delete;

  bool dead(std::size_t screen) const;  // on all days
  // New numbers from the next slot on.
  void give(std::size_t screen, Numbers numbers);
  // The next day, on all screens.
  void play_day();

  std::vector<Played> by_contract() const;  // in the network's order
  QuotaBooks books() const;                 // dead screens left out
  std::int64_t decisions() const;
  // What the screens have told: all their days up to the last one on which they had power, with the
  // target impressions by the truth.
  std::vector<plan::Delivery> reported() const;

 private:
  class Screen;

  const plan::Network& network_;
  unsigned threads_;
  std::int64_t next_day_;
  std::vector<std::unique_ptr<Screen>> screens_;
};

}  // namespace vitrine::bench
