// A camera from its first call to its last, on devices replayed from what real ones answered.
#include "v4l2_device.hpp"

#include <doctest/doctest.h>

#include <fstream>

#include "jpeg.hpp"
#include "mjpeg_decoder.hpp"
#include "replayed_camera.hpp"

using namespace vitrine;
using namespace vitrine::testing;

namespace {

constexpr std::uint32_t kYuyv = fourcc("YUYV"), kMjpg = fourcc("MJPG");

struct Bench {
  ManualClock clock;
  ReplayedCamera camera;
  ReplayedMachine machine;
  std::unique_ptr<FrameSource> source;
  Frame frame;

  explicit Bench(CameraRecord record = uvc_camera()) : camera(clock, std::move(record)) {
    machine.devices["/dev/video0"] = &camera;
  }
  std::string open() {
    auto opened = open_v4l2_source(machine.open(), "/dev/video0", clock);
    if (!opened) return opened.error().message;
    source = std::move(*opened);
    return "";
  }
  bool next(Micros wait = 200 * kMillisecond) {
    auto got = source->next(frame, clock.boottime() + wait);
    REQUIRE_MESSAGE(got.ok(), got.error().message);
    return *got;
  }
  std::string error(Micros within) {
    for (const Micros until = clock.boottime() + within; clock.boottime() < until;) {
      auto got = source->next(frame, clock.boottime() + 200 * kMillisecond);
      if (!got) return got.error().message;
    }
    return "";
  }
};

std::ptrdiff_t descriptors() {
  return std::distance(fs::directory_iterator("/proc/self/fd"), fs::directory_iterator());
}

}  // namespace

TEST_CASE("a USB camera found at MJPG 800x600 is set to YUYV 640x480 and asked for ten a second") {
  Bench bench;
  CHECK(bench.open() == "");
  REQUIRE(bench.camera.asked.size() == 1);
  CHECK(bench.camera.asked[0].fourcc == kYuyv);
  CHECK(bench.camera.asked[0].width == 640);
  CHECK(bench.camera.asked[0].height == 480);
  CHECK(bench.camera.rate.numerator == 1);
  CHECK(bench.camera.rate.denominator == 10);
  REQUIRE(bench.next());
  CHECK(bench.frame.width == 640);
  CHECK(bench.frame.luma.size() == 640 * 480);
  CHECK(bench.frame.coloured());
}

TEST_CASE("the Raspberry Pi's driver, found at 32x32 BGR3, is set to YUYV 640x480 by its steps") {
  Bench bench(pi_camera());
  CHECK(bench.open() == "");
  REQUIRE(bench.camera.asked.size() == 1);
  CHECK(bench.camera.asked[0].fourcc == kYuyv);
  CHECK(bench.camera.asked[0].width == 640);
  CHECK(bench.next());
}

TEST_CASE("an HDMI input that is set by hand stays so, and its rate is its own") {
  Bench bench(vivid_input());
  CHECK(bench.open() == "");
  CHECK(bench.camera.asked.empty());
  CHECK(bench.camera.rate.denominator == 0);
  REQUIRE(bench.next());
  CHECK(bench.frame.width == 320);
}

TEST_CASE("the metadata node of a USB camera is no camera") {
  Bench bench(uvc_metadata());
  CHECK(bench.open() == "camera /dev/video0: it captures no video by streaming");
  CHECK(bench.camera.closed == 1);
}

TEST_CASE("Motion JPEG is decoded, of what waits only the newest, and damage is counted") {
  Bench bench(mjpeg_camera());
  std::vector<Bytes> pictures;
  for (int i = 0; i < 6; ++i) pictures.push_back(jpeg(640, 480, 2 * i));
  bench.camera.content = [&](int number) {
    Bytes bytes = pictures[static_cast<std::size_t>(number) % pictures.size()];
    if (number >= 7 && number <= 9) bytes.resize(bytes.size() / 2);
    return bytes;
  };
  CHECK(bench.open() == "");
  CHECK(bench.camera.asked[0].fourcc == kMjpg);
  REQUIRE(bench.next());
  CHECK(bench.frame.width == 640);
  CHECK(bench.frame.full_range);
  bench.clock.advance(101 * kMillisecond);  // frames 2 to 4 wait
  REQUIRE(bench.next());
  CHECK(bench.source->damaged() == 0);
  Frame newest;
  CHECK(MjpegDecoder(640, 640).decode(pictures[static_cast<std::size_t>(bench.camera.frames) % 6],
                                      newest));
  CHECK(bench.frame.luma == newest.luma);
  // 7 to 9 are cut off: the frame that was due costs coverage, not the source.
  int frames = 0;
  for (const Micros until = bench.clock.boottime() + kSecond; bench.clock.boottime() < until;) {
    frames += bench.next();
  }
  CHECK(frames >= 8);
  CHECK(bench.source->damaged() >= 1);
  CHECK(bench.source->damaged() <= 3);
}

TEST_CASE("a camera that sends only damaged Motion JPEG is given up after five seconds") {
  Bench bench(mjpeg_camera());
  const Bytes half = [] {
    Bytes bytes = jpeg(640, 480);
    bytes.resize(bytes.size() / 2);
    return bytes;
  }();
  bench.camera.content = [&](int) { return half; };
  CHECK(bench.open() == "");
  const Micros start = bench.clock.boottime();
  CHECK(bench.error(kMinute) == "camera /dev/video0: no frame for 5 s");
  CHECK(bench.clock.boottime() - start == 5 * kSecond);
  CHECK(bench.source->damaged() > 20);
}

TEST_CASE("flagged, empty and short buffers are passed over and counted") {
  Bench bench;
  bench.camera.fps = 10;
  bench.camera.flagged = {2};
  bench.camera.short_frames = {{3, 0}, {4, 640}};
  CHECK(bench.open() == "");
  const Micros start = bench.clock.boottime();
  REQUIRE(bench.next());
  CHECK(bench.frame.luma[0] == 1);
  REQUIRE(bench.next(kSecond));
  CHECK(bench.frame.luma[0] == 5);
  CHECK(bench.frame.at == start + 500 * kMillisecond);
  CHECK(bench.source->damaged() == 3);
}

TEST_CASE("a driver that takes no other format than it has is taken as it is, if that is read") {
  Bench raw;
  raw.camera.record.set = {kYuyv, 1920, 1080, 3840};
  raw.camera.record.size_image = 1920 * 1080 * 2;
  raw.camera.deaf = true;
  CHECK(raw.open() == "");
  REQUIRE(raw.next());
  CHECK(raw.frame.width == 1920);

  Bench other(pi_camera());
  other.camera.deaf = true;
  CHECK(other.open() ==
        "camera /dev/video0: its format is BGR3; NV12, YUYV, GREY and MJPG are those we read");
  CHECK(other.camera.asked.size() == 2);  // YUYV and MJPG were tried
}

TEST_CASE("a format that is refused gives way to the next") {
  Bench bench;
  bench.camera.refused = kYuyv;
  CHECK(bench.open() == "");
  REQUIRE(bench.camera.asked.size() == 2);
  CHECK(bench.camera.asked[1].fourcc == kMjpg);
}

TEST_CASE("a camera that another program holds, and what may not be opened, are told so") {
  Bench busy;
  busy.camera.held_by_other = EBUSY;
  CHECK(busy.open() == "camera /dev/video0: another program holds it");
  Bench streaming(vivid_input());
  streaming.camera.held_by_other = EBUSY;
  CHECK(streaming.open() == "camera /dev/video0: another program holds it");
  Bench denied;
  denied.machine.errors_of_open = EACCES;
  CHECK(denied.open() == "camera /dev/video0: Permission denied");
}

TEST_CASE("an unplugged camera is told at once, by its name, while it waits and while it gives") {
  for (const bool waiting : {false, true}) {
    Bench bench;
    CHECK(bench.open() == "");
    REQUIRE(bench.next());
    if (waiting) bench.camera.hangs = true;
    bench.camera.unplugged = true;
    const Micros at = bench.clock.boottime();
    CHECK(bench.error(kMinute) == "camera /dev/video0: it is gone");
    CHECK(bench.clock.boottime() == at);
    CHECK(bench.open() == "camera /dev/video0: no device behind it");
  }
}

TEST_CASE("a camera that hangs is given up after five seconds") {
  Bench bench;
  CHECK(bench.open() == "");
  REQUIRE(bench.next());
  bench.camera.hangs = true;
  const Micros at = bench.clock.boottime();
  CHECK(bench.error(kMinute) == "camera /dev/video0: no frame for 5 s");
  CHECK(bench.clock.boottime() - at == 5 * kSecond);
}

TEST_CASE("the driver's stamp becomes CLOCK_BOOTTIME, also after the machine has slept") {
  Bench bench;
  bench.clock.suspend(kHour);
  bench.camera.fps = 10;
  CHECK(bench.open() == "");
  const Micros start = bench.clock.boottime();
  bench.clock.advance(130 * kMillisecond);
  REQUIRE(bench.next());
  CHECK(bench.frame.at == start + 100 * kMillisecond);
}

TEST_CASE("a hundred cameras that fail leave no descriptor and no mapping behind") {
  Bench bench;
  const auto before = descriptors();
  for (int i = 0; i < 100; ++i) {
    bench.camera.unplugged = bench.camera.hangs = false;
    bench.camera.held_by_other = i % 4 == 1 ? EBUSY : 0;
    if (bench.open() != "") continue;
    CHECK(bench.next());
    (i % 2 == 0 ? bench.camera.hangs : bench.camera.unplugged) = true;
    CHECK(bench.error(kMinute) != "");
    bench.source.reset();
  }
  CHECK(bench.camera.opened == 100);
  CHECK(bench.camera.closed == 100);
  CHECK(bench.camera.mapped == 0);
  CHECK(descriptors() == before);
  // The kernel's own table, too.
  const SystemClock clock;
  for (int i = 0; i < 100; ++i) CHECK_FALSE(open_v4l2_source("/dev/null", clock).ok());
  CHECK(descriptors() == before);
}

TEST_CASE("any camera: the first that gives pictures, whatever its number is now") {
  const TempDirectory dir;
  Bench bench;
  ReplayedCamera metadata(bench.clock, uvc_metadata());
  bench.machine.devices.clear();
  const auto open = [&] {
    auto opened = open_any_v4l2_source(bench.machine.open(), dir.path(), bench.clock);
    return opened ? std::string() : opened.error().message;
  };
  CHECK(open() == "no camera in " + dir.path().string());
  const auto plug = [&](const std::string& name, ReplayedCamera& camera) {
    std::ofstream(dir / name) << "";
    bench.machine.devices[dir / name] = &camera;
  };
  plug("video2", metadata);
  CHECK(open().ends_with("video2: it captures no video by streaming"));
  plug("video10", bench.camera);
  CHECK(open() == "");
  bench.camera.held_by_other = EBUSY;
  CHECK(open().ends_with("video10: another program holds it"));
  std::ofstream(dir / "videoX") << "";  // no number, no camera
  CHECK(open().ends_with("video10: another program holds it"));
}
