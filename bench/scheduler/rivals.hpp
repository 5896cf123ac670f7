// Other ways to choose what plays, re-implemented from their described rules, for comparison. Each
// is asked slot by slot, on all screens in turn, as a player is. All keep the rules and stop at the
// goals; none looks ahead but greedy, which fills the day before it begins.
#pragma once

#include <memory>
#include <vector>

#include "planner/network.hpp"
#include "played.hpp"

namespace vitrine::bench {

// One local day of a network while it is being played. Contracts in plays; all screens have the
// same hours and slots, every campaign has a slot's length.
class Field {
 public:
  Field(const plan::Network& network, std::int64_t day);

  std::size_t screens() const { return screens_; }
  std::size_t contracts() const { return goal_.size(); }
  std::int64_t hours() const { return hours_; }
  std::int64_t slots() const { return hours_ * hour_slots_; }  // of a screen's day
  std::int64_t hour_slots() const { return hour_slots_; }
  std::int64_t slot() const { return slot_; }                // of the day, now
  std::int64_t hour() const { return slot_ / hour_slots_; }  // 0 = the first lit one

  std::int64_t goal(std::size_t contract) const { return goal_[contract]; }
  std::int64_t left(std::size_t contract) const { return goal_[contract] - sums_[contract].plays; }
  std::int64_t plays(std::size_t screen, std::size_t contract) const {
    return state(screen, contract).today;
  }
  // Target impressions x 1000 of a play.
  std::int64_t value(std::size_t screen, std::int64_t hour, std::size_t contract) const;
  // Most plays in an hour by the campaign's own rules.
  std::int64_t most_an_hour(std::size_t contract) const;
  // Goal not met, and no rule against it in this slot.
  bool may_play(std::size_t screen, std::size_t contract) const;

  void play(std::size_t screen, std::size_t contract);
  void house(std::size_t screen) { before_[screen] = -1; }
  void next_slot() { ++slot_; }

  const std::vector<Played>& played() const { return sums_; }

 private:
  struct State {
    std::int64_t today = 0;
    std::int64_t this_hour = 0;
    std::int64_t hour = -1;  // which `this_hour` is about
    std::int64_t last_slot = -1;
  };
  const State& state(std::size_t screen, std::size_t contract) const {
    return states_[screen * contracts() + contract];
  }

  std::size_t screens_ = 0;
  std::int64_t hours_ = 0;
  std::int64_t hour_slots_ = 0;
  std::int64_t slot_ms_ = 0;
  std::int64_t slot_ = 0;
  std::vector<const Campaign*> campaigns_;
  std::vector<std::int64_t> goal_;
  std::vector<std::vector<bool>> competitors_;
  std::vector<std::int64_t> values_;
  std::vector<State> states_;
  std::vector<int> before_;  // by screen: the contract of the slot before, -1 = none
  std::vector<Played> sums_;
};

class Rival {
 public:
  virtual ~Rival() = default;
  // The contract that plays, one that may; or -1: none.
  virtual int choose(const Field& field, std::size_t screen) = 0;
};

// The campaigns in turn.
std::unique_ptr<Rival> round_robin(const Field& field);
// All (screen, hour, campaign) in descending value, each as full as it goes; played as filled.
std::unique_ptr<Rival> greedy(const Field& field);
// Each campaign's goal spread evenly over screens and hours; who is most behind plays.
std::unique_ptr<Rival> even_pacing();
// Each campaign plays with a probability, at first goal / slots. Every minute that of a campaign
// behind its linear pace is multiplied by 1.5, that of one ahead by 0.75.
std::unique_ptr<Rival> throttling(const Field& field, std::uint64_t seed);

// Plays the day of the field to its end.
void play_day(Field& field, Rival& rival);

}  // namespace vitrine::bench
