#include "audience/presence.hpp"

#include <doctest/doctest.h>

using namespace vitrine;

namespace {

constexpr Micros kFrame = 100 * kMillisecond;
constexpr Micros kZero = 5000 * kSecond;

Track seen(std::uint64_t id, Micros first, Micros now) {
  Track track;
  track.id = id;
  track.first_seen = first;
  track.last_seen = now;
  track.confirmed = track.seen = true;
  return track;
}

Track coasting(std::uint64_t id, Micros first, Micros last) {
  Track track = seen(id, first, last);
  track.seen = false;
  return track;
}

PresenceTimeline make() {
  return {Quality::flow, Method::mog2, {}};
}

// Frames with nobody in them.
Micros run_empty(PresenceTimeline& timeline, Micros from, Micros until, Micros gap = kFrame) {
  Micros at = from;
  for (; at <= until; at += gap) timeline.frame(at, true, {}, {});
  return at - gap;
}

std::int64_t coverage(PresenceTimeline& timeline, Micros from, Micros until) {
  return expose(timeline.timeline(until), 1, 1, from, until).coverage_permille;
}

}  // namespace

TEST_CASE("frames ten times a second cover the time between the first and the last of them") {
  PresenceTimeline timeline(Quality::flow, Method::mog2, {});
  run_empty(timeline, kZero, kZero + 10 * kSecond);
  CHECK(coverage(timeline, kZero, kZero + 10 * kSecond) == 1000);
  CHECK(coverage(timeline, kZero, kZero + 20 * kSecond) == 500);
  CHECK(timeline.figures(kZero + 10 * kSecond).fps_milli == 10000);
}

TEST_CASE("a gap of more than half a second is blind, the frames around it are not") {
  PresenceTimeline timeline = make();
  run_empty(timeline, kZero, kZero + 4 * kSecond);
  run_empty(timeline, kZero + 6 * kSecond, kZero + 10 * kSecond);
  CHECK(coverage(timeline, kZero, kZero + 10 * kSecond) == 800);
  CHECK(coverage(timeline, kZero + 4 * kSecond, kZero + 6 * kSecond) == 0);
}

TEST_CASE("fewer than three frames a second are blind although no gap is long; three are not") {
  PresenceTimeline slow(Quality::flow, Method::mog2, {});
  run_empty(slow, kZero, kZero + 10 * kSecond, 400 * kMillisecond);
  CHECK(coverage(slow, kZero, kZero + 10 * kSecond) == 0);
  PresenceTimeline enough(Quality::flow, Method::mog2, {});
  const Micros last = run_empty(enough, kZero, kZero + 10 * kSecond, 333 * kMillisecond);
  CHECK(coverage(enough, kZero, last) == 1000);
}

TEST_CASE("frames the detector cannot use are blind") {
  PresenceTimeline timeline = make();
  Micros at = kZero;
  for (; at < kZero + kSecond; at += kFrame) timeline.frame(at, false, {}, {});
  const Micros last = run_empty(timeline, at, at + 2 * kSecond);
  CHECK(coverage(timeline, kZero, at) == 0);
  CHECK(coverage(timeline, at, last) == 1000);
}

TEST_CASE("a presence runs from the first frame that saw it to the one after the last") {
  PresenceTimeline timeline = make();
  Micros at = run_empty(timeline, kZero, kZero + kSecond) + kFrame;
  const Micros first = at;
  for (int i = 0; i < 20; ++i, at += kFrame) timeline.frame(at, true, {seen(7, first, at)}, {});
  run_empty(timeline, at, at + kSecond);
  const Timeline copy = timeline.timeline(at + kSecond);
  REQUIRE(copy.presence.size() == 1);
  CHECK(copy.presence[0].from == first);
  CHECK(copy.presence[0].until == at);
}

TEST_CASE(
    "a track found again bridges the time it was unseen, one that is not ends where it was last "
    "seen") {
  PresenceTimeline timeline = make();
  Micros at = run_empty(timeline, kZero, kZero + kSecond) + kFrame;
  const Micros first = at;
  for (int i = 0; i < 5; ++i, at += kFrame) timeline.frame(at, true, {seen(7, first, at)}, {});
  const Micros last = at - kFrame;
  for (int i = 0; i < 5; ++i, at += kFrame)
    timeline.frame(at, true, {coasting(7, first, last)}, {});
  CHECK(timeline.complete_until(at) == last);
  SUBCASE("found again") {
    timeline.frame(at, true, {seen(7, first, at)}, {});
    timeline.frame(at + kFrame, true, {}, {});
    const Timeline copy = timeline.timeline(at + kFrame);
    REQUIRE(copy.presence.size() == 1);
    CHECK(copy.presence[0].until == at + kFrame);
  }
  SUBCASE("gone") {
    timeline.frame(at, true, {}, {});
    const Timeline copy = timeline.timeline(at);
    REQUIRE(copy.presence.size() == 1);
    CHECK(copy.presence[0].until == last + kFrame);
    CHECK(timeline.complete_until(at) == at);
  }
}

TEST_CASE(
    "the timeline is complete up to the newest frame, and behind what a young track may yet "
    "become") {
  PresenceTimeline timeline = make();
  const Micros last = run_empty(timeline, kZero, kZero + kSecond);
  CHECK(timeline.complete_until(last + kFrame) == last);
  Track young = seen(1, last + kFrame, last + kFrame);
  young.confirmed = false;
  timeline.frame(last + kFrame, true, {young}, {});
  timeline.frame(last + 2 * kFrame, true, {young}, {});
  CHECK(timeline.complete_until(last + 3 * kFrame) == last + kFrame);
}

TEST_CASE("a camera that hangs does not hold up the rows, and one that is gone not at all") {
  PresenceTimeline timeline = make();
  const Micros last = run_empty(timeline, kZero, kZero + kSecond);
  CHECK(timeline.complete_until(last + kMinute) == last + kMinute - kSilence);
  CHECK(timeline.figures(last + kMinute).fps_milli == 0);
  timeline.lost();
  CHECK(timeline.complete_until(last + kMinute) == last + kMinute);
}

TEST_CASE("a clip that begins anew ends its tracks and leaves no hole in the coverage") {
  PresenceTimeline timeline = make();
  Micros at = kZero;
  for (; at < kZero + 5 * kSecond; at += kFrame) timeline.frame(at, true, {seen(1, kZero, at)}, {});
  timeline.end_tracks();
  const Micros again = at;
  for (; at <= kZero + 10 * kSecond; at += kFrame)
    timeline.frame(at, true, {seen(2, again, at)}, {});
  const Micros last = at - kFrame;
  CHECK(coverage(timeline, kZero, last) == 1000);
  const Timeline copy = timeline.timeline(last);
  REQUIRE(copy.presence.size() == 2);
  CHECK(copy.presence[0].until <= again);
  CHECK(copy.presence[1].from == again);
}

TEST_CASE("at most ten minutes stay in memory, however long it runs and however many pass") {
  PresenceTimeline timeline = make();
  std::uint64_t id = 0;
  Micros at = kZero;
  std::size_t most = 0;
  for (; at < kZero + 15 * kMinute; at += kFrame) {
    // Somebody new every second, one who never leaves, a crossing now and then.
    const Micros second = at - at % kSecond;
    id = static_cast<std::uint64_t>(second);
    std::vector<int> crossings;
    if (at == second) crossings.push_back(1);
    timeline.frame(at, true, {seen(1, kZero, at), seen(id, second, at)}, crossings);
    if (at % kMinute == 0) {
      const Timeline copy = timeline.timeline(at);
      most = std::max({most, copy.presence.size(), copy.crossings.size(), copy.covered.size()});
      for (const auto& interval : copy.presence) CHECK(interval.from >= at - kPresenceKept);
      for (const auto& span : copy.covered) CHECK(span.from >= at - kPresenceKept);
    }
  }
  CHECK(most <= 610);
  // Also without any further frame.
  const Timeline later = timeline.timeline(at + kPresenceKept + kMinute);
  CHECK(later.presence.empty());
  CHECK(later.covered.empty());
  CHECK(later.crossings.empty());
}
