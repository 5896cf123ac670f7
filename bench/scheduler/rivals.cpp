#include "rivals.hpp"

#include <algorithm>

#include "protocol/impressions.hpp"
#include "random.hpp"

namespace vitrine::bench {

using testing::Random;

namespace {

bool excludes(const Campaign& a, const Campaign& b) {
  const auto& list = a.rules.exclude_categories;
  return &a != &b && std::find(list.begin(), list.end(), b.category) != list.end();
}

class RoundRobin : public Rival {
 public:
  explicit RoundRobin(const Field& field) : turn_(field.screens(), 0) {}

  int choose(const Field& field, std::size_t screen) override {
    for (std::size_t tried = 0; tried < field.contracts(); ++tried) {
      const std::size_t contract = turn_[screen]++ % field.contracts();
      if (field.may_play(screen, contract)) return static_cast<int>(contract);
    }
    return -1;
  }

 private:
  std::vector<std::size_t> turn_;
};

class Greedy : public Rival {
 public:
  explicit Greedy(const Field& field) : hours_(static_cast<std::size_t>(field.hours())) {
    left_.resize(field.screens() * hours_ * field.contracts());
    struct Choice {
      std::int64_t value;
      std::size_t cell;
      std::size_t contract;
    };
    std::vector<Choice> choices;
    for (std::size_t cell = 0; cell < field.screens() * hours_; ++cell) {
      for (std::size_t contract = 0; contract < field.contracts(); ++contract) {
        const auto hour = static_cast<std::int64_t>(cell % hours_);
        choices.push_back({field.value(cell / hours_, hour, contract), cell, contract});
      }
    }
    std::sort(choices.begin(), choices.end(), [](const Choice& a, const Choice& b) {
      if (a.value != b.value) return a.value > b.value;
      return a.cell != b.cell ? a.cell < b.cell : a.contract < b.contract;
    });
    std::vector<std::int64_t> room(field.screens() * hours_, field.hour_slots());
    std::vector<std::int64_t> goal;
    for (std::size_t i = 0; i < field.contracts(); ++i) goal.push_back(field.goal(i));
    for (const Choice& choice : choices) {
      const std::int64_t plays =
          std::min({field.most_an_hour(choice.contract), room[choice.cell], goal[choice.contract]});
      room[choice.cell] -= plays;
      goal[choice.contract] -= plays;
      left_[choice.cell * field.contracts() + choice.contract] = plays;
    }
  }

  int choose(const Field& field, std::size_t screen) override {
    const std::size_t cell = screen * hours_ + static_cast<std::size_t>(field.hour());
    int best = -1;
    std::int64_t most = 0;
    for (std::size_t contract = 0; contract < field.contracts(); ++contract) {
      const std::int64_t left = left_[cell * field.contracts() + contract];
      if (left <= most || !field.may_play(screen, contract)) continue;
      best = static_cast<int>(contract);
      most = left;
    }
    if (best >= 0) --left_[cell * field.contracts() + static_cast<std::size_t>(best)];
    return best;
  }

 private:
  std::size_t hours_;
  std::vector<std::int64_t> left_;  // plays of the hour, by screen, hour and contract
};

class EvenPacing : public Rival {
 public:
  int choose(const Field& field, std::size_t screen) override {
    // Screens stand at different points of their first play, so that their sum keeps pace as well.
    const double phase = (static_cast<double>(screen) + 0.5) / static_cast<double>(field.screens());
    const double elapsed = static_cast<double>(field.slot() + 1) /
                           static_cast<double>(field.slots()) /
                           static_cast<double>(field.screens());
    int best = -1;
    double most = 1;
    for (std::size_t contract = 0; contract < field.contracts(); ++contract) {
      const double behind = static_cast<double>(field.goal(contract)) * elapsed + phase -
                            static_cast<double>(field.plays(screen, contract));
      if (behind < most || (best >= 0 && behind == most)) continue;
      if (!field.may_play(screen, contract)) continue;
      best = static_cast<int>(contract);
      most = behind;
    }
    return best;
  }
};

class Throttling : public Rival {
 public:
  Throttling(const Field& field, std::uint64_t seed) : random_(seed) {
    for (std::size_t i = 0; i < field.contracts(); ++i) {
      probability_.push_back(
          static_cast<double>(field.goal(i)) /
          static_cast<double>(field.slots() * static_cast<std::int64_t>(field.screens())));
    }
  }

  int choose(const Field& field, std::size_t screen) override {
    if (screen == 0) steer(field);
    double sum = 0;
    for (std::size_t i = 0; i < probability_.size(); ++i) {
      if (field.may_play(screen, i)) sum += probability_[i];
    }
    double at = static_cast<double>(random_.next() >> 11) * 0x1p-53 * std::max(sum, 1.0);
    for (std::size_t i = 0; i < probability_.size(); ++i) {
      if (!field.may_play(screen, i)) continue;
      at -= probability_[i];
      if (at < 0) return static_cast<int>(i);
    }
    return -1;
  }

 private:
  void steer(const Field& field) {
    const std::int64_t minute = std::max<std::int64_t>(1, field.hour_slots() / 60);
    if (field.slot() == 0 || field.slot() % minute != 0) return;
    for (std::size_t i = 0; i < probability_.size(); ++i) {
      const double pace = static_cast<double>(field.goal(i)) * static_cast<double>(field.slot()) /
                          static_cast<double>(field.slots());
      const bool behind = static_cast<double>(field.goal(i) - field.left(i)) < pace;
      probability_[i] = std::min(1.0, probability_[i] * (behind ? 1.5 : 0.75));
    }
  }

  Random random_;
  std::vector<double> probability_;
};

}  // namespace

Field::Field(const plan::Network& network, std::int64_t day)
    : screens_(network.screens.size()),
      hours_(network.screens[0].until_hour - network.screens[0].from_hour),
      hour_slots_(3'600'000 / network.screens[0].slot_ms),
      slot_ms_(network.screens[0].slot_ms),
      before_(screens_, -1) {
  for (const plan::Contract& contract : network.contracts) {
    campaigns_.push_back(network.schedule.campaign(contract.campaign));
    goal_.push_back(contract.goal);
  }
  for (const Campaign* a : campaigns_) {
    auto& row = competitors_.emplace_back();
    for (const Campaign* b : campaigns_) row.push_back(excludes(*a, *b) || excludes(*b, *a));
  }
  for (const plan::PlannedScreen& screen : network.screens) {
    const Profile& profile = network.profiles.at(screen.area);
    for (int hour = screen.from_hour; hour < screen.until_hour; ++hour) {
      const auto& here = profile.hours[static_cast<std::size_t>((day + 3) % 7 * 24 + hour)];
      for (const Campaign* campaign : campaigns_) {
        values_.push_back(target_imp_milli(*campaign, here, slot_ms_));
      }
    }
  }
  states_.resize(screens_ * contracts());
  sums_.resize(contracts());
}

std::int64_t Field::value(std::size_t screen, std::int64_t hour, std::size_t contract) const {
  const std::size_t cell =
      screen * static_cast<std::size_t>(hours_) + static_cast<std::size_t>(hour);
  return values_[cell * contracts() + contract];
}

std::int64_t Field::most_an_hour(std::size_t contract) const {
  const CampaignRules& rules = campaigns_[contract]->rules;
  std::int64_t most = hour_slots_;
  if (rules.separation_s != 0) most = std::min<std::int64_t>(most, 3'600 / rules.separation_s);
  if (rules.hourly_cap != 0) most = std::min<std::int64_t>(most, rules.hourly_cap);
  return most;
}

bool Field::may_play(std::size_t screen, std::size_t contract) const {
  if (left(contract) <= 0) return false;
  const Campaign& campaign = *campaigns_[contract];
  const CampaignRules& rules = campaign.rules;
  const State& past = state(screen, contract);
  const auto reached = [](std::int64_t plays, std::uint32_t cap) {
    return cap != 0 && plays >= cap;
  };
  if (reached(past.today, rules.daily_cap) || reached(past.today, campaign.max_plays_day)) {
    return false;
  }
  if (reached(past.hour == hour() ? past.this_hour : 0, rules.hourly_cap)) return false;
  const bool too_soon = past.last_slot >= 0 && (slot_ - past.last_slot) * slot_ms_ <
                                                   std::int64_t{rules.separation_s} * 1'000;
  if (too_soon) return false;
  const int before = before_[screen];
  return before < 0 || !competitors_[contract][static_cast<std::size_t>(before)];
}

void Field::play(std::size_t screen, std::size_t contract) {
  State& past = states_[screen * contracts() + contract];
  if (past.hour != hour()) past.this_hour = 0;
  past.hour = hour();
  ++past.this_hour;
  ++past.today;
  past.last_slot = slot_;
  before_[screen] = static_cast<int>(contract);
  ++sums_[contract].plays;
  sums_[contract].imp_milli += value(screen, hour(), contract);
}

std::unique_ptr<Rival> round_robin(const Field& field) {
  return std::make_unique<RoundRobin>(field);
}
std::unique_ptr<Rival> greedy(const Field& field) {
  return std::make_unique<Greedy>(field);
}
std::unique_ptr<Rival> even_pacing() {
  return std::make_unique<EvenPacing>();
}
std::unique_ptr<Rival> throttling(const Field& field, std::uint64_t seed) {
  return std::make_unique<Throttling>(field, seed);
}

void play_day(Field& field, Rival& rival) {
  for (std::int64_t slot = 0; slot < field.slots(); ++slot, field.next_slot()) {
    for (std::size_t screen = 0; screen < field.screens(); ++screen) {
      const int chosen = rival.choose(field, screen);
      if (chosen >= 0) {
        field.play(screen, static_cast<std::size_t>(chosen));
      } else {
        field.house(screen);
      }
    }
  }
}

}  // namespace vitrine::bench
