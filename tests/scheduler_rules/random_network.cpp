#include "random_network.hpp"

#include <algorithm>
#include <map>

#include "base/time.hpp"
#include "draw_documents.hpp"
#include "platform/time_zone.hpp"
#include "protocol/documents.hpp"

namespace vitrine::testing {
namespace {

constexpr std::int64_t kDay_s = 86'400;

// Past days, which every tz database agrees on; each but the last two with a change of the clocks
// on its day: an hour, half an hour, at midnight, a whole day that never was.
struct Place {
  const char* zone;
  CivilDate day;
};
constexpr std::array<Place, 11> kPlaces = {{{"Europe/Berlin", {2024, 3, 31}},
                                            {"Europe/Berlin", {2024, 10, 27}},
                                            {"America/New_York", {2024, 3, 10}},
                                            {"America/New_York", {2024, 11, 3}},
                                            {"Australia/Lord_Howe", {2024, 4, 7}},
                                            {"Australia/Lord_Howe", {2024, 10, 6}},
                                            {"America/Santiago", {2023, 4, 2}},
                                            {"America/Santiago", {2023, 9, 3}},
                                            {"Pacific/Apia", {2011, 12, 30}},
                                            {"Asia/Kathmandu", {2024, 2, 29}},
                                            {"Asia/Shanghai", {2024, 12, 31}}}};

template <class T>
Status read_one(T& document, std::string (*write)(const T&), Result<T> (*read)(std::string_view),
                int& documents) {
  auto back = read(write(document));
  if (!back) return std::move(back).error().context("drawn, but refused");
  document = std::move(*back);
  ++documents;
  return ok();
}

// Something is different from now on: the files, the numbers, the takeover, the rules.
Inputs changed(Random& random, const DrawFrame& frame, const Inputs& before, std::int64_t from_s,
               std::int64_t until_s) {
  Inputs after = before;
  switch (random.below(6)) {
    case 0:
      after.numbers = draw_numbers(random, frame, after.schedule);
      // An arm does not change during a flight.
      for (CampaignNumbers& entry : after.numbers->campaigns) {
        if (!before.numbers) continue;
        for (const CampaignNumbers& old : before.numbers->campaigns) {
          if (old.campaign == entry.campaign) entry.arm = old.arm;
        }
      }
      break;
    case 1:
      after.takeover = draw_takeover(random, from_s, until_s);
      break;
    case 2:
      after.settings = draw_settings(random, frame);
      break;
    case 3:
      // A new generation: one campaign less, so its numbers go as well.
      if (!after.schedule.campaigns.empty()) {
        after.schedule.campaigns.erase(after.schedule.campaigns.begin());
      }
      after.numbers.reset();
      break;
    case 4:
      after.profile = draw_profile(random);
      break;
    default:
      break;
  }
  after.content = draw_content(random, after.schedule, after.takeover);
  return after;
}

}  // namespace

Documents Inputs::documents() const {
  return {&schedule, numbers ? &*numbers : nullptr, profile ? &*profile : nullptr,
          settings ? &*settings : nullptr, takeover ? &*takeover : nullptr};
}

ContentState all_content(const Schedule& schedule, const std::optional<Takeover>& takeover) {
  ContentState content;
  for (const ContentItem& item : schedule.content) content.eligible.insert(item.sha256);
  if (takeover) {
    for (const ContentItem& item : takeover->content) content.eligible.insert(item.sha256);
  }
  return content;
}

Status read_back(Inputs& inputs, int& documents) {
  Status status = read_one(inputs.schedule, write_schedule, read_schedule, documents);
  if (status && inputs.numbers) {
    status = read_one(*inputs.numbers, write_numbers, read_numbers, documents);
  }
  if (status && inputs.profile) {
    status = read_one(*inputs.profile, write_profile, read_profile, documents);
  }
  if (status && inputs.settings) {
    status = read_one(*inputs.settings, write_settings, read_settings, documents);
  }
  if (status && inputs.takeover) {
    status = read_one(*inputs.takeover, write_takeover, read_takeover, documents);
  }
  return status;
}

Result<ZoneTable> zone_named(const std::string& name) {
  static std::map<std::string, ZoneTable> loaded;
  const auto found = loaded.find(name);
  if (found != loaded.end()) return found->second;
  auto zone = load_zone(name, 1'262'304'000, 1'767'225'600);  // 2010 to 2025
  if (zone) loaded[name] = *zone;
  return zone;
}

Result<RandomNetwork> random_network(std::uint64_t seed) {
  Random random(seed);
  RandomNetwork network;
  network.seed = seed;
  const Place& place = kPlaces[random.below(kPlaces.size())];
  auto zone = zone_named(place.zone);
  if (!zone) return std::move(zone).error();
  network.zone = std::move(*zone);

  // From some time of the day before the change to two or three days later.
  DrawFrame frame;
  frame.first_day = days_from_civil(place.day) - 1;
  const std::int64_t days = 2 + random.below(2);
  frame.last_day = frame.first_day + days;
  constexpr std::array<std::uint32_t, 4> kLengths = {30'000, 60'000, 120'000, 300'000};
  frame.length_ms = kLengths[random.below(4)];
  const std::int64_t midnight =
      frame.first_day * kDay_s - network.zone.offset_at(frame.first_day * kDay_s);
  const std::int64_t from_s = midnight + random.below(kDay_s);
  const std::int64_t until_s = from_s + days * kDay_s;
  network.from_utc_ms = from_s * 1'000 + random.below(1'000);
  network.until_utc_ms = until_s * 1'000;

  Inputs first;
  first.schedule = draw_schedule(random, frame);
  if (!random.one_in(4)) first.profile = draw_profile(random);
  const bool easy = random.one_in(4);
  if (easy) {
    make_quota_easy(random, frame, first);
  } else {
    if (!random.one_in(4)) first.numbers = draw_numbers(random, frame, first.schedule);
    if (!random.one_in(4)) first.settings = draw_settings(random, frame);
    if (random.one_in(4)) first.takeover = draw_takeover(random, from_s, until_s);
  }
  const bool complete = easy || random.one_in(2);
  first.content = complete ? all_content(first.schedule, first.takeover)
                           : draw_content(random, first.schedule, first.takeover);
  network.inputs.push_back(std::move(first));

  const std::uint32_t events = easy ? 0 : random.below(4);
  for (std::uint32_t i = 0; i < events; ++i) {
    NetworkEvent event;
    event.at_utc_ms =
        network.from_utc_ms + 1'000 * random.below(static_cast<std::uint32_t>(days * kDay_s));
    network.events.push_back(event);
  }
  std::sort(network.events.begin(), network.events.end(),
            [](const auto& a, const auto& b) { return a.at_utc_ms < b.at_utc_ms; });
  for (NetworkEvent& event : network.events) {
    if (random.one_in(3)) event.outage_ms = random.below(4 * 3'600'000);
    if (event.outage_ms == 0 || random.one_in(2)) {
      network.inputs.push_back(changed(random, frame, network.inputs.back(), from_s, until_s));
    }
    event.inputs = network.inputs.size() - 1;
  }
  for (Inputs& inputs : network.inputs) {
    Status status = read_back(inputs, network.documents);
    if (!status) return std::move(status).error();
  }
  return network;
}

}  // namespace vitrine::testing
