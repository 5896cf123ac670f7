#include <doctest/doctest.h>

#include <thread>

#include "clips.hpp"
#include "player/jpeg.hpp"
#include "player/snapshot_desk.hpp"
#include "presenter_support.hpp"
#include "random.hpp"

using namespace vitrine;
using namespace vitrine::testing;

namespace {

// Decoded again, in its own size.
Frame decoded(const Jpeg& jpeg, const std::string& name) {
  const fs::path path = written(name, as_text(jpeg.bytes));
  auto source = open_media_source(path, {});
  REQUIRE(source);
  PicturePool pool(jpeg.width, jpeg.height);
  auto frame = (*source)->read(pool);
  REQUIRE(frame);
  REQUIRE(*frame);
  return **frame;
}

PictureBuffer noise(int width, int height) {
  PictureBuffer picture(width, height);
  Random random(7);
  const Planes planes = picture.planes();
  const auto fill = [&](std::uint8_t* plane, int w, int h, int stride) {
    for (int y = 0; y < h; ++y) {
      for (int x = 0; x < w; ++x)
        plane[y * stride + x] = static_cast<std::uint8_t>(16 + random.below(220));
    }
  };
  fill(planes.y, width, height, planes.y_stride);
  fill(planes.u, width / 2, height / 2, planes.uv_stride);
  fill(planes.v, width / 2, height / 2, planes.uv_stride);
  return picture;
}

}  // namespace

TEST_CASE("a JPEG is at most 640 pixels long and keeps the picture's shape") {
  struct Case {
    int width, height, jpeg_width, jpeg_height;
  };
  for (const Case& one :
       {Case{1'920, 1'080, 640, 360}, Case{1'080, 1'920, 360, 640}, Case{640, 480, 640, 480},
        Case{160, 90, 160, 90}, Case{3'840, 64, 640, 10}, Case{7'680, 2, 640, 2}}) {
    const PictureBuffer picture(one.width, one.height);
    const auto jpeg = encode_jpeg(picture.view(), {});
    REQUIRE(jpeg);
    CHECK(jpeg->width == one.jpeg_width);
    CHECK(jpeg->height == one.jpeg_height);
    const Frame frame = decoded(*jpeg, "shape.jpg");
    CHECK(frame.picture.width == one.jpeg_width);
  }
}

TEST_CASE("the worst picture there is fits, at the cost of its quality") {
  const PictureBuffer picture = noise(1'280, 1'280);
  const auto whole = encode_jpeg(picture.view(), {.bytes = 10'000'000});
  REQUIRE(whole);
  CHECK(whole->quality == 90);
  const std::size_t bounds[] = {200 * 1024, whole->bytes.size() / 3};
  for (const std::size_t most : bounds) {
    const auto jpeg = encode_jpeg(picture.view(), {.bytes = most});
    REQUIRE(jpeg);
    CHECK(jpeg->bytes.size() <= most);
  }
  CHECK_FALSE(encode_jpeg(picture.view(), {.bytes = 500}));
}

TEST_CASE("colours in the JPEG are those on the glass") {
  struct Colour {
    std::uint8_t y, cb, cr;
  };
  for (const Colour& colour : {Colour{235, 128, 128}, Colour{16, 128, 128}, Colour{63, 102, 240},
                               Colour{173, 42, 26}, Colour{32, 240, 118}, Colour{126, 128, 128}}) {
    PictureBuffer picture(320, 180);
    picture.fill(0, 0, 320, 180, colour.y, colour.cb, colour.cr);
    const auto jpeg = encode_jpeg(picture.view(), {});
    REQUIRE(jpeg);
    const Frame frame = decoded(*jpeg, "colour.jpg");
    const Picture& seen = frame.picture;
    CHECK(std::abs(seen.y[90 * seen.y_stride + 160] - colour.y) <= 3);
    CHECK(std::abs(seen.u[45 * seen.uv_stride + 80] - colour.cb) <= 4);
    CHECK(std::abs(seen.v[45 * seen.uv_stride + 80] - colour.cr) <= 4);
  }
}

TEST_CASE(
    "who asks gets the picture on the glass with the item it belongs to, and the glass goes on") {
  Rig rig({{clip("libx264", 25, 50)}, {still("shot.png"), 4 * kSecond}});
  SnapshotDesk desk;
  rig.options.snapshots = &desk;
  std::vector<std::optional<Snapshot>> taken;
  std::thread asker;
  rig.programme.on_shown = [&](std::uint64_t) {
    if (asker.joinable()) asker.join();
    asker = std::thread([&] { taken.push_back(desk.take(std::chrono::seconds(30))); });
    while (!desk.wanted()) std::this_thread::yield();
  };
  rig.run();
  asker.join();
  REQUIRE(taken.size() == 2);
  for (std::size_t i = 0; i < 2; ++i) {
    CAPTURE(i);
    REQUIRE(taken[i]);
    CHECK(taken[i]->ticket == i + 1);
    CHECK(taken[i]->label == (i == 0 ? clip("libx264", 25, 50) : still("shot.png")).filename());
    // Its memory is its own hold: what was flipped at that moment is still in it.
    const Picture& picture = taken[i]->frame.picture;
    std::uint64_t hash = 1469598103934665603u;
    for (int y = 0; y < picture.height; ++y) {
      for (int x = 0; x < picture.width; ++x)
        hash = (hash ^ picture.y[y * picture.y_stride + x]) * 1099511628211u;
    }
    bool found = false;
    for (const auto& shown : rig.output.flips)
      found = found || (shown.flip.at == taken[i]->at && shown.picture == hash);
    CHECK(found);
  }
  CHECK(rig.end(0).frames_shown == 50);
  CHECK_FALSE(desk.take(std::chrono::milliseconds(1)));  // nobody presents any more
}
