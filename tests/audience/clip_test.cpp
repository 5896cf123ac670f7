// A drawn clip through the whole of it, as vitrine-audience --source measures it.
#include "clip.hpp"

#include <doctest/doctest.h>

#include "audience/mog2.hpp"
#include "drawn_scene.hpp"
#include "temp_directory.hpp"

using namespace vitrine;
using namespace vitrine::testing;

TEST_CASE("a clip tells who crossed and who stayed, and when, as soon as it is certain") {
  const TempDirectory directory;
  const auto clip = directory.path() / "walkers.y4m";
  write_clip(clip.string(), {{4, 0, 64, 9}, {12, kSceneWidth, -64, 17}}, 20);
  const auto detector = make_mog2_detector();
  std::vector<ClipCrossing> told;
  std::vector<ClipVisit> visits;
  ClipOptions options;
  options.on_crossing = [&told](const ClipCrossing& one) { told.push_back(one); };
  options.on_visit = [&visits](const ClipVisit& one) { visits.push_back(one); };
  const auto result = measure_clip(clip, *detector, options);
  REQUIRE_MESSAGE(result.ok(), result.error().message);
  CHECK(result->frames == 200);
  CHECK(result->fps == doctest::Approx(10));
  CHECK(result->seconds == doctest::Approx(20).epsilon(0.01));
  CHECK(result->coverage_permille > 930);

  REQUIRE(result->crossings.size() == 2);
  // Each needs 5 s from edge to edge and is in the middle after half of them.
  CHECK(result->crossings[0].seconds == doctest::Approx(6.5).epsilon(0.1));
  CHECK(result->crossings[0].direction == 1);
  CHECK(result->crossings[1].seconds == doctest::Approx(14.5).epsilon(0.1));
  CHECK(result->crossings[1].direction == -1);
  REQUIRE(result->visits.size() == 2);
  CHECK(result->visits[0].enter == doctest::Approx(4.2).epsilon(0.1));
  CHECK(result->visits[0].dwell() == doctest::Approx(5).epsilon(0.15));
  CHECK(told.size() == 2);
  REQUIRE(visits.size() == 2);
  CHECK(visits[1].leave == result->visits[1].leave);
  const double dwell = result->visits[0].dwell() + result->visits[1].dwell();
  CHECK(static_cast<double>(result->person_ms) / 1000 == doctest::Approx(dwell).epsilon(0.01));
}

TEST_CASE("in a zone only the stay in it counts, crossings count as before") {
  const TempDirectory directory;
  const auto clip = directory.path() / "walker.y4m";
  write_clip(clip.string(), {{4, 0, 64, 9}}, 12);
  const auto detector = make_mog2_detector();
  ClipOptions options;
  options.zone = *parse_zone("500,0,1000,0,1000,1000,500,1000");
  const auto result = measure_clip(clip, *detector, options);
  REQUIRE_MESSAGE(result.ok(), result.error().message);
  CHECK(result->crossings.size() == 1);
  REQUIRE(result->visits.size() == 1);
  CHECK(result->visits[0].dwell() == doctest::Approx(2.5).epsilon(0.2));
}

TEST_CASE("what is no file is not measured: a camera's stays do not leave the program") {
  const auto detector = make_mog2_detector();
  for (const char* device : {"/dev/null", "/dev/zero", "/dev"}) {
    const auto refused = measure_clip(device, *detector, {});
    REQUIRE_FALSE(refused.ok());
    CHECK(refused.error().message.find(device) != std::string::npos);
    CHECK(refused.error().code == ErrorCode::invalid);
  }
  CHECK_FALSE(measure_clip("/nowhere/clip.mp4", *detector, {}).ok());
}
