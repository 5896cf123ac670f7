// A window of an X server whose pictures lie in memory shared with it (MIT-SHM 1.2).
#pragma once

#include <cstdint>
#include <memory>
#include <optional>

#include "player/output.hpp"
#include "x11_display.hpp"

namespace vitrine::x11 {

struct Disconnect {
  void operator()(xcb_connection_t* held) const { xcb_disconnect(held); }
};
using Connection = std::unique_ptr<xcb_connection_t, Disconnect>;
class SharedImage;

// One connection and its window.
class Window {
 public:
  ~Window();
  static Result<std::unique_ptr<Window>> open(const X11Options& options);

  const Place& place() const { return place_; }
  bool lost() const { return lost_; }  // of no more use
  bool draw(const Picture& picture);

  void blacken();
  void power(bool on);

  // Whether the screen shows the picture that was put last, where the window is: whoever lies over
  // it is in the way. Asked of the root window, for ours alone need not be what is seen.
  Result<bool> is_seen();

  // Copied to the screen by the server, now; on the way until arrived() says it is there.
  void put();

  // Waits until the server is through with the image: it may be drawn into again.
  Status arrived(const Clock& clock, Micros limit);

 private:
  Window() = default;

  Status create(const xcb_screen_t& screen);

  // A pointer whose every pixel is left out.
  xcb_cursor_t no_pointer(xcb_window_t root);

  Error gone();
  Error refused(const xcb_generic_error_t& error);

  Status read_events();

  void display_changed(const xcb_randr_notify_event_t& event);

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

}  // namespace vitrine::x11
