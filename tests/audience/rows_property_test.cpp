// Rows are written minutes before the end of what they are about is known to anybody. Whatever the
// camera and the people in front of it do, none of them may have come out otherwise later.
#include <doctest/doctest.h>

#include <algorithm>

#include "audience/keeper.hpp"
#include "audience/observer.hpp"
#include "random.hpp"
#include "sanitized.hpp"

using namespace vitrine;
using vitrine::testing::Random;

namespace {

constexpr Micros kOpening = 3000 * kSecond + 417;

// People who come, stand, are hidden and leave; frames that jitter, are late, are unusable; a
// camera that goes and comes back.
class Lobby final : public Detector {
 public:
  explicit Lobby(Random& random) : random_(random) {}

  Detections detect(const Frame&) override {
    Detections found;
    found.usable = !random_.one_in(60);
    if (random_.one_in(8) && people_.size() < 5)
      people_.push_back({static_cast<double>(random_.below(280)), 100,
                         static_cast<double>(random_.below(9)) - 4});
    for (std::size_t i = 0; i < people_.size(); ++i) {
      people_[i].x += people_[i].speed;
      if (!random_.one_in(6)) found.boxes.push_back({people_[i].x, people_[i].y, 30, 80});
    }
    std::erase_if(people_, [&](const Person& person) {
      return person.x < -30 || person.x > 320 || random_.one_in(120);
    });
    return found;
  }
  Quality quality() const override { return Quality::people; }
  Method method() const override { return Method::dnn; }
  void reset() override {}

 private:
  struct Person {
    double x = 0, y = 0, speed = 0;
  };
  Random& random_;
  std::vector<Person> people_;
};

struct Play {
  Micros from = 0, until = 0;
};

bool equal_rows(const ExposureRow& a, const ExposureRow& b) {
  bool equal = true;
  std::vector<std::int64_t> first;
  for_each_column(a, [&](std::string_view, const auto& member) {
    if constexpr (!is_hash_column<std::remove_reference_t<decltype(member)>>)
      first.push_back(column_value(member));
  });
  std::size_t at = 0;
  for_each_column(b, [&](std::string_view, const auto& member) {
    if constexpr (!is_hash_column<std::remove_reference_t<decltype(member)>>)
      equal = first[at++] == column_value(member) && equal;
  });
  return equal;
}

}  // namespace

TEST_CASE("a row written as soon as it may be is the row that the whole hour gives") {
  for (std::uint64_t seed = 1; seed <= (testing::kSanitized ? 8U : 40U); ++seed) {
    CAPTURE(seed);
    Random random(seed);
    Lobby lobby(random);
    PresenceTimeline timeline(lobby.quality(), lobby.method(), lobby.model());
    Observer observer(lobby, Line{500, 0, 500, 1000}, timeline, {}, {.gated = false});
    const Micros end =
        kOpening + 8 * kMinute;  // within what is kept, so that all can be asked again
    std::vector<Play> plays;
    for (Micros at = kOpening; at < end;) {
      const Micros until = std::min(end, at + 1 + static_cast<Micros>(random.below(20'000'000)));
      plays.push_back({at, until});
      at = until;
    }
    std::vector<ExposureRow> written;
    Frame frame;
    frame.width = 320;
    frame.height = 240;
    for (Micros now = kOpening; now < end + 5 * kSecond;) {
      const bool gone = random.one_in(400);
      if (gone) observer.lost();
      now += gone                ? Micros{3} * kSecond
             : random.one_in(90) ? Micros{900} * kMillisecond
                                 : 60'001 + static_cast<Micros>(random.below(90'000));
      frame.at = now;
      frame.restarted = random.one_in(500);
      observer.see(frame);
      if (!random.one_in(3)) continue;
      const Micros complete = timeline.complete_until(now);
      const Timeline known = timeline.timeline(now);
      while (written.size() < plays.size() && plays[written.size()].until <= complete) {
        const Play& play = plays[written.size()];
        written.push_back(expose(known, 1, written.size(), play.from, play.until));
      }
    }
    REQUIRE(written.size() == plays.size());
    const Timeline whole = timeline.timeline(end + 5 * kSecond);
    std::int64_t person_ms = 0, visible = 0;
    for (std::size_t i = 0; i < plays.size(); ++i) {
      CAPTURE(i);
      CHECK(equal_rows(written[i], expose(whole, 1, i, plays[i].from, plays[i].until)));
      person_ms += written[i].person_ms;
      visible += written[i].person_ms > 0 ? 1 : 0;
    }
    CHECK(person_ms == expose(whole, 1, 1, kOpening, end).person_ms);
    CHECK(visible > 10);
  }
}

TEST_CASE("of a play longer than ten minutes only what is still known is claimed") {
  PresenceTimeline timeline(Quality::people, Method::dnn, {});
  const Micros end = kOpening + 20 * kMinute;
  Track track;
  track.id = 1;
  track.first_seen = kOpening;
  track.confirmed = track.seen = true;
  for (Micros at = kOpening; at <= end; at += 100 * kMillisecond) {
    track.last_seen = at;
    timeline.frame(at, true, {track}, {});
  }
  const ExposureRow row = expose(timeline.timeline(end), 1, 1, kOpening, end);
  CHECK(row.person_ms == 10 * 60'000);
  CHECK(row.coverage_permille == 500);
}
