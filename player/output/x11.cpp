// A window of an X server whose pictures lie in memory shared with it. The only file that calls
// xcb, which unlike Xlib ends no program when the server goes away.

#include <poll.h>
#include <sys/mman.h>
#include <unistd.h>
#include <xcb/dpms.h>
#include <xcb/randr.h>
#include <xcb/shm.h>
#include <xcb/xcb.h>
#include <xcb/xcbext.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <optional>
#include <span>
#include <vector>

#include "platform/crypto.hpp"
#include "platform/log.hpp"
#include "player/output.hpp"
#include "protocol/play.hpp"
#include "vblank.hpp"
#include "xrgb.hpp"

namespace vitrine {
namespace {

constexpr Micros kTakenWithin = 1 * kSecond;  // a server that takes longer for a picture hangs

struct Freed {
  void operator()(void* held) const { std::free(held); }
};
template <class T>
using Reply = std::unique_ptr<T, Freed>;
struct Disconnect {
  void operator()(xcb_connection_t* held) const { xcb_disconnect(held); }
};
using Connection = std::unique_ptr<xcb_connection_t, Disconnect>;

Error unavailable(std::string what) {
  return fail(ErrorCode::unavailable, std::move(what));
}

// Of how many rows one is read back when the glass is checked; which ones changes each time, so a
// strip that never follows is found in time, too. A whole picture would cost a frame.
constexpr int kRowsBetween = 16;

// Memory of one picture that the server maps as well. It is a file without a name: nothing stays
// behind when either dies.
class SharedImage {
 public:
  static Result<std::unique_ptr<SharedImage>> create(xcb_connection_t* x, int width, int height,
                                                     bool server_writes = false) {
    auto image = std::unique_ptr<SharedImage>(new SharedImage(width, height));
    FileDescriptor file(::memfd_create("vitrine-picture", MFD_CLOEXEC));
    if (!file.open() || ::ftruncate(file.get(), static_cast<off_t>(image->size())) != 0) {
      return unavailable(std::string("no memory for a picture: ") + std::strerror(errno));
    }
    void* memory =
        ::mmap(nullptr, image->size(), PROT_READ | PROT_WRITE, MAP_SHARED, file.get(), 0);
    if (memory == MAP_FAILED) {
      return unavailable(std::string("cannot map a picture: ") + std::strerror(errno));
    }
    image->pixels_ = static_cast<std::uint8_t*>(memory);
    image->segment_ = xcb_generate_id(x);
    // xcb takes the descriptor and closes it.
    const auto attach =
        xcb_shm_attach_fd_checked(x, image->segment_, file.release(), server_writes ? 0 : 1);
    if (const Reply<xcb_generic_error_t> error{xcb_request_check(x, attach)};
        error || xcb_connection_has_error(x) != 0) {
      return unavailable("the X server takes no memory of ours (is it on another machine?)");
    }
    return image;
  }
  ~SharedImage() {
    if (pixels_ != nullptr) ::munmap(pixels_, size());
  }
  SharedImage(const SharedImage&) = delete;
  SharedImage& operator=(const SharedImage&) = delete;

  xcb_shm_seg_t segment() const { return segment_; }
  int height() const { return height_; }
  const std::uint8_t* row(int at) const { return pixels_ + std::size_t{4} * width_ * at; }
  bool draw(const Picture& picture) { return convert_to_xrgb(picture, pixels_, width_ * 4); }
  void blacken() { std::memset(pixels_, 0, size()); }

 private:
  SharedImage(int width, int height) : width_(width), height_(height) {}
  std::size_t size() const { return std::size_t{4} * width_ * height_; }

  int width_, height_;
  xcb_shm_seg_t segment_ = 0;
  std::uint8_t* pixels_ = nullptr;
};

// SHA-256 of colours alone: the fourth byte of a pixel is whatever the server makes of it.
void add_colours(Sha256& hash, const std::uint8_t* row, int width, Bytes& scratch) {
  scratch.clear();
  for (int x = 0; x < width; ++x) scratch.insert(scratch.end(), row + 4 * x, row + 4 * x + 3);
  hash.add(scratch);
}

// Where the window goes, and what the server says of the display there.
struct Place {
  int x = 0, y = 0, width = 0, height = 0;
  Refresh refresh{kSecond, 60};
  xcb_randr_crtc_t crtc = 0;
  xcb_randr_output_t output = 0;
  bool connected = false, on = false;
};

ModeTimes times_of(const xcb_randr_mode_info_t& mode) {
  const bool doubled = (mode.mode_flags & XCB_RANDR_MODE_FLAG_DOUBLE_SCAN) != 0;
  return {mode.dot_clock / 1000, mode.htotal, mode.vtotal, doubled ? 2 : 1,
          (mode.mode_flags & XCB_RANDR_MODE_FLAG_INTERLACE) != 0};
}

bool present(xcb_connection_t* x, xcb_extension_t* extension) {
  const auto* data = xcb_get_extension_data(x, extension);
  return data != nullptr && data->present != 0;
}

// The primary display, else the first one in use; without RandR the whole screen.
Place find_place(xcb_connection_t* x, const xcb_screen_t& screen) {
  Place place{0, 0, screen.width_in_pixels, screen.height_in_pixels};
  if (!present(x, &xcb_randr_id)) return place;
  const Reply<xcb_randr_query_version_reply_t> version{
      xcb_randr_query_version_reply(x, xcb_randr_query_version(x, 1, 3), nullptr)};
  if (!version || version->minor_version < 3) return place;
  const Reply<xcb_randr_get_screen_resources_current_reply_t> resources{
      xcb_randr_get_screen_resources_current_reply(
          x, xcb_randr_get_screen_resources_current(x, screen.root), nullptr)};
  const Reply<xcb_randr_get_output_primary_reply_t> primary{
      xcb_randr_get_output_primary_reply(x, xcb_randr_get_output_primary(x, screen.root), nullptr)};
  if (!resources) return place;
  const std::span crtcs(xcb_randr_get_screen_resources_current_crtcs(resources.get()),
                        resources->num_crtcs);
  const std::span modes(xcb_randr_get_screen_resources_current_modes(resources.get()),
                        resources->num_modes);
  for (const xcb_randr_crtc_t crtc : crtcs) {
    const Reply<xcb_randr_get_crtc_info_reply_t> info{
        xcb_randr_get_crtc_info_reply(x, xcb_randr_get_crtc_info(x, crtc, 0), nullptr)};
    if (!info || info->mode == 0 || info->num_outputs == 0) continue;
    const std::span outputs(xcb_randr_get_crtc_info_outputs(info.get()), info->num_outputs);
    const bool first = primary && std::ranges::find(outputs, primary->output) != outputs.end();
    if (place.crtc != 0 && !first) continue;
    place = {info->x, info->y, info->width, info->height, {kSecond, 60}, crtc, outputs[0]};
    place.on = true;
    const auto mode = std::ranges::find(modes, info->mode, &xcb_randr_mode_info_t::id);
    // Virtual displays state no clock, or none that means anything.
    if (mode != modes.end()) {
      const Refresh stated = refresh_of(times_of(*mode));
      if (stated.period() > kSecond / 300 && stated.period() < kSecond / 10) place.refresh = stated;
    }
    const Reply<xcb_randr_get_output_info_reply_t> output{
        xcb_randr_get_output_info_reply(x, xcb_randr_get_output_info(x, outputs[0], 0), nullptr)};
    place.connected = output && output->connection == XCB_RANDR_CONNECTION_CONNECTED;
    if (first) break;
  }
  return place;
}

// Keeps the display lit for as long as it lives.
class KeptLit {
 public:
  explicit KeptLit(xcb_connection_t* x) : x_(x) {
    saver_.reset(xcb_get_screen_saver_reply(x, xcb_get_screen_saver(x), nullptr));
    if (saver_) {
      xcb_set_screen_saver(x, 0, 0, saver_->prefer_blanking, saver_->allow_exposures);
      xcb_force_screen_saver(x, XCB_SCREEN_SAVER_RESET);
    }
    if (!present(x, &xcb_dpms_id)) return;
    const Reply<xcb_dpms_info_reply_t> info{xcb_dpms_info_reply(x, xcb_dpms_info(x), nullptr)};
    dpms_ = info && info->state != 0;
    if (dpms_) xcb_dpms_disable(x);  // which also wakes a display that sleeps
    const Reply<xcb_dpms_capable_reply_t> capable{
        xcb_dpms_capable_reply(x, xcb_dpms_capable(x), nullptr)};
    switches_ = capable && capable->capable != 0;
  }
  // The panel itself, where the server can. A level is only taken while DPMS is enabled.
  void power(bool on) {
    if (!switches_) return;
    if (!on) xcb_dpms_enable(x_);
    xcb_dpms_force_level(x_, on ? XCB_DPMS_DPMS_MODE_ON : XCB_DPMS_DPMS_MODE_OFF);
    if (on) xcb_dpms_disable(x_);
  }
  ~KeptLit() {
    if (saver_) {
      xcb_set_screen_saver(x_, static_cast<std::int16_t>(saver_->timeout),
                           static_cast<std::int16_t>(saver_->interval), saver_->prefer_blanking,
                           saver_->allow_exposures);
    }
    if (dpms_) xcb_dpms_enable(x_);
    await_server();
  }
  KeptLit(const KeptLit&) = delete;
  KeptLit& operator=(const KeptLit&) = delete;

 private:
  // A server forgets requests of a client that is gone before they were read. One that hangs is not
  // waited for longer than a second.
  void await_server() {
    const auto asked = xcb_get_input_focus(x_);
    xcb_flush(x_);
    void* reply = nullptr;
    xcb_generic_error_t* error = nullptr;
    for (int i = 0; i < 10 && xcb_poll_for_reply(x_, asked.sequence, &reply, &error) == 0; ++i) {
      pollfd entry{xcb_get_file_descriptor(x_), POLLIN, 0};
      ::poll(&entry, 1, 100);
    }
    std::free(reply);
    std::free(error);
  }

  xcb_connection_t* x_;
  Reply<xcb_get_screen_saver_reply_t> saver_;
  bool dpms_ = false, switches_ = false;
};

Error no_server(int error, const std::string& display) {
  if (error == XCB_CONN_CLOSED_PARSE_ERR) {
    return fail(ErrorCode::invalid, display.empty() ? "no display is named (--display, $DISPLAY)"
                                                    : "'" + display + "' names no display");
  }
  return unavailable(error == XCB_CONN_CLOSED_INVALID_SCREEN ? "the X server has no such screen"
                                                             : "no X server answers");
}

// Only what the pictures are made for: 32 bits a pixel, blue first.
bool takes_our_pixels(const xcb_setup_t& setup, const xcb_screen_t& screen) {
  const std::span formats(xcb_setup_pixmap_formats(&setup),
                          static_cast<std::size_t>(xcb_setup_pixmap_formats_length(&setup)));
  const auto format = std::ranges::find(formats, screen.root_depth, &xcb_format_t::depth);
  if (format == formats.end() || format->bits_per_pixel != 32) return false;
  if (setup.image_byte_order != XCB_IMAGE_ORDER_LSB_FIRST) return false;
  for (auto depth = xcb_screen_allowed_depths_iterator(&screen); depth.rem > 0;
       xcb_depth_next(&depth)) {
    for (auto visual = xcb_depth_visuals_iterator(depth.data); visual.rem > 0;
         xcb_visualtype_next(&visual)) {
      if (visual.data->visual_id == screen.root_visual) {
        return visual.data->red_mask == 0xff0000 && visual.data->blue_mask == 0xff;
      }
    }
  }
  return false;
}

// One connection and its window.
class Window {
 public:
  static Result<std::unique_ptr<Window>> open(const X11Options& options) {
    auto window = std::unique_ptr<Window>(new Window());
    int number = 0;
    const char* named = options.display.empty() ? nullptr : options.display.c_str();
    window->connection_.reset(xcb_connect(named, &number));
    xcb_connection_t* x = window->connection_.get();
    if (const int error = xcb_connection_has_error(x)) return no_server(error, options.display);
    const xcb_setup_t& setup = *xcb_get_setup(x);
    auto screens = xcb_setup_roots_iterator(&setup);
    for (; number > 0; --number) xcb_screen_next(&screens);
    const xcb_screen_t& screen = *screens.data;
    if (!takes_our_pixels(setup, screen)) {
      return unavailable("the X server has no pixels of 24 bits in 32");
    }
    window->place_ = find_place(x, screen);
    if (options.width > 0) window->place_.width = options.width;
    if (options.height > 0) window->place_.height = options.height;
    if (auto made = window->create(screen); !made) return std::move(made).error();
    return window;
  }

  const Place& place() const { return place_; }
  bool lost() const { return lost_; }  // of no more use
  bool draw(const Picture& picture) { return image_->draw(picture); }

  void blacken() { image_->blacken(); }
  void power(bool on) {
    lit_->power(on);
    xcb_flush(connection_.get());
  }

  // Whether the screen shows the picture that was put last, where the window is: whoever lies over
  // it is in the way. Asked of the root window, for ours alone need not be what is seen.
  Result<bool> is_seen() {
    xcb_connection_t* x = connection_.get();
    first_row_ = (first_row_ + 1) % std::min(kRowsBetween, place_.height);
    const int rows = (place_.height - first_row_ + kRowsBetween - 1) / kRowsBetween;
    if (!seen_ || seen_->height() < rows) {
      auto image = SharedImage::create(x, place_.width,
                                       (place_.height + kRowsBetween - 1) / kRowsBetween, true);
      if (!image) return std::move(image).error();
      seen_ = std::move(*image);
    }
    std::vector<xcb_shm_get_image_cookie_t> asked;
    for (int i = 0; i < rows; ++i) {
      const int row = first_row_ + i * kRowsBetween;
      asked.push_back(xcb_shm_get_image(
          x, root_, static_cast<std::int16_t>(place_.x), static_cast<std::int16_t>(place_.y + row),
          static_cast<std::uint16_t>(place_.width), 1, ~0U, XCB_IMAGE_FORMAT_Z_PIXMAP,
          seen_->segment(), static_cast<std::uint32_t>(i * place_.width * 4)));
    }
    bool all = true;
    for (const auto& cookie : asked) {
      xcb_generic_error_t* refused = nullptr;
      const Reply<xcb_shm_get_image_reply_t> reply{xcb_shm_get_image_reply(x, cookie, &refused)};
      const Reply<xcb_generic_error_t> error{refused};
      all = all && reply != nullptr;
    }
    if (!all) return unavailable("the X server does not tell what is on the screen");
    Sha256 handed, seen;
    Bytes scratch;
    for (int i = 0; i < rows; ++i) {
      add_colours(handed, image_->row(first_row_ + i * kRowsBetween), place_.width, scratch);
      add_colours(seen, seen_->row(i), place_.width, scratch);
    }
    return handed.finish() == seen.finish();
  }

  // Copied to the screen by the server, now; on the way until arrived() says it is there.
  void put() {
    xcb_connection_t* x = connection_.get();
    // In one go with its first picture: in between the desktop would show through.
    if (!mapped_) xcb_map_window(x, window_);
    mapped_ = true;
    const auto width = static_cast<std::uint16_t>(place_.width);
    const auto height = static_cast<std::uint16_t>(place_.height);
    const auto cookie =
        xcb_shm_put_image(x, window_, context_, width, height, 0, 0, width, height, 0, 0, depth_,
                          XCB_IMAGE_FORMAT_Z_PIXMAP, 1, image_->segment(), 0);
    on_the_way_ = cookie.sequence;
    xcb_flush(x);
  }

  // Waits until the server is through with the image: it may be drawn into again.
  Status arrived(const Clock& clock, Micros limit) {
    for (;;) {
      if (auto read = read_events(); !read) return read;
      if (!on_the_way_) return ok();
      const Micros left = limit - clock.boottime();
      if (left <= 0) return unavailable("the X server does not take the picture");
      pollfd entry{xcb_get_file_descriptor(connection_.get()), POLLIN, 0};
      if (::poll(&entry, 1, static_cast<int>(left / kMillisecond) + 1) < 0 && errno != EINTR) {
        return unavailable(std::string("cannot wait for the X server: ") + std::strerror(errno));
      }
    }
  }

 private:
  Window() = default;

  Status create(const xcb_screen_t& screen) {
    xcb_connection_t* x = connection_.get();
    const Reply<xcb_shm_query_version_reply_t> version{
        present(x, &xcb_shm_id) ? xcb_shm_query_version_reply(x, xcb_shm_query_version(x), nullptr)
                                : nullptr};
    if (!version || version->major_version * 100 + version->minor_version < 102) {
      return unavailable("the X server has no MIT-SHM 1.2");
    }
    auto image = SharedImage::create(x, place_.width, place_.height);
    if (!image) return std::move(image).error();
    image_ = std::move(*image);
    depth_ = screen.root_depth;
    root_ = screen.root;
    shm_event_ = xcb_get_extension_data(x, &xcb_shm_id)->first_event;

    window_ = xcb_generate_id(x);
    context_ = xcb_generate_id(x);
    const std::uint32_t background = XCB_BACK_PIXMAP_NONE;  // nothing is painted but pictures
    const std::uint32_t values[] = {background, XCB_GRAVITY_NORTH_WEST, 1,
                                    XCB_EVENT_MASK_STRUCTURE_NOTIFY, no_pointer(screen.root)};
    const auto made = xcb_create_window_checked(
        x, XCB_COPY_FROM_PARENT, window_, screen.root, static_cast<std::int16_t>(place_.x),
        static_cast<std::int16_t>(place_.y), static_cast<std::uint16_t>(place_.width),
        static_cast<std::uint16_t>(place_.height), 0, XCB_WINDOW_CLASS_INPUT_OUTPUT,
        screen.root_visual,
        XCB_CW_BACK_PIXMAP | XCB_CW_BIT_GRAVITY | XCB_CW_OVERRIDE_REDIRECT | XCB_CW_EVENT_MASK |
            XCB_CW_CURSOR,
        values);
    if (const Reply<xcb_generic_error_t> error{xcb_request_check(x, made)}) {
      return refused(*error);
    }
    xcb_create_gc(x, context_, window_, 0, nullptr);
    if (place_.crtc != 0) {
      randr_event_ = xcb_get_extension_data(x, &xcb_randr_id)->first_event;
      xcb_randr_select_input(
          x, window_, XCB_RANDR_NOTIFY_MASK_CRTC_CHANGE | XCB_RANDR_NOTIFY_MASK_OUTPUT_CHANGE);
    }
    lit_.emplace(x);
    return xcb_connection_has_error(x) == 0 ? ok() : gone();
  }

  // A pointer whose every pixel is left out.
  xcb_cursor_t no_pointer(xcb_window_t root) {
    xcb_connection_t* x = connection_.get();
    const xcb_pixmap_t dot = xcb_generate_id(x);
    const xcb_gcontext_t context = xcb_generate_id(x);
    const xcb_cursor_t cursor = xcb_generate_id(x);
    const std::uint32_t nothing = 0;
    const xcb_rectangle_t whole{0, 0, 1, 1};
    xcb_create_pixmap(x, 1, dot, root, 1, 1);
    xcb_create_gc(x, context, dot, XCB_GC_FOREGROUND, &nothing);
    xcb_poly_fill_rectangle(x, dot, context, 1, &whole);
    xcb_create_cursor(x, cursor, dot, dot, 0, 0, 0, 0, 0, 0, 0, 0);
    xcb_free_gc(x, context);
    xcb_free_pixmap(x, dot);
    return cursor;
  }

  Error gone() {
    lost_ = true;
    return unavailable("the X server is gone");
  }
  Error refused(const xcb_generic_error_t& error) {
    lost_ = true;
    return unavailable("the X server refuses request " + std::to_string(error.major_code) + "." +
                       std::to_string(error.minor_code) + ": error " +
                       std::to_string(error.error_code));
  }

  Status read_events() {
    while (const Reply<xcb_generic_event_t> event{xcb_poll_for_event(connection_.get())}) {
      const int type = event->response_type & 0x7f;
      const auto* of = event.get();
      if (type == 0) return refused(*reinterpret_cast<const xcb_generic_error_t*>(of));
      if (type == XCB_DESTROY_NOTIFY) {
        lost_ = true;
        return unavailable("somebody closed the window");
      }
      if (type == XCB_UNMAP_NOTIFY) mapped_ = false;  // the next picture brings it back
      if (type == shm_event_ + XCB_SHM_COMPLETION && of->full_sequence == on_the_way_) {
        on_the_way_.reset();
      }
      if (randr_event_ && type == *randr_event_ + XCB_RANDR_NOTIFY) {
        display_changed(*reinterpret_cast<const xcb_randr_notify_event_t*>(of));
      }
    }
    return xcb_connection_has_error(connection_.get()) == 0 ? ok() : gone();
  }

  void display_changed(const xcb_randr_notify_event_t& event) {
    if (event.subCode == XCB_RANDR_NOTIFY_CRTC_CHANGE && event.u.cc.crtc == place_.crtc) {
      place_.on = event.u.cc.mode != 0;
    }
    if (event.subCode == XCB_RANDR_NOTIFY_OUTPUT_CHANGE && event.u.oc.output == place_.output) {
      place_.connected = event.u.oc.connection == XCB_RANDR_CONNECTION_CONNECTED;
    }
  }

  Connection connection_;  // first: the rest is its own
  Place place_;
  std::unique_ptr<SharedImage> image_;
  std::unique_ptr<SharedImage> seen_;  // rows read back; made when they first are
  int first_row_ = 0;                  // of these
  std::uint8_t depth_ = 0;
  xcb_window_t root_ = 0, window_ = 0;
  xcb_gcontext_t context_ = 0;
  int shm_event_ = 0;
  std::optional<int> randr_event_;
  std::optional<KeptLit> lit_;
  std::optional<std::uint32_t> on_the_way_;  // the request that put the picture
  bool mapped_ = false, lost_ = false;
};

class X11Output final : public Output {
 public:
  X11Output(const Clock& clock, X11Options options, std::unique_ptr<Window> window)
      : clock_(clock),
        options_(std::move(options)),
        width_(window->place().width / 2 * 2),
        height_(window->place().height / 2 * 2),
        refresh_(window->place().refresh),
        grid_(0, refresh_),
        window_(std::move(window)) {}

  // Even, because pictures are; the last column or row of an odd display stays black.
  int width() const override { return width_; }
  int height() const override { return height_; }
  Micros vblank_period() const override { return refresh_.period(); }
  Micros vblank_at_or_after(Micros at) const override { return grid_.at_or_after(at); }

  std::uint32_t display_bits() const override {
    if (!on_) return kDisplayKnownDark;
    if (!window_) return 0;
    return (window_->place().connected ? kDisplayConnected : 0) |
           (window_->place().on ? kDisplayCrtcOn : 0);
  }

  Result<Flip> flip(const Picture& picture, Micros target) override {
    if (picture.width != width_ || picture.height != height_) {
      return fail(ErrorCode::internal, "picture of " + std::to_string(picture.width) + "x" +
                                           std::to_string(picture.height) +
                                           " handed to an output of another size");
    }
    if (!on_) return fail(ErrorCode::internal, "a picture handed to a panel that is off");
    if (!window_) {
      auto opened = Window::open(options_);
      if (!opened) return std::move(opened).error().context(options_.display);
      window_ = std::move(*opened);
    }
    auto flip = turn(picture, target);
    if (flip) return flip;
    if (window_->lost()) window_.reset();
    return std::move(flip).error().context(options_.display);
  }

  // By DPMS where the server has it; behind that, or instead of it, the window is black.
  Status power(bool on) override {
    if (on == on_) return ok();
    if (!window_ && !on) return unavailable("no window is open");
    if (!on) {
      if (auto free = window_->arrived(clock_, clock_.boottime() + kTakenWithin); !free)
        return free;
      window_->blacken();
      window_->put();
      if (auto taken = window_->arrived(clock_, clock_.boottime() + kTakenWithin); !taken)
        return taken;
    }
    if (window_) window_->power(on);  // a new one wakes the display by itself
    on_ = on;
    return ok();
  }

  Result<std::optional<bool>> shows_what_was_handed() override {
    if (!window_) return std::optional<bool>();
    auto seen = window_->is_seen();
    if (!seen) return std::move(seen).error().context(options_.display);
    return std::optional<bool>(*seen);
  }
  void open_anew() override { window_.reset(); }

 private:
  Result<Flip> turn(const Picture& picture, Micros target) {
    // The one before, where its flip was given up: the server may still read the image.
    const Micros now = clock_.boottime();
    if (auto free = window_->arrived(clock_, now + kTakenWithin); !free) {
      return std::move(free).error();
    }
    if (!window_->draw(picture)) return fail(ErrorCode::internal, "a picture cannot be drawn");
    const Micros vblank = grid_.at_or_after(std::max({target, clock_.boottime(), last_at_ + 1}));
    while (clock_.boottime() < vblank) clock_.sleep_until(vblank);
    window_->put();
    if (auto taken = window_->arrived(clock_, vblank + kTakenWithin); !taken) {
      return std::move(taken).error();
    }
    // By the framebuffer of an Xvfb this is the moment to go by: the answer comes within 0.1 ms
    // (median) of the picture, the vblank aimed at is 4 ms before it on busy cores. But items are
    // anchored at what is told here, and between two vblanks each would last up to one longer.
    last_at_ = grid_.at_or_before(clock_.boottime());
    return Flip{last_at_, ++sequence_};
  }

  const Clock& clock_;
  X11Options options_;
  int width_, height_;
  Refresh refresh_;
  VblankGrid grid_;  // from the boot on
  std::unique_ptr<Window> window_;
  Micros last_at_ = 0;
  std::uint64_t sequence_ = 0;
  bool on_ = true;
};

}  // namespace

Result<std::unique_ptr<Output>> make_x11_output(const Clock& clock, const X11Options& options) {
  const char* named = std::getenv("DISPLAY");
  X11Options wanted = options;
  if (wanted.display.empty() && named != nullptr) wanted.display = named;
  auto window = Window::open(wanted);
  if (!window) {
    return std::move(window).error().context(
        "cannot show on " + (wanted.display.empty() ? std::string("X") : wanted.display));
  }
  // A server that comes back with another display gets pictures of the size they are made in.
  wanted.width = (*window)->place().width;
  wanted.height = (*window)->place().height;
  auto output = std::make_unique<X11Output>(clock, wanted, std::move(*window));
  log_info("shows on {}: {}x{}, a vblank every {} us by our own count", wanted.display,
           output->width(), output->height(), output->vblank_period());
  return std::unique_ptr<Output>(std::move(output));
}

}  // namespace vitrine
