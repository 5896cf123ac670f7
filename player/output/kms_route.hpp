// Which connector and CRTC of a card show the pictures, and in which mode. Pure but for the calls
// it is handed.
#pragma once

#include <optional>

#include "drm_calls.hpp"
#include "vblank.hpp"

namespace vitrine {

// What was shown last with a display that told its modes: the player's own file, for a display that
// is off or tells nothing when the player starts.
struct LastGoodMode {
  std::string connector;
  DrmMode mode;
};
// nullopt when there is none, or none that makes sense.
std::optional<LastGoodMode> read_last_good_mode(const fs::path& path);
Status write_last_good_mode(const fs::path& path, const LastGoodMode& mode);

// 1920x1080 at 60 Hz of CEA-861 (code 16): every television and nearly every panel has it.
DrmMode safe_mode();

struct KmsRoute {
  std::uint32_t connector = 0, crtc = 0;
  unsigned crtc_index = 0;  // its bit in possible_crtcs
  std::string name;         // of the connector
  bool connected = false;
  bool imitated = false;  // a virtual machine's display: what vblanks it has come from a timer
  bool told = false;      // the display itself told the mode
  DrmMode mode;
};

// Some hardware cannot tell; what lists modes all the same is taken to be there.
bool has_display(const DrmConnector& connector);

// The mode a connector is to have: what its display prefers; else the last good one; else the first
// it lists; else the safe one. Interlaced modes only when there is nothing else.
void choose_mode(const DrmConnector& connector, const std::optional<LastGoodMode>& last,
                 KmsRoute& route);

// The first connected connector, before others the one of `last`. With nothing connected, that one
// or the first there is: whatever is plugged in later is most likely plugged in there. Errors:
// `unavailable` (no DRM device, no display of its own, no dumb buffers, no atomic commits),
// `not_found` (no connector that a CRTC can serve).
Result<KmsRoute> find_route(DrmCalls& drm, const std::optional<LastGoodMode>& last);

ModeTimes times_of(const DrmMode& mode);
// "1920x1080 at 60.00 Hz"
std::string to_text(const DrmMode& mode);

}  // namespace vitrine
