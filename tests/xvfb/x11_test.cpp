#include <doctest/doctest.h>
#include <signal.h>
#include <xcb/xcb.h>

#include <cstring>
#include <functional>
#include <memory>
#include <optional>
#include <sstream>

#include "player/output.hpp"
#include "player/source.hpp"
#include "process.hpp"
#include "protocol/play.hpp"
#include "show.hpp"
#include "temp_directory.hpp"

using namespace vitrine;
using namespace vitrine::testing;

namespace {

constexpr int kWidth = 320, kHeight = 180;

// An X server of the test's own, which can be killed and started again under the same name.
class XServer {
 public:
  XServer() { start("-displayfd", "1"); }
  ~XServer() {  // takes its socket away with it
    if (!process_) return;
    process_->signal(SIGTERM);
    process_->wait();
  }
  XServer(const XServer&) = delete;
  XServer& operator=(const XServer&) = delete;
  const std::string& display() const { return display_; }
  void kill() {
    process_->signal(SIGKILL);
    process_->wait();
    process_.reset();
  }
  void signal(int number) { process_->signal(number); }
  void start_again() { start(display_, "-nolock"); }

 private:
  void start(const std::string& first, const std::string& second) {
    const fs::path log = directory_ / "xvfb.log";
    process_ = std::make_unique<Process>(
        std::vector<std::string>{"Xvfb", first, second, "-screen", "0", "320x180x24", "-nolisten",
                                 "tcp", "-noreset", "-ac"},
        log);
    if (!display_.empty()) return;
    REQUIRE(until([&] {
      const auto said = read_text(log);
      if (said) display_ = number_in(*said);
      return !display_.empty();
    }));
  }

  // The server complains in the same file.
  static std::string number_in(const std::string& said) {
    std::istringstream lines(said.substr(0, said.rfind('\n') + 1));
    for (std::string line; std::getline(lines, line);) {
      if (!line.empty() && line.find_first_not_of("0123456789") == std::string::npos) {
        return ":" + line;
      }
    }
    return {};
  }

  TempDirectory directory_;
  std::string display_;
  std::unique_ptr<Process> process_;
};

// Somebody else on the same server.
class Client {
 public:
  explicit Client(const XServer& server) : x_(xcb_connect(server.display().c_str(), nullptr)) {
    REQUIRE(xcb_connection_has_error(x_) == 0);
    root_ = xcb_setup_roots_iterator(xcb_get_setup(x_)).data->root;
  }
  ~Client() { xcb_disconnect(x_); }
  Client(const Client&) = delete;
  Client& operator=(const Client&) = delete;

  std::uint32_t pixel(std::int16_t x, std::int16_t y) {
    const auto asked = xcb_get_image(x_, XCB_IMAGE_FORMAT_Z_PIXMAP, root_, x, y, 1, 1, ~0U);
    const Reply<xcb_get_image_reply_t> reply(xcb_get_image_reply(x_, asked, nullptr), std::free);
    REQUIRE(reply);
    std::uint32_t value = 0;
    std::memcpy(&value, xcb_get_image_data(reply.get()), 4);
    return value & 0xffffff;
  }
  void unmap_the_window() {
    const Reply<xcb_query_tree_reply_t> tree(
        xcb_query_tree_reply(x_, xcb_query_tree(x_, root_), nullptr), std::free);
    REQUIRE(tree->children_len == 1);
    const auto unmap = xcb_unmap_window_checked(x_, xcb_query_tree_children(tree.get())[0]);
    CHECK(xcb_request_check(x_, unmap) == nullptr);
  }
  // A window of this client over the others; gone with close_window().
  xcb_window_t lay_over(std::int16_t x, std::int16_t y, std::uint16_t width, std::uint16_t height) {
    const xcb_window_t window = xcb_generate_id(x_);
    const auto& screen = *xcb_setup_roots_iterator(xcb_get_setup(x_)).data;
    const std::uint32_t values[] = {screen.black_pixel, 1};
    CHECK(xcb_request_check(x_, xcb_create_window_checked(
                                    x_, XCB_COPY_FROM_PARENT, window, root_, x, y, width, height, 0,
                                    XCB_WINDOW_CLASS_INPUT_OUTPUT, screen.root_visual,
                                    XCB_CW_BACK_PIXEL | XCB_CW_OVERRIDE_REDIRECT, values)) ==
          nullptr);
    CHECK(xcb_request_check(x_, xcb_map_window_checked(x_, window)) == nullptr);
    return window;
  }
  void close_window(xcb_window_t window) {
    CHECK(xcb_request_check(x_, xcb_destroy_window_checked(x_, window)) == nullptr);
  }
  void move_the_window(std::uint32_t x) {
    const Reply<xcb_query_tree_reply_t> tree(
        xcb_query_tree_reply(x_, xcb_query_tree(x_, root_), nullptr), std::free);
    REQUIRE(tree->children_len == 1);
    const auto move = xcb_configure_window_checked(x_, xcb_query_tree_children(tree.get())[0],
                                                   XCB_CONFIG_WINDOW_X, &x);
    CHECK(xcb_request_check(x_, move) == nullptr);
  }
  int saver_timeout() {
    const Reply<xcb_get_screen_saver_reply_t> reply(
        xcb_get_screen_saver_reply(x_, xcb_get_screen_saver(x_), nullptr), std::free);
    return reply->timeout;
  }
  void set_saver_timeout(std::int16_t seconds) {
    CHECK(xcb_request_check(x_, xcb_set_screen_saver_checked(x_, seconds, 0, 0, 0)) == nullptr);
  }

 private:
  template <class T>
  using Reply = std::unique_ptr<T, decltype(&std::free)>;
  xcb_connection_t* x_;
  xcb_window_t root_ = 0;
};

PictureBuffer plain(std::uint8_t luma) {
  PictureBuffer picture(kWidth, kHeight);
  picture.fill(0, 0, kWidth, kHeight, luma, 128, 128);
  return picture;
}

// Something happens when it is asked for the time so many times.
class EventfulClock final : public Clock {
 public:
  EventfulClock(int looks, std::function<void()> event) : looks_(looks), event_(std::move(event)) {}
  Micros boottime() const override {
    if (--looks_ == 0) event_();
    return clock_.boottime() + later_;
  }
  void step(Micros by) { later_ += by; }
  Micros monotonic() const override { return clock_.monotonic(); }
  Micros realtime() const override { return clock_.realtime(); }
  BootId boot_id() const override { return clock_.boot_id(); }
  void sleep_until(Micros deadline) const override { clock_.sleep_until(deadline - later_); }

 private:
  SystemClock clock_;
  Micros later_ = 0;
  mutable int looks_;
  std::function<void()> event_;
};

PlayerArguments shown_on(const std::string& display) {
  PlayerArguments arguments;
  arguments.output = OutputKind::x11;
  arguments.x11.display = display;
  return arguments;
}

}  // namespace

TEST_CASE("a service waits for a display that comes late") {
  XServer server;
  server.kill();
  const StopSignal signal;
  const EventfulClock clock(3, [&] { server.start_again(); });
  const auto output = await_output(clock, shown_on(server.display()), signal);
  REQUIRE(output);
  CHECK((*output)->width() == kWidth);
}

TEST_CASE("a service gives up a display that does not come, and says why") {
  const StopSignal signal;
  std::optional<EventfulClock> clock;
  clock.emplace(3, [&] { clock->step(20 * kSecond); });
  const auto output = await_output(*clock, shown_on(":4095"), signal);
  REQUIRE_FALSE(output);
  CHECK(output.error().message == "cannot show on :4095: no X server answers");
}

TEST_CASE("where no X server is, one line says so") {
  const SystemClock clock;
  const auto output = make_x11_output(clock, {":4095"});
  REQUIRE_FALSE(output);
  CHECK(output.error().code == ErrorCode::unavailable);
  CHECK(output.error().message == "cannot show on :4095: no X server answers");
}

TEST_CASE("what names no display is refused as that") {
  const SystemClock clock;
  const auto output = make_x11_output(clock, {"here"});
  REQUIRE_FALSE(output);
  CHECK(output.error().code == ErrorCode::invalid);
  CHECK(output.error().message == "cannot show on here: 'here' names no display");
}

TEST_CASE("a picture is on the whole screen once its flip has returned, and at a vblank") {
  XServer server;
  Client client(server);
  const SystemClock clock;
  auto output = make_x11_output(clock, {server.display()});
  REQUIRE(output);
  CHECK((*output)->width() == kWidth);
  CHECK((*output)->height() == kHeight);
  CHECK((*output)->vblank_period() == 16'666);
  CHECK(((*output)->display_bits() & kDisplayVblankReal) == 0);
  const PictureBuffer white = plain(235), grey = plain(126);
  const auto first = (*output)->flip(white.view(), 0);
  REQUIRE(first);
  CHECK(client.pixel(0, 0) == 0xffffff);
  CHECK(client.pixel(kWidth - 1, kHeight - 1) == 0xffffff);
  const auto second = (*output)->flip(grey.view(), first->at + 1);
  REQUIRE(second);
  CHECK(client.pixel(0, 0) == 0x808080);
  CHECK(second->at > first->at);
  CHECK(second->sequence > first->sequence);
  for (const auto& flip : {*first, *second}) {
    CHECK((*output)->vblank_at_or_after(flip.at) == flip.at);
  }
}

TEST_CASE("flips fail while the X server is gone, and go on once it is back") {
  XServer server;
  const SystemClock clock;
  auto output = make_x11_output(clock, {server.display()});
  REQUIRE(output);
  const PictureBuffer white = plain(235);
  REQUIRE((*output)->flip(white.view(), 0));
  server.kill();
  auto flip = (*output)->flip(white.view(), 0);
  REQUIRE_FALSE(flip);
  CHECK(flip.error().message == server.display() + ": the X server is gone");
  flip = (*output)->flip(white.view(), 0);
  REQUIRE_FALSE(flip);
  CHECK(flip.error().message == server.display() + ": no X server answers");
  CHECK((*output)->display_bits() == 0);
  server.start_again();
  REQUIRE(until([&] { return (*output)->flip(white.view(), 0).ok(); }));
  CHECK(Client(server).pixel(0, 0) == 0xffffff);
}

TEST_CASE("a window that somebody took off the screen is back with the next pictures") {
  XServer server;
  Client client(server);
  const SystemClock clock;
  auto output = make_x11_output(clock, {server.display()});
  REQUIRE(output);
  const PictureBuffer white = plain(235);
  REQUIRE((*output)->flip(white.view(), 0));
  client.unmap_the_window();
  REQUIRE(client.pixel(0, 0) != 0xffffff);
  for (int i = 0; i < 2; ++i) REQUIRE((*output)->flip(white.view(), 0));
  CHECK(client.pixel(0, 0) == 0xffffff);
}

TEST_CASE(
    "a picture that is not seen is told from one that is, and opened anew it is on top again") {
  XServer server;
  Client client(server);
  const SystemClock clock;
  auto output = make_x11_output(clock, {server.display()});
  REQUIRE(output);
  PictureBuffer picture = plain(235);
  const auto seen = [&] {
    picture.fill(30, 30, 100, 40, 60, 90, 160);
    REQUIRE((*output)->flip(picture.view(), 0));
    auto shows = (*output)->shows_what_was_handed();
    REQUIRE(shows);
    REQUIRE(shows->has_value());
    return **shows;
  };
  for (int i = 0; i < 20; ++i) CHECK(seen());  // whichever rows are looked at
  SUBCASE("another window lies over it") {
    const auto window = client.lay_over(100, 40, 20, 20);
    CHECK_FALSE(seen());
    (*output)->open_anew();
    CHECK(seen());
    client.close_window(window);
    CHECK(seen());
  }
  SUBCASE("another window lay over it") {
    const auto window = client.lay_over(0, 0, 320, 20);
    CHECK_FALSE(seen());
    client.close_window(window);
    CHECK(seen());
  }
  SUBCASE("somebody moved it") {
    client.move_the_window(40);
    CHECK_FALSE(seen());
    (*output)->open_anew();
    CHECK(seen());
  }
}

TEST_CASE("the screen saver is off while something is shown, and as before afterwards") {
  XServer server;
  Client client(server);
  client.set_saver_timeout(600);
  const SystemClock clock;
  auto output = make_x11_output(clock, {server.display()});
  REQUIRE(output);
  CHECK(client.saver_timeout() == 0);
  output->reset();
  CHECK(until([&] { return client.saver_timeout() == 600; }));
}

TEST_CASE("a server that does not answer fails a flip, not the next after it goes on") {
  XServer server;
  const SystemClock clock;
  auto output = make_x11_output(clock, {server.display(), 64, 36});
  REQUIRE(output);
  PictureBuffer small(64, 36);
  REQUIRE((*output)->flip(small.view(), 0));
  server.signal(SIGSTOP);
  const auto flip = (*output)->flip(small.view(), 0);
  server.signal(SIGCONT);
  REQUIRE_FALSE(flip);
  CHECK(flip.error().message == server.display() + ": the X server does not take the picture");
  CHECK((*output)->flip(small.view(), 0));
}

TEST_CASE("a panel that is off by plan is black, takes no picture, and is lit again by the next") {
  XServer server;
  Client client(server);
  const SystemClock clock;
  auto output = make_x11_output(clock, {server.display()});
  REQUIRE(output);
  const PictureBuffer white = plain(235);
  REQUIRE((*output)->flip(white.view(), 0));
  CHECK(client.pixel(5, 5) == 0xffffff);
  REQUIRE((*output)->power(false).ok());
  CHECK(client.pixel(5, 5) == 0);
  CHECK((*output)->display_bits() == kDisplayKnownDark);
  CHECK_FALSE((*output)->flip(white.view(), 0));
  CHECK(client.pixel(5, 5) == 0);
  REQUIRE((*output)->power(true).ok());
  CHECK(((*output)->display_bits() & kDisplayKnownDark) == 0);
  REQUIRE((*output)->flip(white.view(), 0));
  CHECK(client.pixel(5, 5) == 0xffffff);
}

TEST_CASE("a server that goes away while the panel is off is found again when it is to be on") {
  XServer server;
  const SystemClock clock;
  auto output = make_x11_output(clock, {server.display()});
  REQUIRE(output);
  const PictureBuffer white = plain(235);
  REQUIRE((*output)->flip(white.view(), 0));
  REQUIRE((*output)->power(false).ok());
  server.kill();
  server.start_again();
  CHECK((*output)->power(true).ok());
  CHECK(until([&] { return (*output)->flip(white.view(), 0).ok(); }));
  Client client(server);
  CHECK(client.pixel(5, 5) == 0xffffff);
}
