// The display behind an X server: where it is, how often it is drawn, that it stays lit. With the
// window (x11_window.hpp) all that calls xcb, which unlike Xlib ends no program when the server
// goes away.
#pragma once

#include <xcb/randr.h>
#include <xcb/xcb.h>

#include <cstdlib>
#include <memory>
#include <string>

#include "base/result.hpp"
#include "vblank.hpp"

namespace vitrine::x11 {

struct Freed {
  void operator()(void* held) const { std::free(held); }
};
template <class T>
using Reply = std::unique_ptr<T, Freed>;

// Whether the server has it.
bool present(xcb_connection_t* x, xcb_extension_t* extension);

inline Error unavailable(std::string what) {
  return fail(ErrorCode::unavailable, std::move(what));
}

// Where the window goes, and what the server says of the display there.
struct Place {
  int x = 0, y = 0, width = 0, height = 0;
  Refresh refresh{kSecond, 60};
  xcb_randr_crtc_t crtc = 0;
  xcb_randr_output_t output = 0;
  bool connected = false, on = false;
};

// The primary display, else the first one in use; without RandR the whole screen.
Place find_place(xcb_connection_t* x, const xcb_screen_t& screen);

// Keeps the display lit for as long as it lives.
class KeptLit {
 public:
  explicit KeptLit(xcb_connection_t* x);
  // The panel itself, where the server can. A level is only taken while DPMS is enabled.
  void power(bool on);
  ~KeptLit();
  KeptLit(const KeptLit&) = delete;
  KeptLit& operator=(const KeptLit&) = delete;

 private:
  // A server forgets requests of a client that is gone before they were read. One that hangs is not
  // waited for longer than a second.
  void await_server();

  xcb_connection_t* x_;
  Reply<xcb_get_screen_saver_reply_t> saver_;
  bool dpms_ = false, switches_ = false;
};

}  // namespace vitrine::x11
