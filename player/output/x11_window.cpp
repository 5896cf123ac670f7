#include "x11_window.hpp"

#include <poll.h>
#include <sys/mman.h>
#include <unistd.h>
#include <xcb/dpms.h>
#include <xcb/shm.h>
#include <xcb/xcbext.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <span>
#include <vector>

#include "platform/crypto.hpp"
#include "xrgb.hpp"

namespace vitrine::x11 {

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

namespace {

// Of how many rows one is read back when the glass is checked; which ones changes each time, so a
// strip that never follows is found in time, too. A whole picture would cost a frame.
constexpr int kRowsBetween = 16;

// SHA-256 of colours alone: the fourth byte of a pixel is whatever the server makes of it.
void add_colours(Sha256& hash, const std::uint8_t* row, int width, Bytes& scratch) {
  scratch.clear();
  for (int x = 0; x < width; ++x) scratch.insert(scratch.end(), row + 4 * x, row + 4 * x + 3);
  hash.add(scratch);
}

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

}  // namespace

Window::~Window() = default;

Result<std::unique_ptr<Window>> Window::open(const X11Options& options) {
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

bool Window::draw(const Picture& picture) {
  return image_->draw(picture);
}

void Window::blacken() {
  image_->blacken();
}

void Window::power(bool on) {
  lit_->power(on);
  xcb_flush(connection_.get());
}

Result<bool> Window::is_seen() {
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

void Window::put() {
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

Status Window::arrived(const Clock& clock, Micros limit) {
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

Status Window::create(const xcb_screen_t& screen) {
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
    xcb_randr_select_input(x, window_,
                           XCB_RANDR_NOTIFY_MASK_CRTC_CHANGE | XCB_RANDR_NOTIFY_MASK_OUTPUT_CHANGE);
  }
  lit_.emplace(x);
  return xcb_connection_has_error(x) == 0 ? ok() : gone();
}

xcb_cursor_t Window::no_pointer(xcb_window_t root) {
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

Error Window::gone() {
  lost_ = true;
  return unavailable("the X server is gone");
}

Error Window::refused(const xcb_generic_error_t& error) {
  lost_ = true;
  return unavailable("the X server refuses request " + std::to_string(error.major_code) + "." +
                     std::to_string(error.minor_code) + ": error " +
                     std::to_string(error.error_code));
}

Status Window::read_events() {
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

void Window::display_changed(const xcb_randr_notify_event_t& event) {
  if (event.subCode == XCB_RANDR_NOTIFY_CRTC_CHANGE && event.u.cc.crtc == place_.crtc) {
    place_.on = event.u.cc.mode != 0;
  }
  if (event.subCode == XCB_RANDR_NOTIFY_OUTPUT_CHANGE && event.u.oc.output == place_.output) {
    place_.connected = event.u.oc.connection == XCB_RANDR_CONNECTION_CONNECTED;
  }
}

}  // namespace vitrine::x11
