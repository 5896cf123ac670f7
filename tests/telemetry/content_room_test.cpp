// Nothing that a kept generation names is ever removed; the rest goes in the order of its use.
#include "content_room.hpp"

#include "kit.hpp"
#include "needed.hpp"

using namespace vitrine;
using namespace vitrine::testing;

namespace {

struct Store : Kit {
  std::optional<DiskSpace> disk = DiskSpace{1ull << 30, 1ull << 30};
  ContentRoom room{paths, [this](const fs::path&) { return disk; }};

  Hash256 put(std::uint8_t id, std::size_t size, const std::string& ending = "") {
    const Hash256 hash{id};
    REQUIRE(write_atomic(paths.content() / (to_hex(hash) + ending), std::string(size, 'x')).ok());
    return hash;
  }
  bool has(std::uint8_t id, const std::string& ending = "") const {
    return fs::exists(paths.content() / (to_hex(Hash256{id}) + ending));
  }
};

}  // namespace

TEST_CASE(
    "what goes first: damaged, parts nobody waits for, then what left the generations longest "
    "ago") {
  Store store;
  store.put(1, 100, ".bad");
  store.put(2, 100, ".part");
  const Hash256 awaited = store.put(3, 100, ".part");
  for (const std::uint8_t id : {4, 5, 6, 7}) store.put(id, 100);
  store.room.note_use(8, {Hash256{5}});
  store.room.note_use(9, {Hash256{4}, Hash256{7}});
  const std::set<Hash256> kept = {Hash256{7}};
  const std::vector<std::pair<std::uint8_t, std::string>> order = {
      {1, ".bad"}, {2, ".part"}, {6, ""}, {5, ""}, {4, ""}};
  std::size_t gone = 0;
  // Room for a hundred more each time. A restart forgets nothing.
  for (std::uint64_t to_come = 0; to_come <= 500; to_come += 100) {
    CAPTURE(to_come);
    ContentRoom again(store.paths, [](const fs::path&) { return std::nullopt; });
    REQUIRE(again.make(kept, {awaited}, to_come, 700).ok());
    gone = to_come / 100;
    for (std::size_t i = 0; i < order.size(); ++i)
      CHECK(store.has(order[i].first, order[i].second) == (i >= gone));
  }
  CHECK(store.has(3, ".part"));
  CHECK(store.has(7));
  const auto full = store.room.make(kept, {awaited}, 501, 700);
  REQUIRE_FALSE(full.ok());
  CHECK(full.error().message ==
        "501 bytes to come do not fit beside the 200 bytes that kept generations need, within the "
        "quota of 700 bytes");
  CHECK(store.has(7));
}

TEST_CASE("a disk that gets full makes room too, and says so when there is none to make") {
  Store store;
  store.put(1, 1000);
  const Hash256 kept = store.put(2, 1000);
  store.disk = DiskSpace{1'500'000, 20'000'000};  // a twentieth stays free
  REQUIRE(store.room.make({kept}, {}, 500'000, 1ull << 30).ok());
  CHECK(store.has(1));
  REQUIRE(store.room.make({kept}, {}, 500'500, 1ull << 30).ok());
  CHECK_FALSE(store.has(1));
  CHECK(store.has(2));
  const auto full = store.room.make({kept}, {}, 600'000, 1ull << 30);
  REQUIRE_FALSE(full.ok());
  CHECK(full.error().message.find("the disk has") != std::string::npos);
  CHECK(full.error().message.find('\n') == std::string::npos);
  CHECK(store.has(2));
}

TEST_CASE("what is on the air today is fetched before what next week needs") {
  Schedule schedule = schedule_of({"house", "today", "next week", "last week", "unnamed"});
  schedule.house = {1};
  Campaign campaign;
  campaign.flights.push_back({FlightPhase::launch, 100, 106, {{2, 1}}});
  campaign.flights.push_back({FlightPhase::burst, 107, 113, {{3, 1}, {2, 1}}});
  campaign.flights.push_back({FlightPhase::prepare, 80, 99, {{4, 1}}});
  schedule.campaigns.push_back(campaign);
  const auto days = [&](std::optional<std::int64_t> today) {
    const auto needed = days_until_needed(schedule, today);
    std::vector<std::int64_t> out;
    for (const ContentItem& item : schedule.content) out.push_back(needed.at(item.sha256));
    return out;
  };
  const auto known = days(104);
  CHECK(known[0] == 0);
  CHECK(known[1] == 0);
  CHECK(known[2] == 3);
  CHECK(known[3] == known[4]);
  CHECK(known[3] > 1000);
  const auto unknown = days(std::nullopt);
  CHECK(unknown[2] == 0);
  CHECK(unknown[4] > 1000);
}
