#include "output/kms.hpp"

#include <doctest/doctest.h>

#include <cerrno>

#include "output/kms_plane.hpp"
#include "output/kms_route.hpp"
#include "probe/display_record_text.hpp"
#include "protocol/play.hpp"
#include "recorded_drm.hpp"
#include "temp_directory.hpp"

using namespace vitrine;
using namespace vitrine::testing;

namespace {

constexpr std::uint32_t kReal = kDisplayConnected | kDisplayCrtcOn | kDisplayVblankReal;

std::unique_ptr<Output> open(const ManualClock& clock, RecordedCard& card,
                             const KmsOptions& options = {}, bool kept = false) {
  auto output = make_kms_output_on(clock, card.open(), options, kept);
  REQUIRE_MESSAGE(output, output.error().message);
  return std::move(*output);
}

PictureBuffer plain(const Output& output, std::uint8_t y, std::uint8_t cb, std::uint8_t cr) {
  PictureBuffer picture(output.width(), output.height());
  picture.fill(0, 0, output.width(), output.height(), y, cb, cr);
  return picture;
}

Flip flip(Output& output, const PictureBuffer& picture, Micros target) {
  auto flipped = output.flip(picture.view(), target);
  REQUIRE_MESSAGE(flipped, flipped.error().message);
  return *flipped;
}

}  // namespace

// --- devices that are none ---

TEST_CASE("a display that is not there is named") {
  const ManualClock clock;
  const auto output = make_kms_output(clock, {.device = "/nonexistent/card0"});
  REQUIRE_FALSE(output);
  CHECK(output.error().code == ErrorCode::not_found);
  CHECK(output.error().message ==
        "cannot show on /nonexistent/card0: cannot open it: No such file or directory");
}

TEST_CASE("what is no display device is refused") {
  const ManualClock clock;
  const auto output = make_kms_output(clock, {.device = "/dev/null"});
  REQUIRE_FALSE(output);
  // What comes after it is errno's word, and another under an emulator.
  CHECK(output.error().message.starts_with("cannot show on /dev/null: it is no DRM device: "));
}

// --- which form ---

TEST_CASE("a screen beyond full HD is scaled up by a plane that takes NV12") {
  ManualClock clock;
  RecordedCard card(clock, recorded_display("pi4"));
  const auto output = open(clock, card);
  CHECK(output->width() == 1720);
  CHECK(output->height() == 720);
  const auto shown = card.shown();
  REQUIRE(shown);
  CHECK(shown->format == kFormatNv12);
  CHECK(shown->plane == 145);
  CHECK(shown->width == 1720);
  CHECK(shown->height == 720);
  CHECK(shown->screen_width == 3440);
  CHECK(shown->screen_height == 1440);
  CHECK(card.mode()->hdisplay == 3440);
  CHECK(output->display_bits() == kReal);
  CHECK(card.tests > 0);  // nothing was tried on the display itself
  CHECK(card.commits.size() == 1);
}

TEST_CASE("a plane that does not scale is given NV12 as large as the mode") {
  ManualClock clock;
  RecordedCard card(clock, recorded_display("pi4"));
  card.planes_scale = false;
  const auto output = open(clock, card);
  CHECK(output->width() == 3440);
  CHECK(output->height() == 1440);
  CHECK(card.shown()->format == kFormatNv12);
  CHECK(card.shown()->width == 3440);
}

TEST_CASE("a driver that refuses NV12 after all is given four bytes a pixel") {
  ManualClock clock;
  RecordedCard card(clock, recorded_display("pi4"));
  card.refused_formats = {kFormatNv12};
  const auto output = open(clock, card);
  CHECK(card.shown()->format == kFormatXrgb);
  CHECK(card.shown()->width == 3440);
}

TEST_CASE("one plane for XR24 and nothing else") {
  ManualClock clock;
  RecordedCard card(clock, recorded_display("mxsfb"));
  const auto output = open(clock, card);
  CHECK(output->width() == 480);
  CHECK(output->height() == 272);
  CHECK(card.shown()->format == kFormatXrgb);
  // The record's own program had something on this plane; it is the player's now.
  CHECK(card.shown()->plane == 32);
}

TEST_CASE("a virtual display is shown on, and its vblanks are not taken for real ones") {
  ManualClock clock;
  for (const std::string name : {"virtio", "bochs"}) {
    for (const bool counts : {false, true}) {
      CAPTURE(name);
      RecordedCard card(clock, recorded_display(name));
      card.counts_vblanks = counts;
      const auto output = open(clock, card);
      CHECK(output->width() == 1280);
      CHECK(output->height() == 800);
      CHECK(card.shown()->format == kFormatXrgb);
      CHECK(card.shown()->plane == (name == "virtio" ? 31 : 33));  // not the cursor
      flip(*output, plain(*output, 90, 128, 128), clock.boottime());
      CHECK(output->display_bits() == (kDisplayConnected | kDisplayCrtcOn));
    }
  }
}

TEST_CASE("an overlay is all there is for NV12, and the primary plane takes no XR24 but AR24") {
  ManualClock clock;
  RecordedCard card(clock, recorded_display("k230"));
  SUBCASE("the overlay alone") {
    const auto output = open(clock, card);
    CHECK(card.shown()->format == kFormatNv12);
    CHECK(card.shown()->plane == 31);
  }
  SUBCASE("where a CRTC must have its primary plane, that one") {
    card.overlay_alone = false;
    const auto output = open(clock, card);
    REQUIRE(card.shown());
    CHECK(card.shown()->format == kFormatArgb);
    CHECK(card.shown()->plane == 32);
    // Opaque from the start.
    CHECK(card.shown()->pixels[3] == 0xff);
    flip(*output, plain(*output, 180, 100, 150), clock.boottime());
    CHECK(card.shown()->pixels[3] == 0xff);
  }
}

TEST_CASE("what one plane cannot take is said") {
  ManualClock clock;
  RecordedCard card(clock, recorded_display("mxsfb"));
  card.fail("test", EINVAL, 9);
  const auto output = make_kms_output_on(clock, card.open(), {}, false);
  REQUIRE_FALSE(output);
  CHECK(output.error().message == "it refuses XR24 of 480x272 on plane 32: Invalid argument");
  CHECK(card.commits.empty());
}

TEST_CASE("half a turn is the plane's work, a quarter is done in YUV") {
  ManualClock clock;
  RecordedCard card(clock, recorded_display("pi4"));
  SUBCASE("180") {
    const auto output = open(clock, card, {.rotation = 180});
    CHECK(output->width() == 1720);
    CHECK(card.shown()->settings.at("rotation") == 1U << 2);
    auto picture = plain(*output, 16, 128, 128);
    picture.fill(0, 0, 2, 2, 235, 128, 128);
    flip(*output, picture, clock.boottime());
    CHECK(card.shown()->pixels[0] == 235);  // turned on the way to the screen
  }
  SUBCASE("90") {
    const auto output = open(clock, card, {.rotation = 90});
    CHECK(output->width() == 720);
    CHECK(output->height() == 1720);
    CHECK(card.shown()->settings.at("rotation") == 1U << 0);
    CHECK(card.shown()->width == 1720);
    auto picture = plain(*output, 16, 128, 128);
    picture.fill(0, 0, 2, 2, 235, 128, 128);  // the top left corner
    flip(*output, picture, clock.boottime());
    CHECK(card.shown()->pixels[0] == 16);
    CHECK(card.shown()->pixels[1719] == 235);  // is the top right one, turned clockwise
  }
}

// --- flips ---

TEST_CASE("a flip tells the vblank it was on, and there is never a second one in flight") {
  ManualClock clock;
  RecordedCard card(clock, recorded_display("mxsfb"));
  card.counts_vblanks = true;
  const auto output = open(clock, card);
  const auto grey = plain(*output, 128, 128, 128), white = plain(*output, 235, 128, 128);
  const Micros period = output->vblank_period();
  CHECK(period == 16'683);
  Flip last = flip(*output, grey, clock.boottime());
  for (int i = 0; i < 20; ++i) {
    const Micros target = output->vblank_at_or_after(last.at + period / 2);
    const Flip now = flip(*output, i % 2 == 0 ? white : grey, target);
    CHECK(now.at - last.at >= period - 2);
    CHECK(now.at - last.at <= period + 2);
    CHECK(now.sequence == last.sequence + 1);
    CHECK(card.shown()->pixels[0] == (i % 2 == 0 ? 255 : 130));
    last = now;
  }
  CHECK(card.most_in_flight == 1);
  // After the mode a flip is one setting.
  CHECK(card.commits.back().commit.settings.size() == 1);
  CHECK_FALSE(card.commits.back().commit.modeset);
}

TEST_CASE("a still frame held back is shown at the vblank that was asked for") {
  ManualClock clock;
  RecordedCard card(clock, recorded_display("pi4"));
  const auto output = open(clock, card);
  const auto picture = plain(*output, 90, 128, 128);
  flip(*output, picture, clock.boottime());
  const Micros target = output->vblank_at_or_after(clock.boottime() + 700 * kMillisecond);
  const Flip late = flip(*output, picture, target);
  CHECK(std::abs(late.at - target) <= kMillisecond);
}

TEST_CASE("without counted vblanks flips are counted and keep the mode's pace") {
  ManualClock clock;
  RecordedCard card(clock, recorded_display("mxsfb"));
  card.counts_vblanks = false;
  const auto output = open(clock, card);
  CHECK(output->display_bits() == (kDisplayConnected | kDisplayCrtcOn));
  const auto picture = plain(*output, 90, 128, 128);
  Flip last = flip(*output, picture, clock.boottime());
  for (int i = 0; i < 5; ++i) {
    const Flip now = flip(*output, picture, output->vblank_at_or_after(last.at + 1000));
    CHECK(now.sequence == last.sequence + 1);
    CHECK(now.at - last.at == doctest::Approx(16'683).epsilon(0.001));
    last = now;
  }
}

TEST_CASE("a commit that finds another one under way waits for it") {
  ManualClock clock;
  RecordedCard card(clock, recorded_display("pi4"));
  const auto output = open(clock, card);
  const auto picture = plain(*output, 90, 128, 128);
  flip(*output, picture, clock.boottime());
  card.fail("commit", EBUSY, 3);
  const Micros before = clock.boottime();
  flip(*output, picture, clock.boottime());
  CHECK(clock.boottime() - before < 5 * output->vblank_period());
  CHECK(output->display_bits() == kReal);
}

TEST_CASE(
    "a vblank that never comes fails the flip within a second or so, and the next sets the mode "
    "anew") {
  ManualClock clock;
  RecordedCard card(clock, recorded_display("pi4"));
  const auto output = open(clock, card);
  const auto picture = plain(*output, 90, 128, 128);
  flip(*output, picture, clock.boottime());
  card.lose_event();
  const Micros before = clock.boottime();
  const auto lost = output->flip(picture.view(), clock.boottime());
  REQUIRE_FALSE(lost);
  CHECK(lost.error().message == "no vblank came within a second");
  CHECK(clock.boottime() - before < 1200 * kMillisecond);
  CHECK(output->display_bits() == kDisplayConnected);
  const auto commits = card.commits.size();
  flip(*output, picture, clock.boottime());
  CHECK(card.commits.at(commits).commit.modeset);
  CHECK(output->display_bits() == kReal);
}

TEST_CASE("another program that takes the display is named, and gives it back") {
  ManualClock clock;
  RecordedCard card(clock, recorded_display("pi4"));
  SUBCASE("from the start") {
    card.master_taken = true;
    const auto output = make_kms_output_on(clock, card.open(), {}, false);
    REQUIRE_FALSE(output);
    CHECK(output.error().code == ErrorCode::denied);
    CHECK(output.error().message.starts_with("another program holds the display (DRM master): "));
  }
  SUBCASE("on the way") {
    const auto output = open(clock, card);
    const auto picture = plain(*output, 90, 128, 128);
    flip(*output, picture, clock.boottime());
    card.master_taken = true;
    for (int i = 0; i < 2; ++i) {
      const auto refused = output->flip(picture.view(), clock.boottime());
      REQUIRE_FALSE(refused);
      CHECK(refused.error().code == ErrorCode::denied);
      CHECK(
          refused.error().message.starts_with("another program holds the display (DRM master): "));
      CHECK(output->display_bits() == kDisplayConnected);
    }
    card.master_taken = false;
    flip(*output, picture, clock.boottime());
    CHECK(output->display_bits() == kReal);
  }
}

TEST_CASE("no memory for buffers is an error with its reason and leaves nothing behind") {
  ManualClock clock;
  for (const char* call : {"create_dumb", "add_framebuffer", "map_dumb", "create_mode"}) {
    RecordedCard card(clock, recorded_display("mxsfb"));
    card.fail(call, ENOMEM, 1000);
    const auto output = make_kms_output_on(clock, card.open(), {}, false);
    REQUIRE_FALSE(output);
    CHECK(output.error().message.ends_with("Cannot allocate memory"));
    CHECK(card.framebuffers() == 0);
    CHECK(card.memories() == 0);
  }
}

TEST_CASE("a picture of another size is a defect, not a crash") {
  ManualClock clock;
  RecordedCard card(clock, recorded_display("mxsfb"));
  const auto output = open(clock, card);
  const PictureBuffer other(640, 360);
  const auto refused = output->flip(other.view(), clock.boottime());
  REQUIRE_FALSE(refused);
  CHECK(refused.error().code == ErrorCode::internal);
}

// --- displays that come and go ---

TEST_CASE(
    "a display that is unplugged is told within a second, and one that comes back gets its mode "
    "anew") {
  ManualClock clock;
  RecordedCard card(clock, recorded_display("pi4"));
  const auto output = open(clock, card);
  const auto picture = plain(*output, 90, 128, 128);
  const auto play_for = [&](Micros time) {
    const Micros end = clock.boottime() + time;
    Micros at = clock.boottime();
    while (clock.boottime() < end) {
      const Flip now = flip(*output, picture, clock.boottime());
      CHECK(now.at > at);
      CHECK(now.at - at < 3 * output->vblank_period());  // no frame is late for a look
      at = now.at;
    }
  };
  play_for(2 * kSecond);
  const int probes = card.probes;
  CHECK(output->display_bits() == kReal);
  card.plug(false);
  play_for(1100 * kMillisecond);
  CHECK(output->display_bits() == kDisplayCrtcOn);
  CHECK(card.probes == probes);  // a display that is there is never asked itself
  card.plug(true);
  const auto before = card.commits.size();
  play_for(1100 * kMillisecond);
  CHECK(output->display_bits() == kReal);
  // Off first: what is set already would not be set again.
  std::size_t changes = 0;
  for (std::size_t i = before; i < card.commits.size(); ++i)
    changes += card.commits[i].changed_mode;
  CHECK(changes == 2);
  CHECK(card.shown()->pixels[0] == 90);
}

TEST_CASE("flips that fail while nothing is plugged in pass unseen") {
  ManualClock clock;
  RecordedCard card(clock, recorded_display("pi4"));
  const auto output = open(clock, card);
  const auto picture = plain(*output, 90, 128, 128);
  flip(*output, picture, clock.boottime());
  card.plug(false);
  clock.advance(2 * kSecond);
  card.fail("commit", ENODEV, 1000);
  Flip last = flip(*output, picture, clock.boottime());
  CHECK(output->display_bits() == 0);
  const auto commits = card.commits.size();
  for (int i = 0; i < 10; ++i) {
    const Flip now = flip(*output, picture, last.at + 1);
    CHECK(now.at - last.at == doctest::Approx(output->vblank_period()).epsilon(0.01));
    CHECK(now.sequence == last.sequence + 1);
    last = now;
  }
  CHECK(card.commits.size() == commits);
}

TEST_CASE("a display that is off at the start plays on unseen in the mode it had last") {
  ManualClock clock;
  const TempDirectory directory;
  const fs::path last_good = directory.path() / "display";
  {
    RecordedCard card(clock, recorded_display("pi4"));
    (void)open(clock, card, {.last_good = last_good});
  }
  const auto kept = read_last_good_mode(last_good);
  REQUIRE(kept);
  CHECK(kept->connector == "HDMI-A-1");
  CHECK(kept->mode.hdisplay == 3440);

  RecordedCard card(clock, recorded_display("pi4"));
  card.plug(false);
  const auto output = open(clock, card, {.last_good = last_good});
  CHECK(output->width() == 1720);
  CHECK(output->display_bits() == 0);
  CHECK(card.commits.empty());
  const auto picture = plain(*output, 90, 128, 128);
  Micros at = 0;
  for (int i = 0; i < 100; ++i) at = flip(*output, picture, at + 1).at;
  CHECK(output->display_bits() == 0);
  card.plug(true);
  const Micros plugged = clock.boottime();
  while (output->display_bits() != kReal) {
    flip(*output, picture, clock.boottime());
    REQUIRE(clock.boottime() - plugged < 4 * kSecond);
  }
  CHECK(card.mode()->hdisplay == 3440);
  CHECK(card.shown()->pixels[0] == 90);
}

TEST_CASE("a display that is off at the very first start is expected to be full HD") {
  ManualClock clock;
  RecordedCard card(clock, recorded_display("pi4"));
  card.plug(false);
  const auto output = open(clock, card);
  CHECK(output->width() == 1920);
  CHECK(output->height() == 1080);
  const auto picture = plain(*output, 90, 128, 128);
  card.plug(true);
  while (output->display_bits() != kReal) flip(*output, picture, clock.boottime());
  // It was another one: the plane makes the difference.
  CHECK(card.mode()->hdisplay == 3440);
  CHECK(card.shown()->width == 1920);
  CHECK(card.shown()->screen_width == 3440);
}

TEST_CASE("where no plane scales, a display of another size is served by scaling in YUV") {
  ManualClock clock;
  RecordedCard card(clock, recorded_display("mxsfb"));
  card.plug(false);
  card.planes_scale = false;
  const auto output = open(clock, card);
  CHECK(output->width() == 1920);
  const auto picture = plain(*output, 235, 128, 128);
  card.plug(true);
  while ((output->display_bits() & kDisplayCrtcOn) == 0) flip(*output, picture, clock.boottime());
  CHECK(card.shown()->width == 480);
  CHECK(card.shown()->pixels[4 * 240] == 255);
}

TEST_CASE("a display that tells nothing of itself gets the last good mode") {
  ManualClock clock;
  const TempDirectory directory;
  const fs::path last_good = directory.path() / "display";
  REQUIRE(write_last_good_mode(last_good, {"HDMI-A-1", safe_mode()}));
  RecordedCard card(clock, recorded_display("pi4"));
  card.drop_modes();
  const auto output = open(clock, card, {.last_good = last_good});
  CHECK(output->width() == 1920);
  CHECK(card.mode()->vdisplay == 1080);
  // And what was never told is not remembered.
  CHECK(read_last_good_mode(last_good)->mode.hdisplay == 1920);
}

TEST_CASE("a file of the last mode that makes no sense counts as none") {
  const TempDirectory directory;
  const fs::path path = directory.path() / "display";
  CHECK_FALSE(read_last_good_mode(path));
  for (const std::string text :
       {"", "connector = 3", "connector = \"HDMI-A-1\"\nclock_khz = 148500\n", "\x00\xff"}) {
    REQUIRE(write_atomic(path, text));
    CHECK_FALSE(read_last_good_mode(path));
  }
  auto mode = safe_mode();
  REQUIRE(write_last_good_mode(path, {"HDMI-A-1", mode}));
  CHECK(read_last_good_mode(path)->mode.same_times(mode));
  mode.htotal = 1000;  // less than what it shows
  REQUIRE(write_last_good_mode(path, {"HDMI-A-1", mode}));
  CHECK_FALSE(read_last_good_mode(path));
}

TEST_CASE("the display is off by plan, and on again with the next flip") {
  ManualClock clock;
  RecordedCard card(clock, recorded_display("pi4"));
  const auto output = open(clock, card);
  const auto picture = plain(*output, 90, 128, 128);
  flip(*output, picture, clock.boottime());
  REQUIRE(output->power(false));
  CHECK_FALSE(card.mode());
  CHECK(output->display_bits() == (kDisplayConnected | kDisplayKnownDark));
  const auto commits = card.commits.size();
  const Flip dark = flip(*output, picture, clock.boottime());
  CHECK(flip(*output, picture, dark.at + 1).at > dark.at);
  CHECK(card.commits.size() == commits);
  REQUIRE(output->power(true));
  flip(*output, picture, clock.boottime());
  CHECK(output->display_bits() == kReal);
  CHECK(card.shown()->pixels[0] == 90);
}

TEST_CASE("a display that cannot be turned off is said so, and goes on") {
  ManualClock clock;
  RecordedCard card(clock, recorded_display("pi4"));
  const auto output = open(clock, card);
  const auto picture = plain(*output, 90, 128, 128);
  card.fail("commit", EACCES);
  const auto refused = output->power(false);
  REQUIRE_FALSE(refused);
  CHECK(refused.error().code == ErrorCode::denied);
  flip(*output, picture, clock.boottime());
  CHECK(output->display_bits() == kReal);
}

TEST_CASE("hardware that cannot tell whether a display is there is taken at its modes") {
  ManualClock clock;
  RecordedCard card(clock, recorded_display("mxsfb"));
  card.doubt();
  const auto output = open(clock, card);
  CHECK(output->width() == 480);
  CHECK(card.shown());
}

// --- the picture outlives the player ---

TEST_CASE(
    "a player that takes up a kept descriptor flips over the old picture without a black frame") {
  ManualClock clock;
  RecordedCard card(clock, recorded_display("pi4"));
  int kept = 0;
  const KmsOptions options{.keep = [&](int) { ++kept; }};
  auto killed = open(clock, card, options);  // stays as it is, like one that was killed
  flip(*killed, plain(*killed, 90, 128, 128), clock.boottime());
  flip(*killed, plain(*killed, 91, 128, 128), clock.boottime());
  const auto old = card.shown();
  REQUIRE(old);
  clock.advance(3 * kSecond);
  const auto commits = card.commits.size();

  const auto output = open(clock, card, options, true);
  CHECK(card.commits.size() == commits);  // not one commit, so no black
  CHECK(card.shown()->framebuffer == old->framebuffer);
  CHECK(card.shown()->pixels[0] == 91);
  CHECK(output->display_bits() == kReal);

  flip(*output, plain(*output, 92, 128, 128), clock.boottime());
  CHECK(card.shown()->pixels[0] == 92);
  for (std::size_t i = commits; i < card.commits.size(); ++i) {
    CHECK_FALSE(card.commits[i].changed_mode);
    CHECK_FALSE(card.commits[i].commit.modeset);
  }
  // Nothing of the process before is left: crashes do not add up.
  CHECK(card.framebuffers() == 2);
  CHECK(card.memories() == 2);
  flip(*output, plain(*output, 93, 128, 128), clock.boottime());
  CHECK(card.shown()->pixels[0] == 93);
}

TEST_CASE(
    "a player that ends in order leaves its picture to a kept descriptor, and takes it along "
    "without one") {
  ManualClock clock;
  RecordedCard card(clock, recorded_display("pi4"));
  SUBCASE("kept") {
    auto output = open(clock, card, {.keep = [](int) {}});
    flip(*output, plain(*output, 90, 128, 128), clock.boottime());
    output.reset();
    REQUIRE(card.shown());
    CHECK(card.shown()->pixels[0] == 90);
  }
  SUBCASE("not kept") {
    auto output = open(clock, card);
    flip(*output, plain(*output, 90, 128, 128), clock.boottime());
    output.reset();
    CHECK_FALSE(card.shown());
    CHECK(card.framebuffers() == 0);
    CHECK(card.memories() == 0);
  }
}

TEST_CASE("a kept descriptor whose display is in another mode now gets the mode set") {
  ManualClock clock;
  const TempDirectory directory;
  const fs::path last_good = directory.path() / "display";
  RecordedCard card(clock, recorded_display("pi4"));
  card.drop_modes();
  REQUIRE(write_last_good_mode(last_good, {"HDMI-A-1", safe_mode()}));
  auto killed = open(clock, card, {.last_good = last_good, .keep = [](int) {}});
  flip(*killed, plain(*killed, 90, 128, 128), clock.boottime());
  REQUIRE(remove_file(last_good));
  const auto output = open(clock, card, {.last_good = last_good, .keep = [](int) {}}, true);
  CHECK(card.mode()->hdisplay == 3440);
  flip(*output, plain(*output, 91, 128, 128), clock.boottime());
  CHECK(card.framebuffers() == 2);
}

// --- proof ---

TEST_CASE("what is read back from the display is what was handed over, or is not") {
  ManualClock clock;
  for (const char* name : {"pi4", "mxsfb"}) {
    RecordedCard card(clock, recorded_display(name));
    const auto output = open(clock, card);
    PictureBuffer picture(output->width(), output->height());
    const auto shows = [&] {
      const auto said = output->shows_what_was_handed();
      REQUIRE(said);
      return *said;
    };
    CHECK(shows() == std::nullopt);  // nobody asked for it
    for (int i = 0; i < 20; ++i) {
      picture.fill(0, 0, output->width(), output->height() / 2, static_cast<std::uint8_t>(60 + i),
                   90, 200);
      output->check_next();
      flip(*output, picture, clock.boottime());
      CHECK(shows() == true);
      card.spoil_shown();
      CHECK(shows() == false);
    }
    output->check_next();
    flip(*output, picture, clock.boottime());
    card.stick();
    flip(*output, picture, clock.boottime());  // what is shown is still the one before
    CHECK(shows() == false);
    output->open_anew();
    output->check_next();
    flip(*output, picture, clock.boottime());
    CHECK(shows() == true);
    card.fail("plane", EIO);
    CHECK_FALSE(output->shows_what_was_handed());
    REQUIRE(output->power(false));
    CHECK(shows() == std::nullopt);
  }
}

// --- records ---

TEST_CASE("a record that is written is read back as it was") {
  ManualClock clock;
  for (const char* name : {"pi4", "mxsfb", "k230", "virtio", "bochs"}) {
    RecordedCard card(clock, recorded_display(name));
    const auto drm = card.open();
    const auto record = record_display(*drm);
    REQUIRE(record);
    const std::string text = write_display_record(*record);
    const auto again = read_display_record(text);
    REQUIRE_MESSAGE(again, again.error().message);
    CHECK(write_display_record(*again) == text);
    // And plays the same part.
    RecordedCard copy(clock, *again);
    const auto output = open(clock, copy);
    CHECK(output->width() == open(clock, card)->width());
  }
}

TEST_CASE("a record that lacks what an answer would need is refused") {
  for (const auto& [text, why] :
       {std::pair{"{}", "there is no driver"},
        {R"({"driver":{"name":"vc4","desc":""}})", "there is no connectors"},
        {R"({"driver":{"name":"vc4","desc":""},"connectors":[{"id":32}]})", "there is no type"}}) {
    const auto record = read_display_record(text);
    REQUIRE_FALSE(record);
    CHECK(record.error().message == "no record of a display: " + std::string(why));
  }
}
