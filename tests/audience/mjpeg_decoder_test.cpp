#include "mjpeg_decoder.hpp"

#include <doctest/doctest.h>

#include <iostream>
#include <numeric>

#include "jpeg.hpp"
#include "platform/clock.hpp"

using namespace vitrine;
using vitrine::testing::jpeg;

namespace {

double mean(const Bytes& plane) {
  return std::accumulate(plane.begin(), plane.end(), 0.0) / static_cast<double>(plane.size());
}

}  // namespace

TEST_CASE("a picture of the wanted width is decoded whole, a larger one at half or a quarter") {
  Frame whole, half, quarter;
  CHECK(MjpegDecoder(640, 640).decode(jpeg(640, 480), whole));
  CHECK(whole.width == 640);
  CHECK(whole.height == 480);
  CHECK(whole.luma.size() == 640 * 480);
  CHECK(whole.cb.size() == 320 * 240);
  CHECK(whole.cr.size() == 320 * 240);
  CHECK(whole.full_range);
  CHECK(MjpegDecoder(1280, 640).decode(jpeg(1280, 720), half));
  CHECK(half.width == 640);
  CHECK(half.height == 360);
  CHECK(half.luma.size() == 640 * 360);
  CHECK(half.cb.size() == 320 * 180);
  CHECK(MjpegDecoder(2592, 640).decode(jpeg(2592, 1944), quarter));
  CHECK(quarter.width == 648);
  CHECK(quarter.height == 486);
  // The same picture: nothing is lost but the detail.
  Frame full;
  CHECK(MjpegDecoder(1280, 1280).decode(jpeg(1280, 720), full));
  CHECK(full.width == 1280);
  CHECK(mean(half.luma) == doctest::Approx(mean(full.luma)).epsilon(0.02));
  CHECK(mean(half.cb) == doctest::Approx(mean(full.cb)).epsilon(0.02));
}

TEST_CASE("a damaged picture is refused and changes nothing, and the next one is decoded") {
  const Bytes whole = jpeg(640, 480, 1);
  MjpegDecoder decoder(640, 640);
  Frame frame;
  REQUIRE(decoder.decode(whole, frame));
  const Bytes before = frame.luma;
  const auto refused = [&](ByteView bytes) {
    CHECK_FALSE(decoder.decode(bytes, frame));
    CHECK(frame.luma == before);
  };
  refused({});
  refused(ByteView(whole).first(3));
  for (const std::size_t eighths : {1, 3, 5, 7}) {  // the cable was pulled in mid-picture
    CAPTURE(eighths);
    refused(ByteView(whole).first(whole.size() * eighths / 8));
  }
  refused(ByteView(whole).subspan(whole.size() / 2));
  refused(Bytes(5000, 0xff));
  refused(Bytes(5000, 0));
  Bytes huge = whole;  // a header that claims 65535 x 65535
  for (std::size_t i = 0; i + 9 < huge.size(); ++i) {
    if (huge[i] == 0xff && huge[i + 1] == 0xc0) {
      std::fill_n(huge.begin() + static_cast<std::ptrdiff_t>(i) + 5, 4, std::uint8_t{0xff});
      break;
    }
  }
  refused(huge);
  CHECK(decoder.decode(jpeg(640, 480, 7), frame));
  CHECK(frame.luma != before);
}

TEST_CASE("bytes turned over anywhere never end the process") {
  const Bytes whole = jpeg(320, 240);
  MjpegDecoder decoder(320, 640);
  Frame frame;
  std::uint32_t state = 1;
  int decoded = 0;
  for (int round = 0; round < 300; ++round) {
    Bytes damaged = whole;
    for (int i = 0; i < 8; ++i) {
      state = state * 1664525 + 1013904223;
      damaged[(state >> 8) % damaged.size()] ^= static_cast<std::uint8_t>(1 << (state % 8));
    }
    decoded += decoder.decode(damaged, frame);
    CHECK(frame.luma.size() ==
          static_cast<std::size_t>(frame.width) * static_cast<std::size_t>(frame.height));
  }
  CHECK(decoded < 300);
  CHECK(decoder.decode(whole, frame));
}

TEST_CASE("what a picture costs to decode") {
  for (const auto& [width, height] : {std::pair{640, 480}, {1280, 720}, {1920, 1080}}) {
    const Bytes picture = jpeg(width, height);
    MjpegDecoder decoder(width, 640);
    Frame frame;
    REQUIRE(decoder.decode(picture, frame));
    constexpr int kTimes = 40;
    const std::int64_t before = thread_processor_ns();
    for (int i = 0; i < kTimes; ++i) REQUIRE(decoder.decode(picture, frame));
    std::cout << "MJPEG " << width << "x" << height << " (" << picture.size() / 1024 << " KiB) to "
              << frame.width << "x" << frame.height << ": "
              << static_cast<double>(thread_processor_ns() - before) * 1e-6 / kTimes
              << " ms of CPU a picture\n";
  }
}
