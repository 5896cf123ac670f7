// The figures that trackers are measured by, on sequences small enough to be counted by hand.
#include <doctest/doctest.h>

#include "mot_run.hpp"
#include "mot_score.hpp"
#include "temp_directory.hpp"

using namespace vitrine;
using vitrine::testing::TempDirectory;

namespace {

MotBox box(int id, double x) {
  return {id, {x, 0, 10, 20}};
}

// One person for ten frames, standing.
MotFrames stander() {
  MotFrames frames;
  for (int at = 1; at <= 10; ++at) frames[at].push_back(box(1, 100));
  return frames;
}

}  // namespace

TEST_CASE("tracks that are the truth have MOTA and IDF1 1, none at all have MOTA and IDF1 0") {
  const MotScore perfect = score_tracks(stander(), stander());
  CHECK(perfect.mota() == 1);
  CHECK(perfect.idf1() == 1);
  const MotScore nothing = score_tracks(stander(), {});
  CHECK(nothing.misses == 10);
  CHECK(nothing.mota() == 0);
  CHECK(nothing.idf1() == 0);
}

TEST_CASE("a change of the track's number costs one switch, and half of the identity") {
  MotFrames output;
  for (int at = 1; at <= 10; ++at) output[at].push_back(box(at <= 5 ? 7 : 8, 100));
  const MotScore score = score_tracks(stander(), output);
  CHECK(score.switches == 1);
  CHECK(score.mota() == doctest::Approx(0.9));
  CHECK(score.idf1() == doctest::Approx(0.5));
}

TEST_CASE("a box beside everybody is false, also in a frame that the truth does not have") {
  MotFrames output = stander();
  output[3].push_back(box(9, 300));
  output[11].push_back(box(9, 300));
  const MotScore score = score_tracks(stander(), output);
  CHECK(score.false_positives == 2);
  CHECK(score.misses == 0);
  CHECK(score.mota() == doctest::Approx(0.8));
  CHECK(score.idf1() == doctest::Approx(2.0 * 10 / 22));
}

TEST_CASE("a track keeps its person although another one is nearer for a frame") {
  MotFrames truth, output;
  for (int at = 1; at <= 3; ++at) {
    truth[at] = {box(1, 100), box(2, 104)};
    // In the middle each track lies on the other one's person, and still half on its own.
    output[at] = {box(1, at == 2 ? 103 : 100), box(2, at == 2 ? 101 : 104)};
  }
  const MotScore score = score_tracks(truth, output);
  CHECK(score.switches == 0);
  CHECK(score.mota() == 1);
}

TEST_CASE("boxes come back from a file as they were written") {
  const TempDirectory directory;
  const auto path = directory.path() / "tracks.txt";
  MotFrames frames;
  frames[2] = {{3, {1.25, 2.5, 30, 40, 0.5F}}, {4, {5, 6, 7, 8}}};
  frames[9] = {{3, {-4, 2, 30, 40}}};
  REQUIRE(write_mot(path, frames).ok());
  const auto read = read_mot(path);
  REQUIRE_MESSAGE(read.ok(), read.error().message);
  REQUIRE(read->size() == 2);
  CHECK(read->at(2).size() == 2);
  CHECK(read->at(2)[0].id == 3);
  CHECK(read->at(2)[0].box.x == 1.25);
  CHECK(read->at(2)[0].box.score == 0.5F);
  CHECK(read->at(9)[0].box.x == -4);
}

TEST_CASE("what is no file of boxes is refused with its line") {
  const TempDirectory directory;
  const auto path = directory.path() / "boxes.txt";
  for (const char* wrong :
       {"1,-1,0,0,10\n", "0,-1,0,0,10,10,1\n", "1,-1,0,0,ten,10,1\n", "1;-1;0;0;10;10;1\n"}) {
    CAPTURE(wrong);
    REQUIRE(replace_volatile(path, std::string("1,-1,0,0,10,10,1\n") + wrong).ok());
    const auto read = read_mot(path);
    REQUIRE_FALSE(read.ok());
    CHECK(read.error().message.find("line 2") != std::string::npos);
  }
  REQUIRE(replace_volatile(path, "1, -1, 2, 3, 10, 20\r\n\n1,-1,2,3,10,20,-1,-1,-1,-1\n").ok());
  const auto spaced = read_mot(path);
  REQUIRE_MESSAGE(spaced.ok(), spaced.error().message);
  REQUIRE(spaced->at(1).size() == 2);
  for (const MotBox& row : spaced->at(1)) CHECK(row.box.score == 1);
  CHECK_FALSE(read_mot(directory.path() / "absent.txt").ok());
}

TEST_CASE("a believed track is told from its first box on, a doubtful one never") {
  MotFrames detections;
  for (int at = 3; at <= 8; ++at) detections[at].push_back(box(-1, 100 + at));
  detections[5].push_back(box(-1, 500));
  const MotRun run = track_detections(detections, {}, 100 * kMillisecond);
  CHECK(run.frames == 8);
  REQUIRE(run.tracks.size() == 6);
  for (const auto& [frame, boxes] : run.tracks) CHECK(boxes.size() == 1);
  CHECK(run.tracks.begin()->first == 3);
}
