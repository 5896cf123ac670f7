#include "player/source.hpp"

#include <doctest/doctest.h>

#include <cstdlib>

#include "clips.hpp"

using namespace vitrine;
using namespace vitrine::testing;

namespace {

struct Read {
  std::vector<FrameTime> times;
  Frame last;
  MediaInfo info;
  std::string error;
};

Read read_all(const fs::path& path, PicturePool& pool) {
  Read read;
  auto source = open_media_source(path, {});
  if (!source) {
    read.error = source.error().message;
    return read;
  }
  for (;;) {
    auto frame = (*source)->read(pool);
    if (!frame) read.error = frame.error().message;
    if (!frame || !*frame) break;
    read.times.push_back((*frame)->time);
    read.last = std::move(**frame);
  }
  read.info = (*source)->info();
  return read;
}

Read read_all(const fs::path& path) {
  PicturePool pool(320, 180);
  return read_all(path, pool);
}

bool near(int value, int wanted, int by = 2) {
  return std::abs(value - wanted) <= by;
}

}  // namespace

TEST_CASE("a video yields every frame, each with its time and its time to the next") {
  for (const char* codec : {"libx264", "libx265", "libvpx-vp9", "mpeg4"}) {
    CAPTURE(codec);
    const Read read = read_all(clip(codec, 25, 40));
    CHECK(read.error.empty());
    REQUIRE(read.times.size() == 40);
    for (std::size_t i = 0; i < read.times.size(); ++i) {
      CHECK(read.times[i].pts == static_cast<Micros>(i) * 40'000);
      CHECK(read.times[i].duration == 40'000);
    }
    CHECK_FALSE(read.info.still);
    CHECK(read.info.decoder == Decoder::software);
    CHECK(read.info.width == 160);
    CHECK(read.info.height == 90);
    CHECK(near(static_cast<int>(read.info.duration / 1000), 1600, 1));
    CHECK(read.info.fps_milli == 25'000);
  }
}

TEST_CASE("JPEG, PNG and WebP yield one picture") {
  for (const char* name : {"one.jpg", "one.png", "one.webp"}) {
    CAPTURE(name);
    const Read read = read_all(still(name));
    CHECK(read.error.empty());
    CHECK(read.times.size() == 1);
    CHECK(read.info.still);
    CHECK(read.info.decoder == Decoder::still);
    CHECK(read.info.width == 160);
  }
}

TEST_CASE("a portrait clip stands in the middle of a landscape output, black on both sides") {
  PicturePool pool(320, 180);
  pool.take()->fill(0, 0, 320, 180, 200, 90, 90);  // what an earlier item left
  const fs::path path = made("portrait.png", "-f lavfi -i color=white:s=90x160 -frames:v 1");
  const Read read = read_all(path, pool);
  REQUIRE(read.times.size() == 1);
  const Picture& picture = read.last.picture;
  const auto luma = [&](int x, int y) { return int{picture.y[picture.y_stride * y + x]}; };
  CHECK(luma(10, 90) == 16);
  CHECK(luma(310, 90) == 16);
  CHECK(near(luma(160, 2), 235));
  CHECK(near(luma(160, 177), 235));
  CHECK(luma(106, 90) == 16);
  CHECK(near(luma(114, 90), 235));
  CHECK(picture.u[picture.uv_stride * 45 + 5] == 128);
}

TEST_CASE("red is BT.709 limited range whatever the source's matrix and range are") {
  const std::string red = "-f lavfi -i color=red:s=64x64 -frames:v 1 ";
  struct Case {
    std::string name, how;
  };
  for (const Case& one :
       {Case{"red.png", red}, Case{"red.jpg", red + "-q:v 1 -pix_fmt yuvj444p"},
        Case{"red420.jpg", red + "-q:v 1 -pix_fmt yuvj420p"},
        Case{"pal.png", red + "-pix_fmt pal8"}, Case{"rgba.png", red + "-pix_fmt rgba"},
        Case{"red601.mp4", red + "-vf scale=out_color_matrix=bt601 -pix_fmt yuv420p -qp 1 "
                                 "-colorspace smpte170m"},
        Case{"red709.mp4", red + "-vf scale=out_color_matrix=bt709 -pix_fmt yuv420p -qp 1 "
                                 "-colorspace bt709"},
        Case{"red10.mp4", red + "-vf scale=out_color_matrix=bt709 -pix_fmt yuv420p10le "
                                "-c:v libx265 -x265-params log-level=error:crf=1 "
                                "-colorspace bt709"}}) {
    CAPTURE(one.name);
    PicturePool pool(64, 64);
    const Read read = read_all(made(one.name, one.how), pool);
    REQUIRE(read.times.size() == 1);
    const Picture& picture = read.last.picture;
    const int luma = picture.y[picture.y_stride * 32 + 32];
    const int cb = picture.u[picture.uv_stride * 16 + 16];
    const int cr = picture.v[picture.uv_stride * 16 + 16];
    CAPTURE(luma);
    CAPTURE(cb);
    CAPTURE(cr);
    CHECK(near(luma, 63));
    CHECK(near(cb, 102));
    CHECK(near(cr, 240, 3));
  }
}

TEST_CASE("what is transparent shows black") {
  const std::string glass = "-f lavfi -i color=red@0.0:s=64x64,format=rgba -frames:v 1 ";
  for (const auto& [name, how] : {std::pair<std::string, std::string>{"clear.png", ""},
                                  {"clear.webp", "-lossless 1"},
                                  {"clear420.webp", "-pix_fmt yuva420p -q:v 90"}}) {
    CAPTURE(name);
    PicturePool pool(64, 64);
    const Read read = read_all(made(name, glass + how), pool);
    REQUIRE(read.times.size() == 1);
    const Picture& picture = read.last.picture;
    CHECK(near(picture.y[picture.y_stride * 32 + 32], 16, 1));
    CHECK(near(picture.u[picture.uv_stride * 16 + 16], 128, 1));
    CHECK(near(picture.v[picture.uv_stride * 16 + 16], 128, 1));
  }
}

TEST_CASE("a clip that asks to be turned is turned") {
  // Left half white, right half black; turned as the ffmpeg command turns it, black comes above
  // white.
  const fs::path flat =
      made("halves.mp4",
           "-f lavfi -i color=black:s=160x96 -vf "
           "drawbox=x=0:y=0:w=80:h=96:color=white:t=fill -frames:v 2 -pix_fmt yuv420p");
  const fs::path turned =
      made("turned.mp4", "-i " + flat.string() + " -c copy -metadata:s:v rotate=90");
  PicturePool pool(96, 160);
  const Read read = read_all(turned, pool);
  const Picture& picture = read.last.picture;
  REQUIRE(read.times.size() == 2);
  CHECK(read.info.width == 96);
  CHECK(read.info.height == 160);
  const int top = picture.y[picture.y_stride * 20 + 48];
  const int bottom = picture.y[picture.y_stride * 140 + 48];
  CHECK(top < 40);
  CHECK(bottom > 200);
}

TEST_CASE("what is no media file, or none of ours, is refused with its name and the reason") {
  const fs::path gif = made("moving.gif", "-f lavfi -i testsrc2=s=32x32 -frames:v 3");
  const fs::path list = written("list.mp4", "ffconcat version 1.0\nfile /etc/passwd\n");
  const fs::path m3u = written("list.m3u8", "#EXTM3U\n#EXTINF:1,\nhttp://127.0.0.1/x.ts\n");
  const fs::path sound = made("sound.mp4", "-f lavfi -i sine=d=0.2 -c:a aac");
  for (const fs::path& path :
       {written("text.mp4", "this is no video"), written("empty.mp4", ""), gif, list, m3u, sound,
        hollow_png(30'000, 30'000), truncated(clip("libx264", 25, 40), 20),
        fs::path("/nonexistent.mp4")}) {
    const Read read = read_all(path);
    CAPTURE(path);
    CAPTURE(read.error);
    CHECK(read.times.empty());
    CHECK(read.error.find(path.filename().string()) != std::string::npos);
  }
}

TEST_CASE("a file damaged in its middle gives its good frames, then an error") {
  const fs::path whole = clip("libx264", 25, 100);
  auto body = read_text(whole);
  REQUIRE(body);
  for (std::size_t i = body->size() / 2; i < body->size() * 6 / 10; ++i) (*body)[i] = '\x5a';
  const Read read = read_all(written("damaged.mp4", *body));
  CHECK(read.times.size() > 10);
  CHECK(read.times.size() < 100);
  CHECK_FALSE(read.error.empty());
}

TEST_CASE("reading stops when it is cancelled") {
  std::atomic<bool> cancel{false};
  SourceOptions options;
  options.cancel = &cancel;
  auto source = open_media_source(clip("libx264", 25, 40), options);
  REQUIRE(source);
  PicturePool pool(160, 90);
  REQUIRE((*source)->read(pool));
  cancel = true;
  int more = 0;
  for (;; ++more) {
    auto frame = (*source)->read(pool);
    if (!frame || !*frame) break;
  }
  CHECK(more <= 1);
}

TEST_CASE("a frame that fits stays where it was decoded, and outlives its source and its pool") {
  std::vector<Frame> frames;
  std::size_t lent = 0;
  for (const int width : {160, 320}) {
    PicturePool pool(width, width * 9 / 16);
    auto source = open_media_source(
        made("tagged.mp4",
             "-f lavfi -i testsrc2=s=160x90:r=25 -frames:v 4 -pix_fmt yuv420p -colorspace bt709"),
        {});
    REQUIRE(source);
    for (int i = 0; i < 3; ++i) frames.push_back(*(*source)->read(pool).value());
    const auto next = pool.take();  // a new one: whatever was lent is held above
    for (const Frame& frame : frames) lent += frame.owner == next;
    CHECK(frames.back().picture.width == width);
  }
  CHECK(lent == 0);
  // The scaled ones are twice the ones in the decoder's memory, which no later frame wrote over.
  for (int i = 0; i < 3; ++i) {
    const Picture& small = frames[i].picture;
    const Picture& large = frames[i + 3].picture;
    CHECK(near(small.y[small.y_stride * 45 + 40], large.y[large.y_stride * 91 + 81], 24));
  }
  CHECK(frames[0].picture.y != frames[1].picture.y);
}
