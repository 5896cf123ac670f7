#include "x11_display.hpp"

#include <poll.h>
#include <xcb/dpms.h>
#include <xcb/xcbext.h>

#include <algorithm>
#include <span>

namespace vitrine::x11 {
namespace {

ModeTimes times_of(const xcb_randr_mode_info_t& mode) {
  const bool doubled = (mode.mode_flags & XCB_RANDR_MODE_FLAG_DOUBLE_SCAN) != 0;
  return {mode.dot_clock / 1000, mode.htotal, mode.vtotal, doubled ? 2 : 1,
          (mode.mode_flags & XCB_RANDR_MODE_FLAG_INTERLACE) != 0};
}

}  // namespace

bool present(xcb_connection_t* x, xcb_extension_t* extension) {
  const auto* data = xcb_get_extension_data(x, extension);
  return data != nullptr && data->present != 0;
}

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

KeptLit::KeptLit(xcb_connection_t* x) : x_(x) {
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

void KeptLit::power(bool on) {
  if (!switches_) return;
  if (!on) xcb_dpms_enable(x_);
  xcb_dpms_force_level(x_, on ? XCB_DPMS_DPMS_MODE_ON : XCB_DPMS_DPMS_MODE_OFF);
  if (on) xcb_dpms_disable(x_);
}

KeptLit::~KeptLit() {
  if (saver_) {
    xcb_set_screen_saver(x_, static_cast<std::int16_t>(saver_->timeout),
                         static_cast<std::int16_t>(saver_->interval), saver_->prefer_blanking,
                         saver_->allow_exposures);
  }
  if (dpms_) xcb_dpms_enable(x_);
  await_server();
}

void KeptLit::await_server() {
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

}  // namespace vitrine::x11
