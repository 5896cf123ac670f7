#include "exposure/exposure.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <random>

using namespace vitrine;

namespace {

Timeline people_timeline() {
  Timeline timeline;
  timeline.quality = Quality::people;
  timeline.method = Method::dnn;
  return timeline;
}

// Intervals, holes and crossings on odd microseconds, so that every rounding that could be wrong is
// met.
Timeline random_timeline(std::mt19937& random, Micros length) {
  std::uniform_int_distribution<Micros> at(0, length);
  Timeline timeline = people_timeline();
  Micros from = at(random) % kSecond;
  while (from < length) {
    const Micros until = from + 1 + at(random) % (30 * kSecond);
    timeline.covered.push_back({from, until});
    from = until + at(random) % (3 * kSecond);
  }
  for (std::uint64_t track = 1; track <= 60; ++track) {
    const Micros start = at(random);
    timeline.presence.push_back({track, start, start + at(random) % (40 * kSecond)});
  }
  for (int i = 0; i < 40; ++i) timeline.crossings.push_back({at(random), i % 2 == 0 ? 1 : -1});
  return timeline;
}

std::vector<Micros> random_cuts(std::mt19937& random, Micros length) {
  std::uniform_int_distribution<Micros> at(0, length);
  std::vector<Micros> cuts{0, length};
  for (int i = 0; i < 25; ++i) cuts.push_back(at(random));
  std::sort(cuts.begin(), cuts.end());
  return cuts;
}

}  // namespace

TEST_CASE(
    "person time over back-to-back plays equals the timeline's total, wherever the cuts fall") {
  std::mt19937 random(7);
  const Micros length = 5 * kMinute + 123457;
  for (int round = 0; round < 200; ++round) {
    const Timeline timeline = random_timeline(random, length);
    const ExposureRow whole = expose(timeline, 1, 1, 0, length);
    std::int64_t person_ms = 0, first = 0, crossings = 0;
    const auto cuts = random_cuts(random, length);
    for (std::size_t i = 0; i + 1 < cuts.size(); ++i) {
      const ExposureRow part = expose(timeline, 1, i, cuts[i], cuts[i + 1]);
      person_ms += part.person_ms;
      if (part.quality == Quality::none) continue;
      first += part.first_exposed;
      crossings += part.crossings;
    }
    CHECK(person_ms == whole.person_ms);
    CHECK(first <= whole.first_exposed);
    CHECK(crossings <= whole.crossings);
  }
}

TEST_CASE("without blind time the crossings and first exposures of the parts add up as well") {
  std::mt19937 random(11);
  const Micros length = 3 * kMinute + 1;
  for (int round = 0; round < 100; ++round) {
    Timeline timeline = random_timeline(random, length);
    timeline.covered = {{0, length}};
    const ExposureRow whole = expose(timeline, 1, 1, 0, length);
    std::int64_t first = 0, crossings = 0;
    const auto cuts = random_cuts(random, length);
    for (std::size_t i = 0; i + 1 < cuts.size(); ++i) {
      const ExposureRow part = expose(timeline, 1, i, cuts[i], cuts[i + 1]);
      // A cut shorter than the grid of a millisecond holds no covered time.
      if (part.quality == Quality::none) continue;
      first += part.first_exposed;
      crossings += part.crossings;
    }
    CHECK(first == whole.first_exposed);
    CHECK(crossings == whole.crossings);
  }
}

TEST_CASE("minutes of flow and plays over the same hour tell the same person time") {
  std::mt19937 random(3);
  const Micros length = 10 * kMinute;
  const Timeline timeline = random_timeline(random, length);
  std::int64_t minutes = 0, plays = 0, in = 0, out = 0;
  for (Micros at = 0; at < length; at += kMinute) {
    const FlowRow row = flow_of(timeline, at, at + kMinute);
    minutes += row.person_ms;
    in += row.in;
    out += row.out;
    CHECK(row.minute_start_us == at);
  }
  for (Micros at = 0; at < length; at += 15 * kSecond) {
    plays += expose(timeline, 1, 1, at, at + 15 * kSecond).person_ms;
  }
  CHECK(minutes == plays);
  CHECK(in + out == expose(timeline, 1, 1, 0, length).crossings);
}

TEST_CASE("pruning what lies before a play does not change its row") {
  std::mt19937 random(5);
  const Micros length = 4 * kMinute;
  const Timeline timeline = random_timeline(random, length);
  const Micros from = 2 * kMinute + 17;
  Timeline pruned = timeline;
  std::erase_if(pruned.presence, [&](const PresenceInterval& i) { return i.until <= from; });
  std::erase_if(pruned.covered, [&](const CoveredSpan& i) { return i.until <= from; });
  std::erase_if(pruned.crossings, [&](const Crossing& i) { return i.at < from; });
  const ExposureRow a = expose(timeline, 1, 1, from, length);
  const ExposureRow b = expose(pruned, 1, 1, from, length);
  CHECK(a.person_ms == b.person_ms);
  CHECK(a.crossings == b.crossings);
  CHECK(a.coverage_permille == b.coverage_permille);
}

TEST_CASE("a play half seen has coverage 500 and only what was seen") {
  Timeline timeline = people_timeline();
  timeline.covered = {{0, 5 * kSecond}};
  timeline.presence = {{1, 0, 10 * kSecond}, {2, 6 * kSecond, 9 * kSecond}};
  const ExposureRow row = expose(timeline, 9, 4, 0, 10 * kSecond);
  CHECK(row.coverage_permille == 500);
  CHECK(row.person_ms == 5000);
  CHECK(row.ots == 1);
  CHECK(row.play_log_id == 9);
  CHECK(row.play_seq == 4);
}

TEST_CASE("overlapping covered spans are not counted twice") {
  Timeline timeline = people_timeline();
  timeline.covered = {{2 * kSecond, 8 * kSecond}, {0, 5 * kSecond}};
  timeline.presence = {{1, 0, 10 * kSecond}};
  const ExposureRow row = expose(timeline, 1, 1, 0, 10 * kSecond);
  CHECK(row.coverage_permille == 800);
  CHECK(row.person_ms == 8000);
}

TEST_CASE("coverage is rounded down, so 1000 means the whole play") {
  Timeline timeline = people_timeline();
  timeline.covered = {{0, 10 * kSecond - kMillisecond}};
  CHECK(expose(timeline, 1, 1, 0, 10 * kSecond).coverage_permille == 999);
  timeline.covered = {{0, 10 * kSecond}};
  CHECK(expose(timeline, 1, 1, 0, 10 * kSecond).coverage_permille == 1000);
}

TEST_CASE(
    "quality flow tells person time and crossings, and leaves every figure about people absent") {
  Timeline timeline = people_timeline();
  timeline.quality = Quality::flow;
  timeline.method = Method::mog2;
  timeline.covered = {{0, kMinute}};
  timeline.presence = {{1, 0, 20 * kSecond}};
  timeline.crossings = {{3 * kSecond, 1}, {4 * kSecond, -1}, {5 * kSecond, 1}};
  const ExposureRow row = expose(timeline, 1, 1, 0, 10 * kSecond);
  CHECK(row.quality == Quality::flow);
  CHECK(row.method == Method::mog2);
  CHECK(row.person_ms == 10000);
  CHECK(row.crossings == 3);
  CHECK(row.ots == kAbsent);
  CHECK(row.first_exposed == kAbsent);
  CHECK(row.viewers == kAbsent);
  CHECK(row.attention_ms == kAbsent);
  const FlowRow flow = flow_of(timeline, 0, kMinute);
  CHECK(flow.in == 2);
  CHECK(flow.out == 1);
  CHECK(flow.person_ms == 20000);
  CHECK(flow.dwell_0_5 == kAbsent);
  CHECK(flow.dwell_60 == kAbsent);
}

TEST_CASE("an all-blind play has quality none, coverage 0 and claims nothing") {
  Timeline timeline = people_timeline();
  timeline.covered = {{0, kSecond}};
  timeline.presence = {{1, 0, 20 * kSecond}};
  const ExposureRow row = expose(timeline, 1, 1, 5 * kSecond, 10 * kSecond);
  CHECK(row.quality == Quality::none);
  CHECK(row.method == Method::none);
  CHECK(row.coverage_permille == 0);
  CHECK(row.person_ms == 0);
  CHECK(row.ots == kAbsent);
  CHECK(row.crossings == kAbsent);
  const FlowRow flow = flow_of(timeline, 5 * kSecond, 10 * kSecond);
  CHECK(flow.quality == Quality::none);
  CHECK(flow.coverage_permille == 0);
  CHECK(flow.person_ms == 0);
}

TEST_CASE("an opportunity to see takes a whole second, also in two parts of one track") {
  Timeline timeline = people_timeline();
  timeline.covered = {{0, kMinute}};
  timeline.presence = {{1, 0, 999 * kMillisecond},
                       {2, 0, kSecond},
                       {3, 0, 600 * kMillisecond},
                       {3, 2 * kSecond, 2 * kSecond + 600 * kMillisecond}};
  const ExposureRow row = expose(timeline, 1, 1, 0, 10 * kSecond);
  CHECK(row.ots == 2);
  CHECK(row.first_exposed == 3);
  CHECK(expose(timeline, 1, 2, 10 * kSecond, 20 * kSecond).first_exposed == 0);
}

TEST_CASE("visits are sorted by stay into the minute in which they ended") {
  Timeline timeline = people_timeline();
  timeline.covered = {{0, 3 * kMinute}};
  timeline.presence = {{1, 0, 4 * kSecond},
                       {2, 0, 5 * kSecond},
                       {3, 0, 15 * kSecond},
                       {4, 0, 59 * kSecond},
                       {5, 0, 70 * kSecond}};
  const FlowRow first = flow_of(timeline, 0, kMinute);
  CHECK(first.dwell_0_5 == 1);
  CHECK(first.dwell_5_15 == 1);
  CHECK(first.dwell_15_30 == 1);
  CHECK(first.dwell_30_60 == 1);
  CHECK(first.dwell_60 == 0);
  CHECK(flow_of(timeline, kMinute, 2 * kMinute).dwell_60 == 1);
}

TEST_CASE("a play without length is a blind one") {
  Timeline timeline = people_timeline();
  timeline.covered = {{0, kMinute}};
  timeline.presence = {{1, 0, kMinute}};
  const ExposureRow row = expose(timeline, 1, 1, kSecond, kSecond);
  CHECK(row.coverage_permille == 0);
  CHECK(row.quality == Quality::none);
}
