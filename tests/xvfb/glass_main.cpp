// What was on the screen of an Xvfb, told by its framebuffer alone: `Xvfb -fbdir` keeps that in a
// file, which is looked at every millisecond without a word to the server. Writes the record of
// docs/glass.md, one flip for each picture that stood for two looks, its time that of the first.
//
//     vitrine-xvfb-glass FRAMEBUFFER DIRECTORY DISPLAY
//
// First it paints the desktop of DISPLAY in a colour that no creative has. A line of stdout for
// each picture that shows some of it or nothing but black, `<us> desktop 0` or `<us> black 0`; and
// where two looks lie further apart than they should, `<us of the second> away <us since the
// first>`: what a witness did not see he cannot tell.

#include <arpa/inet.h>
#include <fcntl.h>
#include <libyuv.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <xcb/xcb.h>

#include <algorithm>
#include <cstdio>
#include <cstring>

#include "output/glass_record.hpp"
#include "platform/service.hpp"

using namespace vitrine;

namespace {

constexpr std::uint32_t kDesktop = 0xff00fe;
constexpr Micros kLookEvery = 1 * kMillisecond;
constexpr Micros kAway = 8 * kMillisecond;  // half a vblank

bool paint_desktop(const char* display) {
  xcb_connection_t* x = xcb_connect(display, nullptr);
  if (xcb_connection_has_error(x) == 0) {
    const xcb_window_t root = xcb_setup_roots_iterator(xcb_get_setup(x)).data->root;
    xcb_change_window_attributes(x, root, XCB_CW_BACK_PIXEL, &kDesktop);
    const auto cleared = xcb_clear_area_checked(x, 0, root, 0, 0, 0, 0);
    std::free(xcb_request_check(x, cleared));
  }
  const bool painted = xcb_connection_has_error(x) == 0;
  xcb_disconnect(x);
  return painted;
}

// An XWD file (X11/XWDFile.h): a header of big-endian words, a colour map, pixels.
class Framebuffer {
 public:
  explicit Framebuffer(const char* path) {
    const FileDescriptor file(::open(path, O_RDONLY | O_CLOEXEC));
    struct stat about {};
    if (!file.open() || ::fstat(file.get(), &about) != 0) return;
    const auto size = static_cast<std::size_t>(about.st_size);
    void* memory = ::mmap(nullptr, size, PROT_READ, MAP_SHARED, file.get(), 0);
    if (size < 100 || memory == MAP_FAILED) return;
    const auto word = [&](int number) {
      return ntohl(static_cast<const std::uint32_t*>(memory)[number]);
    };
    if (word(11) != 32) return;  // bits a pixel
    width = static_cast<int>(word(4));
    height = static_cast<int>(word(5));
    stride = static_cast<int>(word(12));
    pixels = static_cast<const std::uint8_t*>(memory) + word(0) + word(19) * 12;
  }
  int width = 0, height = 0, stride = 0;
  const std::uint8_t* pixels = nullptr;  // null: no such file
};

using Samples = std::vector<std::uint32_t>;

// Some pixels of every 20th row, close enough to meet each cell of a code (demo/strip.py).
void take(const Framebuffer& from, Samples& samples) {
  samples.clear();
  const int step = std::max(1, from.width / 64);
  for (int row = 0; row < from.height; row += 20) {
    const std::uint8_t* line = from.pixels + static_cast<std::ptrdiff_t>(row) * from.stride;
    for (int column = step / 2; column < from.width; column += step) {
      std::uint32_t pixel = 0;
      std::memcpy(&pixel, line + 4 * column, 4);
      samples.push_back(pixel & 0xffffff);
    }
  }
}

bool is_black(std::uint32_t pixel) {
  return (pixel & 0xff) < 16 && (pixel >> 8 & 0xff) < 16 && pixel >> 16 < 16;
}

void say(Micros at, const char* what, Micros figure = 0) {
  std::printf("%lld %s %lld\n", static_cast<long long>(at), what, static_cast<long long>(figure));
}

void tell(const Samples& picture, Micros at) {
  if (std::ranges::find(picture, kDesktop) != picture.end()) say(at, "desktop");
  if (std::ranges::all_of(picture, is_black)) say(at, "black");
}

Status watch(const Framebuffer& screen, const fs::path& directory, const StopSignal& stop) {
  const SystemClock clock;
  auto record = GlassRecord::create(directory, clock.boottime(), screen.width, screen.height);
  if (!record) return std::move(record).error();
  PictureBuffer buffer(screen.width, screen.height);
  const Planes planes = buffer.planes();

  Samples shown, seen, now;
  Micros seen_at = 0, looked_at = clock.boottime();
  std::uint64_t looks = 0;
  std::puts("watching");
  std::fflush(stdout);
  while (!stop.raised()) {
    clock.sleep_until(looked_at + kLookEvery);
    const Micros at = clock.boottime();
    if (at - looked_at > kAway) say(at, "away", at - looked_at);
    looked_at = at;
    ++looks;
    take(screen, now);
    if (now == shown) {
      seen = now;
      continue;
    }
    if (now != seen) {  // or the server is in the middle of it
      seen = now;
      seen_at = at;
      continue;
    }
    libyuv::ARGBToI420(screen.pixels, screen.stride, planes.y, planes.y_stride, planes.u,
                       planes.uv_stride, planes.v, planes.uv_stride, screen.width, screen.height);
    if (auto kept = (*record)->record(buffer.view(), {seen_at, looks}); !kept) return kept;
    tell(now, seen_at);
    shown = now;
  }
  return ok();
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 4) {
    std::fputs("usage: vitrine-xvfb-glass FRAMEBUFFER DIRECTORY DISPLAY\n", stderr);
    return 2;
  }
  const StopSignal stop;
  const Framebuffer screen(argv[1]);
  if (screen.pixels == nullptr || screen.width % 2 != 0 || screen.height % 2 != 0) {
    std::fprintf(stderr, "%s is no framebuffer of Xvfb\n", argv[1]);
    return 1;
  }
  if (!paint_desktop(argv[3])) {
    std::fprintf(stderr, "no X server answers on %s\n", argv[3]);
    return 1;
  }
  if (const Status watched = watch(screen, argv[2], stop); !watched) {
    std::fprintf(stderr, "%s\n", watched.error().message.c_str());
    return 1;
  }
  return 0;
}
