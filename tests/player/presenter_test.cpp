#include "player/presenter.hpp"

#include <doctest/doctest.h>

#include <cstdlib>
#include <set>

#include "clips.hpp"
#include "presenter_support.hpp"

using namespace vitrine;
using namespace vitrine::testing;

namespace {

fs::path video(int fps, int frames) {
  return clip("libx264", fps, frames);
}

void check_whole(const PlayFigures& figures, std::int64_t frames) {
  CHECK(figures.shown);
  CHECK(figures.frames_due == frames);
  CHECK(figures.frames_shown == frames);
  CHECK(figures.frames_dropped == 0);
  CHECK(figures.frames_repeated == 0);
  CHECK(figures.gap_before == 0);
  CHECK(figures.cut_cause == CutCause::none);
  CHECK(figures.error.empty());
}

}  // namespace

TEST_CASE("a mixed playlist has no gap at any seam and loses no frame") {
  Rig rig({{video(30, 60)},
           {still("seam.jpg"), 1500 * kMillisecond},
           {video(25, 50)},
           {clip("libx265", 24, 48)},
           {still("seam.png", "testsrc=s=160x90"), 2 * kSecond},
           {clip("libvpx-vp9", 30, 30)}});
  rig.run();
  REQUIRE(rig.programme.ends.size() == 6);
  const std::int64_t frames[] = {60, 1, 50, 48, 1, 30};
  const Micros lengths[] = {2000, 1500, 2000, 2000, 2000, 1000};
  for (std::size_t i = 0; i < 6; ++i) {
    CAPTURE(i);
    const PlayFigures& figures = rig.end(i);
    CHECK(rig.programme.ends[i].first == i + 1);
    check_whole(figures, frames[i]);
    CHECK(figures.grade == Grade::presented);
    CHECK(figures.decoder == (frames[i] == 1 ? Decoder::still : Decoder::software));
    // One vblank of rounding: 60 Hz is no whole number of microseconds.
    CHECK(std::abs(figures.ended - figures.first_flip - lengths[i] * kMillisecond) <= 16'667);
    if (i > 0) CHECK(figures.first_flip == rig.end(i - 1).ended);
  }
  // Every source frame was a picture of its own on the glass, and the status card at the end.
  CHECK(rig.pictures() == 60 + 1 + 50 + 48 + 1 + 30 + 1);
}

TEST_CASE("frames go up at the first vblank at or after their time") {
  Rig rig({{video(25, 50)}});
  rig.run();
  const Micros start = rig.end(0).first_flip;
  for (std::size_t i = 0; i < 50; ++i) {
    CAPTURE(i);
    const Micros due = start + static_cast<Micros>(i) * 40'000;
    CHECK(rig.output.flips.at(i).flip.at == rig.output.vblank_at_or_after(due - kMillisecond));
  }
}

TEST_CASE("60 frames a second on 50 Hz: frames whose interval holds no vblank are not due") {
  Rig rig({{video(60, 120)}}, 50'000);
  rig.run();
  const PlayFigures& figures = rig.end(0);
  CHECK(figures.frames_due == figures.frames_shown);
  CHECK(figures.frames_due >= 99);
  CHECK(figures.frames_due <= 101);
  CHECK(figures.frames_dropped == 0);
  CHECK(figures.frames_repeated == 0);
}

TEST_CASE("a planned length shorter than the file ends it there, without a cut") {
  Rig rig({{video(30, 60), 1 * kSecond}, {video(25, 50)}});
  rig.run();
  check_whole(rig.end(0), 30);
  CHECK(rig.end(0).planned_length == 1 * kSecond);
  check_whole(rig.end(1), 50);
}

TEST_CASE(
    "a play that its daypart cuts ends there, with its whole length on record and the cause") {
  Rig rig({{video(30, 60), 1 * kSecond, false, 2 * kSecond, CutCause::daypart_end},
           {still("after.png"), kSecond}});
  rig.run();
  CHECK(rig.end(0).cut_cause == CutCause::daypart_end);
  CHECK(rig.end(0).planned_length == 2 * kSecond);
  CHECK(rig.end(0).frames_shown == 30);
  CHECK(rig.end(0).frames_dropped == 0);
  CHECK(std::abs(rig.end(1).first_flip - rig.end(0).first_flip - kSecond) < 16'667);
  CHECK(rig.end(1).gap_before == 0);
  CHECK(rig.end(1).cut_cause == CutCause::none);
}

TEST_CASE("a planned length longer than the file holds the last frame and says so") {
  Rig rig({{video(25, 25), 2500 * kMillisecond}, {video(25, 50)}});
  rig.run();
  CHECK(rig.end(0).frames_shown == 25);
  CHECK(rig.end(0).frames_repeated == 1);
  CHECK(rig.end(0).frames_dropped == 0);
  CHECK(rig.end(0).last_flip >= rig.end(0).ended - 2 * 16'667);
  CHECK(rig.end(1).gap_before == 0);
  CHECK(std::abs(rig.end(1).first_flip - rig.end(0).first_flip - 2500 * kMillisecond) < 16'667);
}

TEST_CASE("a still is flipped at least once a second, and reported about once a second") {
  Rig rig({{still("long.png"), 10 * kSecond}});
  rig.run();
  check_whole(rig.end(0), 1);
  CHECK(rig.programme.progressed[1] >= 9);
  CHECK(rig.programme.progressed[1] <= 12);
  for (std::size_t i = 1; i < rig.output.flips.size(); ++i) {
    CHECK(rig.output.flips[i].flip.at - rig.output.flips[i - 1].flip.at <= kSecond);
  }
  CHECK(rig.end(0).last_flip >= rig.end(0).ended - 2 * 16'667);
}

TEST_CASE(
    "the programme hears of each item in the same order: starting, end of the one before, shown") {
  Rig rig({{video(30, 60)}, {video(25, 50)}});
  rig.run();
  CHECK(rig.programme.said == std::vector<std::string>{"starting 1", "shown 1", "starting 2",
                                                       "ended 1", "shown 2", "ended 2"});
  CHECK(rig.programme.asked_for.at(1) >= rig.end(0).first_flip + 1900 * kMillisecond);
}

TEST_CASE("an item that does not open ends unshown; the seam to the next one stays whole") {
  const fs::path garbage = written("garbage.mp4", "no video at all");
  Rig rig({{video(30, 60)}, {garbage, 5 * kSecond}, {video(25, 50)}});
  // The third opens only after the second has failed, long before the seam: nobody is late.
  rig.run();
  REQUIRE(rig.programme.ends.size() == 3);
  CHECK(rig.programme.ends[1].first == 2);
  CHECK_FALSE(rig.end(1).shown);
  CHECK(rig.end(1).first_flip == kAbsent);
  CHECK(rig.end(1).error.find("garbage.mp4") != std::string::npos);
  CHECK(rig.end(1).frames_due == 0);
  check_whole(rig.end(0), 60);
  CHECK(rig.end(2).shown);
  CHECK(rig.end(2).frames_shown == 50);
  CHECK(rig.end(2).gap_before <= 17 * kMillisecond);
}

TEST_CASE("a still without a length is refused") {
  Rig rig({{still("long.png"), 0}, {video(25, 50)}});
  rig.run();
  REQUIRE(rig.programme.ends.size() == 2);
  CHECK_FALSE(rig.end(0).shown);
  CHECK(rig.end(0).error == "a still states no length");
  CHECK(rig.end(1).shown);
}

TEST_CASE("a late item: the last frame is held, the gap is stated, then it plays whole") {
  const fs::path slow = video(25, 50);
  Rig rig({{video(30, 60)}, {slow}});
  rig.options.open = [&](const fs::path& path, const SourceOptions& options) {
    if (path == slow) {
      rig.output.await_flips(60);  // the first item's last frame is up: only waiting is left
      rig.clock.advance(533 * kMillisecond);
    }
    return open_media_source(path, options);
  };
  rig.run();
  REQUIRE(rig.programme.ends.size() == 2);
  CHECK(rig.end(0).frames_shown == 60);
  CHECK(rig.end(0).frames_repeated == 1);
  CHECK(rig.end(0).cut_cause == CutCause::none);
  const PlayFigures& late = rig.end(1);
  CHECK(late.gap_before > 450 * kMillisecond);
  CHECK(late.gap_before < 550 * kMillisecond);
  CHECK(late.first_flip == rig.end(0).ended);
  CHECK(late.frames_shown == 50);
  CHECK(late.frames_dropped == 0);
  CHECK(rig.pictures() == 60 + 50 + 1);  // nothing else came between
}

TEST_CASE("an item later than the limit is skipped, and the next one plays") {
  const fs::path slow = video(24, 48);
  Rig rig({{video(30, 60)}, {slow}, {video(25, 50)}});
  rig.options.open = [&](const fs::path& path, const SourceOptions& options) {
    if (path == slow) {
      rig.output.await_flips(60);
      rig.clock.advance(rig.options.late_limit + kSecond);
      rig.programme.await_end(2);
    }
    return open_media_source(path, options);
  };
  rig.run();
  REQUIRE(rig.programme.ends.size() == 3);
  CHECK(rig.end(0).frames_shown == 60);
  CHECK_FALSE(rig.end(1).shown);
  CHECK(rig.end(1).error.find("not ready 3000 ms after its time") != std::string::npos);
  CHECK(rig.end(2).shown);
  CHECK(rig.end(2).gap_before > 3900 * kMillisecond);
  CHECK(rig.end(2).gap_before < 4100 * kMillisecond);
  CHECK(rig.programme.said == std::vector<std::string>{"starting 1", "shown 1", "ended 1",
                                                       "ended 2", "starting 3", "shown 3",
                                                       "ended 3"});
}

TEST_CASE("a file that breaks in its middle is cut there with its cause") {
  auto body = read_text(video(25, 100));
  REQUIRE(body);
  for (std::size_t i = body->size() / 2; i < body->size() * 6 / 10; ++i) (*body)[i] = '\x5a';
  Rig rig({{written("broken.mp4", *body), 4 * kSecond}, {video(30, 60)}});
  std::vector<std::size_t> flips_when_asked;
  rig.programme.on_asked = [&] { flips_when_asked.push_back(rig.output.flips.size()); };
  rig.run();
  REQUIRE(rig.programme.ends.size() == 2);
  const PlayFigures& broken = rig.end(0);
  CHECK(broken.shown);
  CHECK(broken.cut_cause == CutCause::decode_error);
  CHECK(broken.error.find("broken.mp4") != std::string::npos);
  CHECK(broken.frames_shown > 10);
  CHECK(broken.frames_shown < 100);
  CHECK(broken.frames_due == broken.frames_shown);
  CHECK(broken.ended < broken.first_flip + 4 * kSecond);
  // What follows was opened while the last good pictures were still to come.
  CHECK(flips_when_asked.at(1) < static_cast<std::size_t>(broken.frames_shown));
  CHECK(std::abs(rig.programme.asked_for.at(1) - broken.ended) < 20 * kMillisecond);
  CHECK(rig.end(1).gap_before == 0);
  CHECK(rig.end(1).shown);
  CHECK(rig.end(1).frames_shown == 60);
}

TEST_CASE("a stop ends the item on the glass as stopped and the primed one unshown") {
  Rig rig({{video(30, 60)}, {still("long.png"), 10 * kSecond}, {video(25, 50)}});
  rig.options.least_lead = rig.options.most_lead = 20 * kSecond;  // the third is asked for at once
  rig.programme.on_shown = [&](std::uint64_t ticket) {
    if (ticket == 2) rig.running->request_stop();
  };
  rig.run();
  REQUIRE(rig.programme.ends.size() >= 2);
  CHECK(rig.end(0).cut_cause == CutCause::none);
  CHECK(rig.end(1).shown);
  CHECK(rig.end(1).cut_cause == CutCause::stopped);
  CHECK(rig.end(1).ended - rig.end(1).first_flip <= 200 * kMillisecond);
  std::set<std::uint64_t> tickets;
  for (const auto& [ticket, figures] : rig.programme.ends) {
    CHECK(tickets.insert(ticket).second);
    if (ticket == 3) {
      CHECK_FALSE(figures.shown);
      CHECK(figures.cut_cause == CutCause::stopped);
    }
  }
}

TEST_CASE("nothing to play shows a status picture once a second, and no play") {
  std::vector<ScriptItem> script(5, ScriptItem{.nothing = true});
  script.push_back({video(25, 50)});
  Rig rig(script);
  rig.run();
  REQUIRE(rig.programme.ends.size() == 1);
  check_whole(rig.end(0), 50);
  // Asked again after a second each time.
  for (std::size_t i = 1; i < 5; ++i) {
    const Micros apart = rig.programme.asked_for[i] - rig.programme.asked_for[i - 1];
    CHECK(apart >= kSecond);
    CHECK(apart < 1100 * kMillisecond);
  }
  CHECK(rig.pictures() == 1 + 50 + 1);
  for (std::size_t i = 1; i < rig.output.flips.size(); ++i) {
    CHECK(rig.output.flips[i].flip.at - rig.output.flips[i - 1].flip.at <= kSecond);
  }
}

TEST_CASE("a programme of nothing but broken files is asked at leisure") {
  const fs::path garbage = written("garbage.mp4", "no video at all");
  Rig rig(std::vector<ScriptItem>(12, ScriptItem{garbage, kSecond}));
  const Micros begin = rig.clock.boottime();
  rig.run();
  CHECK(rig.programme.ends.size() == 12);
  CHECK(rig.clock.boottime() - begin > 5 * kSecond);
  CHECK(rig.pictures() == 1);
}

TEST_CASE("an output that fails ends the play with its cause, and the show goes on") {
  Rig rig({{video(30, 60)}, {video(25, 50)}});
  rig.output.fail_at = 20;
  rig.run();
  REQUIRE(rig.programme.ends.size() == 2);
  CHECK(rig.end(0).cut_cause == CutCause::output_lost);
  CHECK(rig.end(0).frames_shown == 20);
  CHECK(rig.end(0).error == "the cable is out");
  CHECK(rig.end(1).shown);
  CHECK(rig.end(1).frames_shown == 50);
}

TEST_CASE(
    "an output that fails at a seam costs the item that was to come, not the one that was shown") {
  Rig rig({{video(30, 60)}, {video(25, 50)}, {video(30, 30)}});
  rig.output.fail_at = 60;
  rig.run();
  REQUIRE(rig.programme.ends.size() == 3);
  CHECK(rig.end(0).cut_cause == CutCause::none);
  CHECK(rig.end(0).frames_shown == 60);
  CHECK_FALSE(rig.end(1).shown);
  CHECK(rig.end(1).cut_cause == CutCause::output_lost);
  CHECK(rig.end(2).shown);
}

// A day, so that the clock that is moved by hand cannot get to the item's end before a file is
// open.
constexpr Micros kDayLong = 24 * kHour;

TEST_CASE("what is urgent takes the glass from what is on it, whose row has its true length") {
  const fs::path picture = still("long.png"), urgent = video(25, 50);
  Rig rig({{picture, kDayLong}, {urgent}, {picture, 2 * kSecond}});
  rig.programme.when_urgent = [&] {
    return rig.clock.boottime() > rig.output.flips.front().flip.at + 3 * kSecond &&
           rig.programme.said.size() == 2;
  };
  rig.run();
  REQUIRE(rig.programme.ends.size() == 3);
  CHECK(rig.programme.said == std::vector<std::string>{"starting 1", "shown 1", "starting 2",
                                                       "ended 1", "shown 2", "starting 3",
                                                       "ended 2", "shown 3", "ended 3"});
  const PlayFigures& cut = rig.end(0);
  CHECK(cut.cut_cause == CutCause::takeover);
  CHECK(cut.ended - cut.first_flip >= 3 * kSecond);
  CHECK(cut.ended - cut.first_flip < kDayLong);
  CHECK(cut.ended == rig.end(1).first_flip);
  CHECK(cut.planned_length == kDayLong);
  check_whole(rig.end(1), 50);
  CHECK(rig.end(2).cut_cause == CutCause::none);
}

TEST_CASE("a video gives way within a frame of the moment in which what is urgent can be shown") {
  const fs::path urgent = still("urgent.png");
  Rig rig({{video(25, 250)}, {urgent, 2 * kSecond}});
  std::atomic<bool> opened{false};
  rig.options.open = [&](const fs::path& file, const SourceOptions& options) {
    auto source = open_media_source(file, options);
    if (file == urgent) opened = true;
    return source;
  };
  rig.programme.when_urgent = [&] { return rig.programme.said.size() == 2; };
  rig.run();
  REQUIRE(opened);
  CHECK(rig.end(0).cut_cause == CutCause::takeover);
  CHECK(rig.end(0).frames_shown < 250);
  CHECK(rig.end(0).frames_dropped == 0);
  CHECK(rig.end(0).ended == rig.end(1).first_flip);
  CHECK(rig.end(1).gap_before == 0);
  // Its last picture stood no longer than one frame does.
  CHECK(rig.end(0).ended - rig.end(0).last_flip <= 40'000 + 16'667);
}

TEST_CASE("what was decided to come next ends unshown when what is urgent takes its place") {
  const fs::path picture = still("long.png");
  Rig rig({{picture, kDayLong}, {video(30, 60)}, {picture, 2 * kSecond}});
  rig.options.least_lead = rig.options.most_lead = kDayLong - kHour;
  rig.programme.when_urgent = [&] {
    return rig.programme.asked_for.size() == 2 && rig.programme.ends.empty();
  };
  rig.run();
  REQUIRE(rig.programme.ends.size() == 3);
  CHECK(rig.programme.ends[0].first == 1);
  CHECK(rig.end(0).cut_cause == CutCause::takeover);
  CHECK(rig.programme.ends[1].first == 2);
  CHECK_FALSE(rig.end(1).shown);
  CHECK(rig.end(1).cut_cause == CutCause::takeover);
  CHECK(rig.end(1).error.empty());
  CHECK(rig.programme.ends[2].first == 3);
  CHECK(rig.end(2).shown);
}

TEST_CASE("what ends soon anyway is not cut, and the status picture gives way at once") {
  const fs::path picture = still("long.png");
  Rig ends({{picture, 2 * kSecond}, {picture, 2 * kSecond}});
  ends.programme.when_urgent = [&] {
    return !ends.output.flips.empty() &&
           ends.clock.boottime() > ends.output.flips.front().flip.at + 1'800 * kMillisecond;
  };
  ends.run();
  CHECK(ends.end(0).cut_cause == CutCause::none);

  ScriptItem nothing;
  nothing.nothing = true;
  Rig dark({nothing, {picture, 2 * kSecond}});
  dark.programme.when_urgent = [&] { return dark.programme.said.empty(); };
  dark.run();
  REQUIRE(dark.programme.asked_for.size() >= 2);
  CHECK(dark.programme.asked_for[1] - dark.programme.asked_for[0] <= 200 * kMillisecond);
}

TEST_CASE("what is urgent and cannot be opened is tried less and less often, and the glass stays") {
  const fs::path picture = still("long.png"), garbage = written("garbage.mp4", "no video at all");
  Rig rig({{picture, kDayLong},
           {garbage, kSecond},
           {garbage, kSecond},
           {garbage, kSecond},
           {picture, 2 * kSecond}});
  rig.programme.when_urgent = [&] { return rig.programme.ends.empty(); };
  rig.run();
  REQUIRE(rig.programme.ends.size() == 5);
  CHECK(rig.end(0).cut_cause == CutCause::takeover);
  CHECK(rig.end(0).ended == rig.end(4).first_flip);
  CHECK(rig.end(0).ended - rig.end(0).first_flip >= (1 + 2 + 4) * kSecond);
  for (std::size_t i = 1; i < 4; ++i) CHECK_FALSE(rig.end(i).shown);
  CHECK(rig.end(4).shown);
}

TEST_CASE("what was decided to come next is not dropped when it is what is urgent") {
  const fs::path picture = still("long.png");
  Rig rig({{picture, kDayLong}, {video(30, 60)}});
  rig.options.least_lead = rig.options.most_lead = kDayLong - kHour;
  rig.programme.urgent_as = Programme::Urgency::next;
  rig.programme.when_urgent = [&] {
    return rig.programme.asked_for.size() == 2 && rig.programme.ends.empty();
  };
  rig.run();
  REQUIRE(rig.programme.ends.size() == 2);
  CHECK(rig.end(0).cut_cause == CutCause::takeover);
  CHECK(rig.end(0).error.empty());
  CHECK(rig.end(0).ended - rig.end(0).first_flip < kDayLong);
  check_whole(rig.end(1), 60);
}
