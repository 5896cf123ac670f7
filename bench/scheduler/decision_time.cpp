// What one decision costs where a thousand campaigns want the slot, and what their document does.
#include <malloc.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>

#include "protocol/documents.hpp"
#include "random.hpp"
#include "scheduler/simulate.hpp"
#include "sections.hpp"

namespace vitrine::bench {

using testing::Random;

namespace {

constexpr CampaignId kCampaigns = 1'000;
constexpr std::uint32_t kCategories = 40;
constexpr std::int32_t kZone_s = 8 * 3'600;

std::size_t allocated() {
  const auto now = ::mallinfo2();
  return now.uordblks + now.hblkhd;
}

double micros_since(std::chrono::steady_clock::time_point began) {
  return std::chrono::duration<double, std::micro>(std::chrono::steady_clock::now() - began)
      .count();
}

std::vector<Daypart> make_dayparts(Random& random) {
  if (random.below(4) != 0) return {};
  Daypart part;
  part.from_minute = static_cast<std::uint16_t>(60 * (6 + random.below(14)));
  part.until_minute =
      static_cast<std::uint16_t>((part.from_minute + 120 + random.below(360)) % 1440);
  if (random.below(2) == 0) part.weekdays = 0x1f;
  return {part};
}

Campaign make_campaign(CampaignId id, Random& random) {
  constexpr CampaignClass kClasses[] = {CampaignClass::guaranteed, CampaignClass::guaranteed,
                                        CampaignClass::share, CampaignClass::remnant};
  Campaign campaign;
  campaign.id = id;
  campaign.label = "campaign " + std::to_string(id);
  campaign.advertiser = id;
  campaign.category = "category " + std::to_string(random.below(kCategories));
  campaign.klass = kClasses[random.below(4)];
  campaign.currency = random.below(2) == 0 ? Currency::avg : Currency::ots;
  campaign.target_groups = {static_cast<std::uint8_t>(random.below(10))};
  campaign.weight = 1 + random.below(5);
  campaign.rules.separation_s = random.below(3) == 0 ? 0 : 60 * (1 + random.below(10));
  if (random.below(5) == 0) campaign.rules.hourly_cap = 2 + random.below(10);
  if (random.below(5) == 0) campaign.rules.daily_cap = 10 + random.below(40);
  if (random.below(10) == 0) {
    campaign.rules.exclude_categories = {"category " + std::to_string(random.below(kCategories))};
  }
  campaign.dayparts = make_dayparts(random);
  Flight flight{FlightPhase::launch, kDay, kDay + 27, {}};
  const std::uint32_t creatives = 1 + random.below(4);
  for (std::uint32_t i = 0; i < creatives; ++i) flight.creatives.push_back({4 * id + i, 1 + i});
  campaign.flights = {flight};
  return campaign;
}

void add_creative(Schedule& schedule, CreativeId id, Random& random) {
  Creative creative;
  creative.id = id;
  creative.label = "creative " + std::to_string(id);
  creative.length_ms = 5'000 * (1 + random.below(3));
  ContentItem item;
  for (std::uint8_t& byte : item.sha256) byte = static_cast<std::uint8_t>(random.below(256));
  item.size = 1'000'000 + random.below(9'000'000);
  item.media_type = "video/mp4";
  item.path = "creatives/" + std::to_string(id) + ".mp4";
  creative.variants = {{id, {}, item.sha256}};
  schedule.creatives.push_back(std::move(creative));
  schedule.content.push_back(std::move(item));
}

Schedule make_schedule(Random& random) {
  Schedule schedule;
  schedule.label = "a thousand campaigns";
  for (CampaignId id = 1; id <= kCampaigns; ++id) {
    schedule.campaigns.push_back(make_campaign(id, random));
    for (const auto& entry : schedule.campaigns.back().flights[0].creatives) {
      add_creative(schedule, entry.creative, random);
    }
  }
  for (CreativeId id = 1; id <= 2; ++id) {
    add_creative(schedule, id, random);
    schedule.house.push_back(id);
  }
  return schedule;
}

// Quotas for nearly all guaranteed campaigns and half of the others: two thirds of the slots.
Numbers make_numbers(const Schedule& schedule, Random& random) {
  Numbers numbers;
  numbers.schedule_version = 1;
  for (const Campaign& campaign : schedule.campaigns) {
    const bool guaranteed = campaign.klass == CampaignClass::guaranteed;
    if (random.below(10) >= (guaranteed ? 9u : 5u)) continue;
    CampaignNumbers entry;
    entry.campaign = campaign.id;
    entry.first_day = kDay;
    for (int day = 0; day < 28; ++day) entry.goal_milli.push_back(500 + random.below(10'000));
    entry.price = random.below(500);
    entry.phase = static_cast<std::uint16_t>(random.below(1'000));
    numbers.campaigns.push_back(std::move(entry));
  }
  return numbers;
}

double median(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  return values[values.size() / 2];
}

// Loads it some times, keeps the last.
template <class T>
T load(const char* name, const std::string& json, Result<T> (*read)(std::string_view)) {
  std::vector<double> took;
  T document;
  std::size_t size = 0;
  for (int i = 0; i < 9; ++i) {
    document = T();
    const std::size_t before = allocated();
    const auto began = std::chrono::steady_clock::now();
    auto made = read(json);
    took.push_back(micros_since(began) / 1000);
    if (!made) {
      std::fprintf(stderr, "bench-scheduler: %s\n", made.error().message.c_str());
      std::exit(1);
    }
    size = allocated() - before;
    document = *std::move(made);
  }
  std::printf("    %s of %zu kB loads in %.1f ms (median of 9), takes %zu kB\n", name,
              json.size() / 1024, median(took), size / 1024);
  return document;
}

}  // namespace

void show_decision(const BenchOptions& options) {
  Random random(NetworkShape{}.seed);
  std::string schedule_json;
  std::string numbers_json;
  Profile profile;
  {
    NetworkShape shape;
    shape.screens = shape.areas = 1;
    profile = make_network(shape).profiles.at(1);
    const Schedule schedule = make_schedule(random);
    schedule_json = write_schedule(schedule);
    numbers_json = write_numbers(make_numbers(schedule, random));
  }
  std::printf("decision: %u campaigns\n", kCampaigns);
  const Schedule schedule = load("schedule", schedule_json, read_schedule);
  const Numbers numbers = load("numbers", numbers_json, read_numbers);
  Settings settings;
  Daypart lit;
  lit.from_minute = 6 * 60;
  settings.display_hours = {lit};
  const ZoneTable zone = {"Asia/Shanghai", "", {{0, kZone_s}}};

  const std::size_t before = allocated();
  SimulatedScreen screen({&schedule, &numbers, &profile, &settings, nullptr}, zone,
                         (kDay * 86'400 - kZone_s) * 1'000);
  std::vector<double> took;
  took.reserve(20'000 * static_cast<std::size_t>(options.decision_days));
  const std::size_t reserved = took.capacity() * sizeof(double);
  std::int64_t by_quota = 0;
  std::int64_t by_weight = 0;
  for (;;) {
    const auto began = std::chrono::steady_clock::now();
    const SimulatedSlot slot = screen.next();
    const double micros = micros_since(began);
    if (slot.local_day > kDay + options.decision_days) break;
    if (slot.dark || slot.local_day == kDay) continue;
    took.push_back(micros);
    by_quota += slot.decision.reason == Reason::quota_due ? 1 : 0;
    by_weight += slot.decision.reason == Reason::weight_due ? 1 : 0;
  }
  const std::size_t size = allocated() - before - reserved;
  std::sort(took.begin(), took.end());
  const auto at = [&](double part) {
    return took[static_cast<std::size_t>(part * static_cast<double>(took.size() - 1))];
  };
  std::printf(
      "    %zu decisions on %lld days (%lld by quota, %lld by weight): p50 %.1f us, p99 %.1f us, "
      "max %.1f us\n",
      took.size(), static_cast<long long>(options.decision_days), static_cast<long long>(by_quota),
      static_cast<long long>(by_weight), at(0.5), at(0.99), took.back());
  std::printf("    the screen itself takes %zu kB at the end\n", size / 1024);
}

}  // namespace vitrine::bench
