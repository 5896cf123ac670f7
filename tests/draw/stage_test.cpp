#include "player/stage.hpp"

#include <doctest/doctest.h>

#include "qr.hpp"
#include "ticker.hpp"

using namespace vitrine;

namespace {

constexpr int kWidth = 640, kHeight = 360;
constexpr Micros kVblank = 16'667;

// Every file is one still of one shade.
struct ShadeSource final : MediaSource {
  explicit ShadeSource(std::uint8_t luma) : luma_(luma) { info_.still = true; }
  const MediaInfo& info() const override { return info_; }
  Result<std::optional<Frame>> read(PicturePool& pool) override {
    const auto picture = pool.take();
    picture->fill(0, 0, picture->width(), picture->height(), luma_, 90, 100);
    return std::optional(Frame{picture->view(), {}, picture});
  }
  std::uint8_t luma_;
  MediaInfo info_;
};

struct Files {
  int opened = 0;
  SourceOpener opener() {
    return
        [this](const fs::path& path, const SourceOptions&) -> Result<std::unique_ptr<MediaSource>> {
          ++opened;
          if (path == "broken") return fail(ErrorCode::invalid, "broken: holds no picture");
          return std::unique_ptr<MediaSource>(std::make_unique<ShadeSource>(60));
        };
  }
};

SceneWish with_layout() {
  SceneWish wish;
  wish.layout.main = {0, 0, 750, 850};
  wish.layout.ticker = {0, 850, 1000, 150};
  wish.layout.corner = {750, 0, 250, 850};
  wish.layout.ticker_text = "前往机场的列车 next train 12 min";
  wish.corner_file = "corner";
  return wish;
}

std::uint8_t luma_at(const Picture& picture, int x, int y) {
  return picture.y[static_cast<std::ptrdiff_t>(picture.y_stride) * y + x];
}

// An item's frame, of one shade.
std::shared_ptr<PictureBuffer> frame_of(Scene& scene, std::uint8_t luma) {
  auto frame = scene.pool().take();
  frame->fill(0, 0, frame->width(), frame->height(), luma, 128, 128);
  return frame;
}

std::vector<std::uint8_t> row_of(const Picture& picture, int y) {
  const auto* row = picture.y + static_cast<std::ptrdiff_t>(picture.y_stride) * y;
  return {row, row + picture.width};
}

}  // namespace

TEST_CASE("an item that fills the glass with nothing over it has no scene") {
  Files files;
  const Stage stage({kWidth, kHeight, kVblank, files.opener()});
  SceneWish wish;
  CHECK(stage.scene(wish) == nullptr);
  wish.layout.ticker = {0, 900, 1000, 100};  // a ticker that says nothing
  wish.layout.corner = {900, 0, 100, 100};   // a corner that shows nothing
  CHECK(stage.scene(wish) == nullptr);
  wish.code = "https://qr.example/x";
  CHECK(stage.scene(wish) != nullptr);
}

TEST_CASE("zones are even, on the glass, and leave no line between them") {
  for (const int width : {1280, 1366, 720, 642}) {
    const PixelZone left = pixels_of({0, 0, 333, 1000}, width, 720);
    const PixelZone right = pixels_of({333, 0, 667, 1000}, width, 720);
    CHECK(left.x + left.width == right.x);
    CHECK(right.x + right.width == width);
    CHECK((left.width % 2 == 0 && right.x % 2 == 0));
  }
  CHECK(pixels_of({}, 1280, 720).empty());
}

TEST_CASE("main, ticker and corner each lie in their zone") {
  Files files;
  const Stage stage({kWidth, kHeight, kVblank, files.opener()});
  const auto scene = stage.scene(with_layout());
  REQUIRE(scene);
  CHECK(scene->pool().width() == 480);
  CHECK(scene->pool().height() == 306);
  scene->prepare();
  CHECK(scene->moves());
  const auto frame = frame_of(*scene, 200);
  const Picture picture = scene->compose(frame->view(), true, 1'000'000);
  REQUIRE(picture.width == kWidth);
  REQUIRE(picture.height == kHeight);
  for (int y = 0; y < 306; ++y) {
    for (int x = 0; x < kWidth; ++x) REQUIRE(luma_at(picture, x, y) == (x < 480 ? 200 : 60));
  }
  int bright = 0, dark = 0;
  for (int y = 306; y < kHeight; ++y) {
    for (int x = 0; x < kWidth; ++x) {
      bright += luma_at(picture, x, y) > 180;
      dark += luma_at(picture, x, y) < 60;
    }
  }
  CHECK(bright > 500);
  CHECK(dark > 10'000);
  CHECK(files.opened == 1);
}

TEST_CASE("what stays the same is drawn once, and what breaks is left out") {
  Files files;
  const Stage stage({kWidth, kHeight, kVblank, files.opener()});
  for (int i = 0; i < 5; ++i) stage.scene(with_layout())->prepare();
  CHECK(files.opened == 1);
  SceneWish wish = with_layout();
  wish.corner_file = "broken";
  const auto scene = stage.scene(wish);
  scene->prepare();
  const auto frame = frame_of(*scene, 200);
  CHECK(luma_at(scene->compose(frame->view(), true, 5), 600, 100) == 16);
}

TEST_CASE("the ticker's place is a function of the vblanks that have passed") {
  Files files;
  const Stage stage({kWidth, kHeight, kVblank, files.opener()});
  const SceneWish wish = with_layout();
  const auto scene = stage.scene(wish);
  scene->prepare();
  const auto frame = frame_of(*scene, 200);
  const int step = ticker_step(kWidth, kVblank);
  REQUIRE(step == 2);
  const Micros begin = 1'000'000'000;
  std::vector<std::vector<std::uint8_t>> rows;
  const auto show = [&](Scene& on, int vblank) {
    rows.push_back(row_of(on.compose(frame->view(), false, begin + vblank * kVblank), 333));
  };
  // Of the row now, what stood `pixels` further right in the one before.
  const auto moved = [&](std::size_t from, std::size_t to, int pixels) {
    return std::equal(rows[to].begin(), rows[to].end() - pixels, rows[from].begin() + pixels);
  };
  for (int vblank = 0; vblank < 10; ++vblank) show(*scene, vblank);
  for (std::size_t i = 1; i < 10; ++i) CHECK(moved(i - 1, i, step));
  CHECK_FALSE(moved(0, 1, 0));
  show(*scene, 14);  // four vblanks were missed
  CHECK(moved(9, 10, 5 * step));
  // Another item of the same layout takes over: the text runs on.
  const auto next = stage.scene(wish);
  next->prepare();
  show(*next, 15);
  CHECK(moved(10, 11, step));
  // Asked again for the same vblank it stands still.
  show(*next, 15);
  CHECK(moved(11, 12, 0));
}

TEST_CASE("a strip is shown from any place on, round and round") {
  const auto strip = draw_ticker_strip("你好 abc", 200, 40);
  REQUIRE(strip);
  PictureBuffer to(200, 40);
  for (const std::int64_t moved :
       {std::int64_t{0}, std::int64_t{2}, std::int64_t{198}, std::int64_t{1'000'000'000'002}}) {
    copy_strip(strip->view(), moved, to.planes());
    for (int x = 0; x < 200; ++x) {
      const int from = static_cast<int>((moved + x) % strip->width());
      REQUIRE(luma_at(to.view(), x, 20) == luma_at(strip->view(), from, 20));
    }
  }
  CHECK(draw_ticker_strip("", 200, 40) == nullptr);
  // Longer than any bitmap of Cairo.
  std::string novel;
  for (int i = 0; i < 1'300; ++i) novel += "字";
  const auto longest = draw_ticker_strip(novel, 1280, 72);
  REQUIRE(longest);
  CHECK(longest->width() > 1'300 * 40);
  int bright = 0;
  for (int y = 0; y < 72; ++y) {
    for (int x = 1'200 * 40; x < 1'250 * 40; ++x) bright += luma_at(longest->view(), x, y) > 180;
  }
  CHECK(bright > 500);
}

TEST_CASE("the code stands in the corner that its template names, whole, with its quiet zone") {
  Files files;
  const Stage stage({kWidth, kHeight, kVblank, files.opener()});
  const std::string url = "https://qr.example/AeYA62EEAwIBpPYb9PzzfBYW9GxvYmJ5LTE";
  const auto matrix = encode_qr(url);
  REQUIRE(matrix.ok());
  for (const QrPlace place :
       {QrPlace::bottom_right, QrPlace::bottom_left, QrPlace::top_right, QrPlace::top_left}) {
    CAPTURE(static_cast<int>(place));
    SceneWish wish;
    wish.code = url;
    wish.code_place = place;
    wish.code_permille = 400;
    const auto scene = stage.scene(wish);
    REQUIRE(scene);
    CHECK(scene->pool().width() == kWidth);
    scene->prepare();
    CHECK_FALSE(scene->moves());
    const auto frame = frame_of(*scene, 90);
    const Picture picture = scene->compose(frame->view(), true, 1);
    const int module = 144 / matrix->whole(), side = (matrix->whole() * module + 1) / 2 * 2;
    const bool right = place == QrPlace::bottom_right || place == QrPlace::top_right;
    const bool bottom = place == QrPlace::bottom_right || place == QrPlace::bottom_left;
    const int left = right ? kWidth - 12 - side : 12, top = bottom ? kHeight - 12 - side : 12;
    for (int y = 0; y < matrix->whole(); ++y) {
      for (int x = 0; x < matrix->whole(); ++x) {
        const int column = x - kQrQuietZone, row = y - kQrQuietZone;
        const bool within = column >= 0 && row >= 0 && column < matrix->size && row < matrix->size;
        const bool dark = within && matrix->at(column, row);
        REQUIRE(luma_at(picture, left + x * module + 1, top + y * module + 1) == (dark ? 16 : 235));
      }
    }
    CHECK(luma_at(picture, left - 2, top + 20) == 90);
  }
}

TEST_CASE("a code that has no room is left out, and the item shows") {
  Files files;
  const Stage stage({64, 64, kVblank, files.opener()});
  SceneWish wish;
  wish.code = std::string(300, 'x');
  const auto scene = stage.scene(wish);
  scene->prepare();
  const auto frame = frame_of(*scene, 77);
  const Picture picture = scene->compose(frame->view(), true, 1);
  for (int y = 0; y < 64; ++y) {
    for (int x = 0; x < 64; ++x) REQUIRE(luma_at(picture, x, y) == 77);
  }
}

TEST_CASE("nothing of the scene before is left when another layout follows") {
  Files files;
  const Stage stage({kWidth, kHeight, kVblank, files.opener()});
  const auto before = stage.scene(with_layout());
  before->prepare();
  const auto large = frame_of(*before, 200);
  (void)before->compose(large->view(), true, 1);
  SceneWish wish;
  wish.layout.main = {250, 250, 500, 500};
  const auto after = stage.scene(wish);
  REQUIRE(after);
  after->prepare();
  const auto small = frame_of(*after, 120);
  const Picture picture = after->compose(small->view(), true, 2);
  for (int y = 0; y < kHeight; ++y) {
    for (int x = 0; x < kWidth; ++x) {
      const bool within = x >= 160 && x < 480 && y >= 90 && y < 270;
      REQUIRE(luma_at(picture, x, y) == (within ? 120 : 16));
    }
  }
}
