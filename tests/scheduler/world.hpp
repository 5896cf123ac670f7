// A small world to decide in: schedules from a few numbers, and a loop that plays what was decided.
#pragma once

#include <random>

#include "scheduler/decide.hpp"

namespace vitrine::testing {

inline Hash256 content_of(CreativeId creative) {
  Hash256 hash{};
  hash[0] = static_cast<std::uint8_t>(creative);
  hash[1] = static_cast<std::uint8_t>(creative >> 8);
  hash[31] = 1;
  return hash;
}

inline constexpr std::int64_t kMonday = 20'780;  // 2026-11-23, a Monday
inline constexpr std::int64_t kNoon = kMonday * 86'400 + 12 * 3'600;

struct World {
  Schedule schedule;
  Numbers numbers;
  Profile profile;
  Takeover takeover;
  DecisionInput input;

  World() {
    input.documents.schedule = &schedule;
    seam() = {1'000 * kSecond, kNoon * 1'000, ClockTrust::trusted};
  }
  World(const World&) = delete;
  World& operator=(const World&) = delete;

  SeamTime& seam() { return input.question.seam; }
  const SeamTime& seam() const { return input.question.seam; }
  std::int64_t utc_s() const { return seam().utc_ms / 1'000; }

  CreativeId add_creative(CreativeId id, std::uint32_t length_ms = 10'000) {
    schedule.creatives.push_back({id, "creative", length_ms, false, {{id, {}, content_of(id)}}});
    input.content.eligible.insert(content_of(id));
    return id;
  }
  // Creatives get the ids 10 * campaign, 10 * campaign + 1, ...
  Campaign& add_campaign(CampaignId id, std::uint32_t weight, int creatives = 2) {
    Campaign campaign;
    campaign.id = id;
    campaign.weight = weight;
    campaign.category = "category-" + std::to_string(id);
    Flight flight;
    flight.first_day = kMonday - 10;
    flight.last_day = kMonday + 10;
    for (int i = 0; i < creatives; ++i) {
      const CreativeId creative = add_creative(10 * id + static_cast<CreativeId>(i));
      flight.creatives.push_back({creative, 1});
    }
    campaign.flights.push_back(flight);
    schedule.campaigns.push_back(campaign);
    return schedule.campaigns.back();
  }
  void add_house(CreativeId id) { schedule.house.push_back(add_creative(id)); }

  void remember(CampaignId campaign, CreativeId creative, bool ghost = false) {
    const bool known = seam().trust != ClockTrust::none;
    const LocalTime local = known ? local_time(input.zone, utc_s()) : LocalTime{};
    input.history.recent.push_back(
        {campaign, creative, seam().boottime, local.day, local.second / 3'600, ghost});
    for (auto& entry : input.history.tally) {
      if (entry.campaign == campaign && entry.creative == creative &&
          entry.local_day == local.day) {
        ++entry.plays;
        return;
      }
    }
    input.history.tally.push_back({campaign, creative, local.day, 1});
  }
  void pass(std::int64_t seconds) {
    seam().boottime += seconds * kSecond;
    seam().utc_ms += seconds * 1'000;
  }
  Explained explain() const { return decide(input); }
  Decision ask() const { return decide(input).decision; }
  Explained step_explained(std::int64_t seconds = 10) {
    ++input.question.decision_seq;
    const Explained answer = decide(input);
    const Decision& decision = answer.decision;
    for (const Ghost& ghost : decision.ghosts) remember(ghost.campaign, ghost.creative, true);
    if (decision.playable) remember(decision.campaign, decision.creative);
    pass(seconds);
    return answer;
  }
  Decision step(std::int64_t seconds = 10) { return step_explained(seconds).decision; }
  static Reason rejected(const Explained& answer, CampaignId campaign) {
    for (const Rejection& entry : answer.rejections) {
      if (entry.campaign == campaign) return entry.reason;
    }
    return Reason::none;
  }
};

}  // namespace vitrine::testing
