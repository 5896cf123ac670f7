#include "audience/zone.hpp"

#include <doctest/doctest.h>

#include <cmath>
#include <random>

#include "audience/presence.hpp"

using namespace vitrine;

namespace {

constexpr int kWidth = 400, kHeight = 300;
constexpr Micros kZero = 1000 * kSecond;

// The middle third of the picture, from top to bottom.
ExposureZone middle() {
  return {{{333, 0}, {667, 0}, {667, 1000}, {333, 1000}}};
}

struct Stay {
  double from = 0, until = 0;
};

// One person whose foot follows `x_at` (seconds -> pixels; negative = not seen) for `seconds`; the
// stays as the timeline has them.
template <class Path>
std::vector<Stay> stays_of(const ExposureZone& zone, double seconds, int fps, Path&& x_at) {
  ZoneWatch watch(zone);
  PresenceTimeline timeline(Quality::people, Method::dnn, {});
  Track track;
  track.id = 1;
  track.first_seen = kZero;
  track.confirmed = true;
  for (int i = 0; i <= seconds * fps; ++i) {
    const Micros at = kZero + i * kSecond / fps;
    const double x = x_at(static_cast<double>(i) / fps);
    track.seen = x >= 0;
    if (track.seen) {
      track.box = {x - 20, 150, 40, 100};
      track.last_seen = at;
    }
    timeline.frame(at, true, watch.inside({track}, kWidth, kHeight, at), {});
  }
  timeline.lost();
  std::vector<Stay> stays;
  for (const PresenceInterval& one :
       timeline.timeline(kZero + static_cast<Micros>(seconds) * kSecond).presence) {
    stays.push_back({static_cast<double>(one.from - kZero) / kSecond,
                     static_cast<double>(one.until - kZero) / kSecond});
  }
  return stays;
}

bool is_inside(const ExposureZone& zone, double x, double foot) {
  ZoneWatch watch(zone);
  Track track;
  track.confirmed = track.seen = true;
  track.box = {x - 20, foot - 100, 40, 100};
  watch.inside({track}, kWidth, kHeight, kZero);
  return !watch.inside({track}, kWidth, kHeight, kZero + kZoneEnter).empty();
}

}  // namespace

TEST_CASE("a zone is corners in permille around some place, or nothing for the whole frame") {
  const auto zone = parse_zone("333,0,667,0,500,1000");
  REQUIRE(zone.ok());
  CHECK(zone->corners == std::vector<ExposureZone::Corner>{{333, 0}, {667, 0}, {500, 1000}});
  CHECK(parse_zone("")->corners.empty());
  std::string many = "0,0";
  for (int i = 1; i < 33; ++i) many += "," + std::to_string(i) + "," + std::to_string(i * i % 900);
  for (const std::string& wrong :
       {std::string("1,2,3,4"), std::string("1,2,3,4,5"), std::string("0,0,10,10,20,20"),
        std::string("0,0,1001,0,5,5"), std::string("-1,0,5,0,5,5"), std::string("0,0,5,0,5,5,"),
        std::string("0 0 5 0 5 5"), std::string("a,0,5,0,5,5"), many}) {
    CAPTURE(wrong);
    CHECK_FALSE(parse_zone(wrong).ok());
  }
}

TEST_CASE("inside is where the foot stands, not the head") {
  const ExposureZone lower{{{0, 500}, {1000, 500}, {1000, 1000}, {0, 1000}}};
  CHECK(is_inside(lower, 200, 200));
  CHECK_FALSE(is_inside(lower, 200, 120));
  // Whose feet the picture's edge cuts off stands on it.
  CHECK(is_inside(lower, 200, 340));
  CHECK(is_inside(lower, 400, 300));
}

TEST_CASE("a zone with a dent leaves the dent out") {
  const ExposureZone dented{{{0, 0}, {1000, 0}, {1000, 1000}, {500, 500}, {0, 1000}}};
  CHECK(is_inside(dented, 50, 200));
  CHECK(is_inside(dented, 350, 200));
  CHECK_FALSE(is_inside(dented, 200, 250));
}

TEST_CASE("without a zone everybody is inside, as long as the track is there") {
  ZoneWatch watch({});
  const std::vector<Track> tracks(3);
  CHECK(&watch.inside(tracks, kWidth, kHeight, kZero) == &tracks);
}

TEST_CASE("a stay runs from the first frame with the foot inside to the first one without") {
  // In at 100 px (133.2 px is the edge) ... out beyond 266.8: 33.2/50 s to 166.8/50 s.
  const auto stays = stays_of(middle(), 8, 10, [](double s) { return 100 + 50 * s; });
  REQUIRE(stays.size() == 1);
  CHECK(stays[0].from == doctest::Approx(0.7));
  CHECK(stays[0].until == doctest::Approx(3.4));
}

TEST_CASE("who stands on the edge makes one stay, and who looks in for a moment none") {
  const auto wobbling = stays_of(
      middle(), 10, 10, [](double s) { return 200 + (s < 2 ? 0 : 66 + 3 * std::sin(9 * s)); });
  CHECK(wobbling.size() == 1);
  const auto peeping =
      stays_of(middle(), 3, 10, [](double s) { return s > 1 && s < 1.25 ? 140 : 100; });
  CHECK(peeping.empty());
}

TEST_CASE("who leaves and comes back has two stays; out for less than the debounce it is one") {
  const auto gone_for = [](double away) {
    return stays_of(middle(), 12, 10,
                    [away](double s) { return s > 4 && s < 4 + away ? 300.0 : 200.0; });
  };
  CHECK(gone_for(2).size() == 2);
  const auto short_break = gone_for(0.5);
  REQUIRE(short_break.size() == 1);
  CHECK(short_break[0].until == doctest::Approx(12));
}

TEST_CASE("time in which the track is unseen is bridged") {
  const auto stays =
      stays_of(middle(), 10, 10, [](double s) { return s > 3 && s < 4.4 ? -1.0 : 200.0; });
  REQUIRE(stays.size() == 1);
  CHECK(stays[0].from == 0);
  CHECK(stays[0].until == doctest::Approx(10));
}

TEST_CASE("the sum of dwell does not depend on the rate of frames, whatever way somebody walks") {
  std::mt19937 random(11);
  for (int walk = 0; walk < 100; ++walk) {
    // Way points two seconds apart, straight between them.
    std::uniform_real_distribution<double> anywhere(0, kWidth);
    std::vector<double> points(16);
    for (double& point : points) point = anywhere(random);
    const auto x_at = [&points](double s) {
      const auto i = std::min(static_cast<std::size_t>(s / 2), points.size() - 2);
      const double share = s / 2 - static_cast<double>(i);
      return points[i] + share * (points[i + 1] - points[i]);
    };
    std::vector<double> sums;
    std::vector<std::size_t> visits;
    for (const int fps : {5, 10, 20}) {
      const auto stays = stays_of(middle(), 30, fps, x_at);
      double sum = 0, last = -1;
      for (const Stay& stay : stays) {
        CHECK(stay.from > last);
        CHECK(stay.until > stay.from);
        last = stay.until;
        sum += stay.until - stay.from;
      }
      sums.push_back(sum);
      visits.push_back(stays.size());
    }
    // At most a frame at each end of a visit, and one visit that is just too short or not.
    const double margin = 0.4 + 0.4 * static_cast<double>(std::max(visits[0], visits[2]));
    CAPTURE(walk);
    CHECK(std::abs(sums[0] - sums[2]) <= margin);
    CHECK(std::abs(sums[1] - sums[2]) <= margin);
  }
}

TEST_CASE("with a zone only who is in it is present, and the minute's dwell is that in the zone") {
  ZoneWatch watch(middle());
  PresenceTimeline timeline(Quality::people, Method::dnn, {});
  Track track;
  track.id = 5;
  track.first_seen = kZero;
  track.confirmed = track.seen = true;
  Micros at = kZero;
  for (; at <= kZero + 30 * kSecond; at += 100 * kMillisecond) {
    // 10 s outside, 8 s inside, outside again.
    const bool in = at >= kZero + 10 * kSecond && at < kZero + 18 * kSecond;
    track.box = {in ? 180.0 : 20.0, 100, 40, 100};
    track.last_seen = at;
    timeline.frame(at, true, watch.inside({track}, kWidth, kHeight, at), {});
    if (at == kZero + 5 * kSecond) CHECK(timeline.figures(at).present == 0);
    if (at == kZero + 15 * kSecond) CHECK(timeline.figures(at).present == 1);
  }
  const FlowRow row = flow_of(timeline.timeline(at), kZero, kZero + 30 * kSecond);
  CHECK(row.person_ms == 8000);
  CHECK(row.dwell_5_15 == 1);
  CHECK(row.dwell_0_5 + row.dwell_15_30 + row.dwell_30_60 + row.dwell_60 == 0);
}
