// All of a camera that needs no kernel, on a device that plays a script.
#include "capture.hpp"

#include <doctest/doctest.h>

#include <deque>
#include <set>

#include "manual_clock.hpp"

using namespace vitrine;
using vitrine::testing::ManualClock;

namespace {

constexpr std::uint32_t kYuyv = fourcc("YUYV"), kNv12 = fourcc("NV12"), kGrey = fourcc("GREY"),
                        kMjpg = fourcc("MJPG");
constexpr int kWidth = 4, kHeight = 2, kBuffers = 4;
const PictureLayout kSmall = *picture_layout({kGrey, kWidth, kHeight, 0});

// Frames are filled at the times told, whether anybody looks or not, and are lost while no buffer
// is queued. All bytes of a frame are its number.
struct ScriptedDevice final : CaptureDevice {
  struct Frame {
    Micros at = 0;
    std::uint8_t number = 0;
    bool whole = true;
    std::size_t bytes = kWidth * kHeight;
    std::optional<Micros> stamp{};  // default: `at`
    bool stamped = true;
  };

  explicit ScriptedDevice(const ManualClock& at) : clock(at) {
    for (int i = 0; i < kBuffers; ++i) queued.insert(i);
  }
  void run() {
    while (!script.empty() && script.front().at <= clock.boottime()) {
      const Frame frame = script.front();
      script.pop_front();
      if (queued.empty()) continue;
      const int buffer = *queued.begin();
      queued.erase(queued.begin());
      memory[buffer].assign(frame.bytes, frame.number);
      Captured captured{buffer, frame.whole, {}, memory[buffer]};
      if (frame.stamped) captured.stamp = frame.stamp.value_or(frame.at);
      filled.push_back(captured);
    }
  }
  Status wait(Micros until) override {
    if (gone) return fail(ErrorCode::unavailable, "it is gone");
    Micros next = until;
    if (!script.empty()) next = std::min(next, script.front().at);
    clock.sleep_until(next);
    return ok();
  }
  Result<std::optional<Captured>> dequeue() override {
    run();
    if (filled.empty()) return std::optional<Captured>{};
    const Captured first = filled.front();
    filled.pop_front();
    ours.insert(first.buffer);
    return std::optional(first);
  }
  Status put_back(int buffer) override {
    CHECK(ours.erase(buffer) == 1);
    std::fill(memory[buffer].begin(), memory[buffer].end(), 0xee);  // the driver's again
    queued.insert(buffer);
    if (rushes) filled.push_back({buffer, false, {}, memory[buffer]}), queued.erase(buffer);
    return ok();
  }

  const ManualClock& clock;
  std::deque<Frame> script;
  bool gone = false;
  bool rushes = false;  // hands each buffer back at once, damaged
  Bytes memory[kBuffers];
  std::set<int> queued, ours;
  std::deque<Captured> filled;
};

struct Camera {
  ManualClock clock;
  Micros start = clock.boottime();
  ScriptedDevice* device = nullptr;  // owned by the source
  std::unique_ptr<FrameSource> source;
  Frame frame;

  explicit Camera(int most_fps = 10) {
    auto made = std::make_unique<ScriptedDevice>(clock);
    device = made.get();
    source = make_capture_source(std::move(made), kSmall, "camera /dev/video0", clock, most_fps);
  }
  void film(int fps, int seconds) {
    for (int i = 1; i <= fps * seconds; ++i) {
      device->script.push_back({start + i * kSecond / fps, static_cast<std::uint8_t>(i)});
    }
  }
  bool next(Micros wait = 200 * kMillisecond) {
    auto got = source->next(frame, clock.boottime() + wait);
    REQUIRE_MESSAGE(got.ok(), got.error().message);
    CHECK(device->ours.empty());
    return *got;
  }
};

}  // namespace

TEST_CASE("a format that is read stays as it is set, any other is asked for small YUYV") {
  for (const std::uint32_t code : {kYuyv, kNv12, kGrey}) {
    CHECK_FALSE(format_to_ask_for({code, 1280, 720, 0}).has_value());
    CHECK_FALSE(format_to_ask_for({code, 320, 240, 0}).has_value());
    const auto smaller = format_to_ask_for({code, 1920, 1080, 0});
    REQUIRE(smaller.has_value());
    CHECK(smaller->fourcc == code);
    CHECK(smaller->width == 640);
    CHECK(smaller->height == 480);
  }
  const auto other = format_to_ask_for({kMjpg, 640, 480, 0});
  REQUIRE(other.has_value());
  CHECK(other->fourcc == kYuyv);
  CHECK(other->width == 640);
}

TEST_CASE(
    "a format that is not read is refused by its name, a size that cannot be by its figures") {
  const auto motion = picture_layout({kMjpg, 640, 480, 0});
  REQUIRE_FALSE(motion.ok());
  CHECK(motion.error().message.find("MJPG") != std::string::npos);
  CHECK(fourcc_name(0x01020359) == "Y???");
  CHECK(picture_layout({kGrey, 640, 480, 640}).ok());
  CHECK_FALSE(picture_layout({kGrey, 640, 480, 639}).ok());
  CHECK_FALSE(picture_layout({kYuyv, 640, 480, 1279}).ok());
  CHECK_FALSE(picture_layout({kGrey, 0, 480, 0}).ok());
  CHECK_FALSE(picture_layout({kGrey, 640, 0, 0}).ok());
  CHECK_FALSE(picture_layout({kGrey, 0x80000000, 2, 0}).ok());
  CHECK_FALSE(picture_layout({kGrey, 640, 480, 0xfffffff0}).ok());
}

TEST_CASE("the planes of each format are copied, without the padding of its rows") {
  struct Case {
    std::uint32_t code;
    std::size_t stride, whole;
  };
  constexpr std::size_t kWide = 5, kHigh = 3;
  // The last row needs no padding behind it. Five pixels of YUYV are three pairs.
  for (const Case& c : {Case{kGrey, 0, 15}, Case{kGrey, 8, 21}, Case{kNv12, 0, 30},
                        Case{kNv12, 8, 38}, Case{kYuyv, 0, 36}, Case{kYuyv, 16, 44}}) {
    CAPTURE(fourcc_name(c.code));
    CAPTURE(c.stride);
    const auto layout =
        picture_layout({c.code, kWide, kHigh, static_cast<std::uint32_t>(c.stride)});
    REQUIRE(layout.ok());
    CHECK(layout->bytes == c.whole);
    const std::size_t stride = c.stride != 0     ? c.stride
                               : c.code == kGrey ? 5
                               : c.code == kNv12 ? 6
                                                 : 12;
    Bytes buffer(c.whole, 0xee);
    Bytes luma, cb, cr;
    for (std::size_t y = 0; y < kHigh; ++y) {
      for (std::size_t x = 0; x < kWide; ++x) {
        luma.push_back(static_cast<std::uint8_t>(100 + 10 * y + x));
        buffer[y * stride + x * (c.code == kYuyv ? 2 : 1)] = luma.back();
      }
    }
    for (std::size_t y = 0; y < 2 && c.code != kGrey; ++y) {
      for (std::size_t x = 0; x < 3; ++x) {
        cb.push_back(static_cast<std::uint8_t>(10 * y + x));
        cr.push_back(static_cast<std::uint8_t>(200 + 10 * y + x));
        const bool packed = c.code == kYuyv;
        const std::size_t at = packed ? 2 * y * stride + 4 * x + 1 : (kHigh + y) * stride + 2 * x;
        buffer[at] = cb.back();
        buffer[at + (packed ? 2 : 1)] = cr.back();
      }
    }
    Frame frame;
    frame.cb = {1};
    CHECK(copy_picture(buffer, *layout, frame));
    CHECK(frame.width == 5);
    CHECK(frame.height == 3);
    CHECK(frame.luma == luma);
    CHECK(frame.cb == cb);
    CHECK(frame.cr == cr);

    frame.luma.clear();
    CHECK_FALSE(copy_picture(ByteView(buffer).first(buffer.size() - 1), *layout, frame));
    CHECK(frame.luma.empty());
  }
}

TEST_CASE("the limiter keeps to its rate, and a camera of that rate loses nothing to jitter") {
  const auto taken = [](int fps, int seconds, Micros jitter) {
    FrameLimiter limiter(10);
    int count = 0;
    for (int i = 0; i < fps * seconds; ++i) {
      count += limiter.take(i * kSecond / fps + (i % 3 - 1) * jitter);
    }
    return count;
  };
  CHECK(taken(10, 60, 0) == 600);
  CHECK(taken(10, 60, 15 * kMillisecond) == 600);
  CHECK(taken(5, 60, 0) == 300);
  for (const int fps : {11, 15, 25, 30, 60}) {
    CAPTURE(fps);
    CHECK(taken(fps, 60, 0) >= 560);  // 11 fps give 9.4
    CHECK(taken(fps, 60, 0) <= 601);
  }
}

TEST_CASE("after a pause the limiter does not make up for it") {
  FrameLimiter limiter(10);
  CHECK(limiter.take(0));
  int count = 0;
  for (Micros at = kMinute; at < kMinute + kSecond; at += 10 * kMillisecond) {
    count += limiter.take(at);
  }
  CHECK(count <= 11);
}

TEST_CASE("frames come with the time of their capture, ten a second at most") {
  Camera camera;
  camera.film(30, 4);
  int frames = 0;
  Micros last = camera.start;
  while (camera.clock.boottime() < camera.start + 3 * kSecond) {
    if (!camera.next()) continue;
    ++frames;
    CHECK(camera.frame.at > last);
    last = camera.frame.at;
    CHECK(camera.frame.at == camera.clock.boottime());
    const auto number = static_cast<std::uint8_t>((camera.frame.at - camera.start) * 30 / kSecond);
    CHECK(camera.frame.luma == Bytes(kWidth * kHeight, camera.frame.luma[0]));
    CHECK(std::abs(camera.frame.luma[0] - number) <= 1);
    CHECK_FALSE(camera.frame.restarted);
  }
  CHECK(frames >= 29);
  CHECK(frames <= 31);
}

TEST_CASE("who comes late gets the newest of the waiting frames, and the camera its buffers back") {
  Camera camera;
  camera.film(10, 1);
  REQUIRE(camera.next());
  camera.clock.advance(350 * kMillisecond);
  REQUIRE(camera.next());
  CHECK(camera.frame.luma[0] == 4);
  CHECK(camera.frame.at == camera.start + 400 * kMillisecond);
  CHECK(camera.device->queued.size() == kBuffers);
  REQUIRE(camera.next());
  CHECK(camera.frame.luma[0] == 5);
}

TEST_CASE("no frame in time is no error: the next call gets it") {
  Camera camera;
  camera.film(2, 1);
  CHECK_FALSE(camera.next());
  CHECK(camera.clock.boottime() == camera.start + 200 * kMillisecond);
  CHECK(camera.next(kSecond));
  CHECK(camera.frame.luma[0] == 1);
}

TEST_CASE("damaged and short frames are skipped, older whole ones count instead") {
  Camera camera;
  const Micros start = camera.start;
  camera.device->script = {
      {start + 100, 1}, {start + 200, 2, false}, {start + 300, 3, true, kWidth * kHeight - 1}};
  camera.clock.advance(kMillisecond);
  REQUIRE(camera.next());
  CHECK(camera.frame.luma[0] == 1);
  CHECK(camera.device->queued.size() == kBuffers);
}

TEST_CASE("without a stamp, or with one that cannot be, the time of dequeuing counts") {
  Camera camera(1000);
  const Micros start = camera.start;
  using Frame = ScriptedDevice::Frame;
  Frame none{start + 100'000, 1}, future{start + 200'000, 2}, past{start + 300'000, 3};
  none.stamped = false;
  future.stamp = start + kDay;
  past.stamp = start + 150'000;
  camera.device->script = {none, future, past, Frame{start + 400'000, 4}};
  for (int i = 1; i <= 4; ++i) {
    REQUIRE(camera.next());
    CHECK(camera.frame.luma[0] == i);
    CHECK(camera.frame.at == start + i * 100'000);
  }
}

TEST_CASE("a camera that falls silent or sends only damage is given up after five seconds") {
  for (const bool damaged : {false, true}) {
    CAPTURE(damaged);
    Camera camera;
    camera.film(10, 1);
    if (damaged) {
      for (int i = 11; i < 100; ++i) {
        camera.device->script.push_back({camera.start + i * 100 * kMillisecond, 1, false});
      }
    }
    while (camera.clock.boottime() < camera.start + kSecond) REQUIRE(camera.next());
    const Micros silent = camera.clock.boottime();
    std::string said;
    while (said.empty() && camera.clock.boottime() < silent + kMinute) {
      auto got = camera.source->next(camera.frame, camera.clock.boottime() + 200 * kMillisecond);
      if (!got) said = got.error().message;
    }
    CHECK(said == "camera /dev/video0: no frame for 5 s");
    CHECK(camera.clock.boottime() == silent + 5 * kSecond);
  }
}

TEST_CASE("a camera that is gone is told at once, by its name") {
  Camera camera;
  camera.device->gone = true;
  auto got = camera.source->next(camera.frame, camera.clock.boottime() + kSecond);
  REQUIRE_FALSE(got.ok());
  CHECK(got.error().message == "camera /dev/video0: it is gone");
  CHECK(camera.clock.boottime() == camera.start);
}

TEST_CASE("a driver that hands every buffer straight back cannot keep the thread") {
  Camera camera;
  camera.device->script = {{camera.start, 1, false}};
  camera.device->rushes = true;
  CHECK_FALSE(camera.next());
}
