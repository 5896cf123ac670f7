// The panel off by plan: what the presenter does when the programme says that it is dark.
#include <doctest/doctest.h>

#include "clips.hpp"
#include "presenter_support.hpp"
#include "protocol/play.hpp"

using namespace vitrine;
using namespace vitrine::testing;

namespace {

ScriptItem shown_for(Micros length) {
  return {still("dark.png"), length};
}

}  // namespace

TEST_CASE(
    "a panel that is to be dark goes off when the item on the glass has ended, and on again") {
  Rig rig({shown_for(5 * kSecond), shown_for(2 * kSecond)});
  const Micros begin = rig.clock.boottime();
  const Micros off = begin + 3 * kSecond, on = begin + 60 * kSecond;
  rig.programme.when_dark = [&](Micros at) { return at >= off && at < on; };
  rig.run();
  REQUIRE(rig.programme.ends.size() == 2);
  const PlayFigures& first = rig.end(0);
  CHECK(first.cut_cause == CutCause::none);
  CHECK(first.ended - first.first_flip >= 5 * kSecond);
  CHECK(first.ended - first.first_flip <= 5 * kSecond + 100 * kMillisecond);
  REQUIRE(rig.output.switched.size() == 2);
  CHECK_FALSE(rig.output.switched[0].second);
  CHECK(rig.output.switched[0].first >= first.first_flip + 5 * kSecond - 17 * kMillisecond);
  CHECK(rig.output.switched[1].second);
  CHECK(rig.output.switched[1].first >= on);
  CHECK(rig.output.switched[1].first <= on + 500 * kMillisecond);
  // Not one picture was handed over in between, and the next item comes at once after it.
  for (const auto& shown : rig.output.flips) {
    CHECK((shown.flip.at <= first.first_flip + 5 * kSecond || shown.flip.at >= on));
  }
  CHECK(rig.end(1).first_flip >= on);
  CHECK(rig.end(1).first_flip <= on + 700 * kMillisecond);
  CHECK(rig.end(1).gap_before == 0);
  // Nothing was decided for a moment that was dark.
  for (const Micros seam : rig.programme.asked_for) CHECK((seam < off || seam >= on));
}

TEST_CASE("a panel that is dark from the start asks for nothing and shows nothing") {
  Rig rig({shown_for(kSecond)});
  const Micros on = rig.clock.boottime() + 10 * kMinute;
  rig.programme.when_dark = [&](Micros at) { return at < on; };
  rig.run();
  CHECK(rig.programme.asked_for.front() >= on);
  REQUIRE_FALSE(rig.output.flips.empty());
  CHECK(rig.output.flips.front().flip.at >= on);
  REQUIRE(rig.programme.ends.size() == 1);
  CHECK((rig.end(0).display_bits & kDisplayKnownDark) == 0);
}

TEST_CASE("where the panel cannot be switched off the picture is black, flipped once a second") {
  Rig rig({shown_for(kSecond), shown_for(kSecond)});
  rig.output.switches = false;
  const Micros off = rig.clock.boottime() + 500 * kMillisecond, on = off + 10 * kSecond;
  rig.programme.when_dark = [&](Micros at) { return at >= off && at < on; };
  rig.run();
  REQUIRE(rig.programme.ends.size() == 2);
  std::size_t black = 0;
  std::uint64_t picture = 0;
  for (const auto& shown : rig.output.flips) {
    if (shown.flip.at <= rig.end(0).ended || shown.flip.at >= on) continue;
    if (black++ > 0) CHECK(shown.picture == picture);
    picture = shown.picture;
  }
  CHECK(black >= 9);
  CHECK(picture != rig.output.flips.front().picture);
}

TEST_CASE("a stop while the panel is dark is heard at once") {
  Rig rig({});
  rig.programme.when_dark = [&](Micros at) {
    if (at > 1100 * kSecond) rig.running->request_stop();
    return true;
  };
  rig.run();
  CHECK(rig.programme.asked_for.empty());
  CHECK(rig.output.flips.empty());
}
