#include "played.hpp"

#include <atomic>
#include <thread>

#include "network_generator.hpp"
#include "protocol/impressions.hpp"
#include "protocol/quota.hpp"
#include "random.hpp"
#include "scheduler/simulate.hpp"

namespace vitrine::bench {

using testing::Random;

namespace {

constexpr std::int64_t kDay_s = 86'400;
constexpr std::int32_t kZone_s = 8 * 3'600;  // Asia/Shanghai, which changes no clocks

const ZoneTable& zone() {
  static const ZoneTable kZone = {"Asia/Shanghai", "", {{0, kZone_s}}};
  return kZone;
}

std::int64_t midnight_ms(std::int64_t day) {
  return (day * kDay_s - kZone_s) * 1'000;
}

Settings lit_hours(const plan::PlannedScreen& screen) {
  Settings settings;
  Daypart lit;
  lit.from_minute = static_cast<std::uint16_t>(60 * screen.from_hour);
  lit.until_minute = static_cast<std::uint16_t>(60 * screen.until_hour);
  settings.display_hours = {lit};
  return settings;
}

bool drawn(Random& random, std::uint32_t permille) {
  return random.below(1'000) < permille;
}

}  // namespace

class PlayedNetwork::Screen {
 public:
  Screen(const plan::Network& network, std::size_t index, const Profile& truth,
         const Outage& outage)
      : network_(network),
        planned_(network.screens[index]),
        truth_(truth),
        settings_(lit_hours(planned_)),
        outage_(outage),
        random_(outage.seed * 1'000'003 + index),
        dead_(drawn(random_, outage.dead_permille)) {
    for (std::size_t i = 0; i < network.contracts.size(); ++i) {
      const CampaignId id = network.contracts[i].campaign;
      if (contract_of_.size() <= id) contract_of_.resize(id + 1, -1);
      contract_of_[id] = static_cast<int>(i);
      campaigns_.push_back(network.schedule.campaign(id));
    }
    played_.resize(campaigns_.size());
  }

  void give(Numbers numbers) {
    auto fresh = std::make_unique<Numbers>(std::move(numbers));
    const Documents documents = {&network_.schedule, fresh.get(),
                                 &network_.profiles.at(planned_.area), &settings_, nullptr};
    if (screen_) {
      screen_->replace(documents);
    } else {
      next_ms_ = midnight_ms(kDay);
      screen_ = std::make_unique<SimulatedScreen>(documents, zone(), next_ms_);
    }
    numbers_ = std::move(fresh);
  }

  void play(std::int64_t day) {
    played_of_day_.emplace_back(campaigns_.size());
    const std::int64_t end = midnight_ms(day + 1);
    const bool dead_today = drawn(random_, outage_.dead_day_permille);
    const std::int64_t lit_slots =
        (planned_.until_hour - planned_.from_hour) * std::int64_t{3'600'000} / planned_.slot_ms;
    const std::int64_t dark_slots = lit_slots * outage_.dark_permille / 1'000;
    const std::int64_t dark_at =
        midnight_ms(day) + planned_.from_hour * std::int64_t{3'600'000} +
        random_.below(static_cast<std::uint32_t>(lit_slots)) * std::int64_t{planned_.slot_ms};
    if (dead_ || dead_today || !screen_) {
      if (screen_) power_off(end - next_ms_);
      return;
    }
    last_alive_ = day;
    bool dark_to_come = dark_slots > 0;
    while (next_ms_ < end) {
      if (dark_to_come && next_ms_ >= dark_at) {
        power_off(dark_slots * planned_.slot_ms);
        dark_to_come = false;
        continue;
      }
      const SimulatedSlot slot = screen_->next();
      next_ms_ = slot.utc_ms + slot.length_ms;
      if (!slot.dark) count(slot);
    }
  }

  bool dead() const { return dead_; }
  std::int64_t last_alive() const { return last_alive_; }
  std::int64_t decisions() const { return decisions_; }
  const std::vector<Played>& played() const { return played_; }
  const std::vector<std::vector<Played>>& played_of_day() const { return played_of_day_; }

  void add_to(QuotaBooks& books) const {
    if (!numbers_) return;
    for (const CampaignNumbers& numbers : numbers_->campaigns) {
      std::int64_t had = 0;
      const auto contract = static_cast<std::size_t>(contract_of_[numbers.campaign]);
      const auto from = static_cast<std::size_t>(numbers.first_day - kDay);
      for (std::size_t day = from; day < played_of_day_.size(); ++day) {
        had += played_of_day_[day][contract].plays;
      }
      const auto days = static_cast<std::int64_t>(played_of_day_.size() - from);
      const std::int64_t due = quota_due(numbers.goal_milli, numbers.phase, days - 1);
      books.quotas += due > 0 ? 1 : 0;
      books.short_of += had < due ? 1 : 0;
      books.plays_due += due;
      books.plays_short += std::max<std::int64_t>(0, due - had);
      books.plays_beyond += std::max<std::int64_t>(0, had - due);
    }
  }

 private:
  void power_off(std::int64_t length_ms) {
    screen_->power_off(length_ms);
    next_ms_ += length_ms;
  }

  void count(const SimulatedSlot& slot) {
    ++decisions_;
    const CampaignId id = slot.decision.campaign;
    if (!slot.decision.playable || id == 0) return;
    const auto contract = static_cast<std::size_t>(contract_of_[id]);
    const ProfileHour& hour = truth_.hours[static_cast<std::size_t>(slot.hour_of_week)];
    const std::int64_t imp = target_imp_milli(*campaigns_[contract], hour, slot.length_ms);
    for (Played* sum : {&played_of_day_.back()[contract], &played_[contract]}) {
      ++sum->plays;
      sum->imp_milli += imp;
    }
  }

  const plan::Network& network_;
  const plan::PlannedScreen& planned_;
  const Profile& truth_;
  Settings settings_;
  Outage outage_;
  Random random_;
  bool dead_;
  std::vector<int> contract_of_;  // by campaign id
  std::vector<const Campaign*> campaigns_;
  std::unique_ptr<Numbers> numbers_;
  std::unique_ptr<SimulatedScreen> screen_;
  std::int64_t next_ms_ = 0;  // when its next slot begins
  std::int64_t last_alive_ = kDay - 1;
  std::int64_t decisions_ = 0;
  std::vector<Played> played_;                      // by contract
  std::vector<std::vector<Played>> played_of_day_;  // by day and contract
};

PlayedNetwork::PlayedNetwork(const plan::Network& network, const std::map<AreaId, Profile>& truth,
                             const Outage& outage, unsigned threads)
    : network_(network), threads_(threads), next_day_(kDay) {
  for (std::size_t i = 0; i < network.screens.size(); ++i) {
    const Profile& here = truth.at(network.screens[i].area);
    screens_.push_back(std::make_unique<Screen>(network, i, here, outage));
  }
}
PlayedNetwork::~PlayedNetwork() = default;

bool PlayedNetwork::dead(std::size_t screen) const {
  return screens_[screen]->dead();
}

void PlayedNetwork::give(std::size_t screen, Numbers numbers) {
  screens_[screen]->give(std::move(numbers));
}

void PlayedNetwork::play_day() {
  std::atomic<std::size_t> next = 0;
  const auto work = [&] {
    for (std::size_t i = next++; i < screens_.size(); i = next++) screens_[i]->play(next_day_);
  };
  std::vector<std::thread> threads;
  for (unsigned i = 1; i < threads_; ++i) threads.emplace_back(work);
  work();
  for (std::thread& thread : threads) thread.join();
  ++next_day_;
}

std::vector<Played> PlayedNetwork::by_contract() const {
  std::vector<Played> sums(network_.contracts.size());
  for (const auto& screen : screens_) {
    for (std::size_t i = 0; i < sums.size(); ++i) {
      sums[i].plays += screen->played()[i].plays;
      sums[i].imp_milli += screen->played()[i].imp_milli;
    }
  }
  return sums;
}

QuotaBooks PlayedNetwork::books() const {
  QuotaBooks books;
  for (const auto& screen : screens_) {
    if (!screen->dead()) screen->add_to(books);
  }
  return books;
}

std::int64_t PlayedNetwork::decisions() const {
  std::int64_t sum = 0;
  for (const auto& screen : screens_) sum += screen->decisions();
  return sum;
}

std::vector<plan::Delivery> PlayedNetwork::reported() const {
  std::vector<plan::Delivery> told;
  for (std::size_t i = 0; i < screens_.size(); ++i) {
    const ScreenId& name = network_.screens[i].screen;
    for (std::int64_t day = kDay; day <= screens_[i]->last_alive(); ++day) {
      told.push_back({name, 0, day, 0});  // it reports, whatever it showed
      const auto& played = screens_[i]->played_of_day()[static_cast<std::size_t>(day - kDay)];
      for (std::size_t k = 0; k < played.size(); ++k) {
        if (played[k].plays == 0) continue;
        const CampaignId campaign = network_.contracts[k].campaign;
        told.push_back({name, campaign, day, played[k].plays, played[k].imp_milli});
      }
    }
  }
  return told;
}

}  // namespace vitrine::bench
