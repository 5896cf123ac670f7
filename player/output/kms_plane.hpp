// In what form a picture goes to a display: which plane, which pixels, who scales, who rotates. The
// driver has the word: nothing is chosen that its TEST_ONLY refuses.
#pragma once

#include <optional>

#include "drm_calls.hpp"
#include "kms_route.hpp"

namespace vitrine {

struct Size {
  int width = 0, height = 0;
  bool operator==(const Size&) const = default;
};
constexpr Size turned(Size size, int rotation) {
  return rotation % 180 == 0 ? size : Size{size.height, size.width};
}

struct KmsShape {
  std::uint32_t plane = 0;
  std::uint32_t format = 0;
  Size buffer;             // what is written
  Size screen;             // what it covers, from the top left corner
  int plane_rotation = 0;  // degrees clockwise, done by the plane; the rest is done in YUV
  bool plane_scales() const { return turned(buffer, plane_rotation) != screen; }

  bool operator==(const KmsShape&) const = default;
};
// "NV12, scaled from 1920x1080 by plane 51"
std::string to_text(const KmsShape& shape);

// The even part of a mode, which a picture fills; the last column or row of an odd one stays black.
constexpr Size screen_of(const DrmMode& mode) {
  return {mode.hdisplay / 2 * 2, mode.vdisplay / 2 * 2};
}

// What a picture of this display is best made of: its own size; on a display beyond full HD, half
// of it where a plane scales, as four times the pixels cost four times the processor.
inline constexpr int kFullHdPixels = 2048 * 1152;

// Every setting of a whole state: the connector's CRTC, the CRTC's mode, the plane; other planes of
// that CRTC are off. `mode_blob` 0: connector and mode stay as they are.
Result<std::vector<DrmSetting>> shape_settings(DrmCalls& drm, const KmsRoute& route,
                                               const KmsShape& shape, std::uint32_t framebuffer,
                                               std::uint32_t mode_blob);
// Those of the CRTC and the connector when the display is to be off.
Result<std::vector<DrmSetting>> dark_settings(DrmCalls& drm, const KmsRoute& route);
// The one setting of a flip.
Result<DrmSetting> flip_setting(DrmCalls& drm, const KmsShape& shape);

// The first form that the driver takes of: NV12 scaled and rotated by a plane; NV12 as large as the
// mode; 4 bytes a pixel. A plane that rotates comes before one that does not, a primary plane
// before an overlay. `picture` and `rotation` (degrees clockwise: 0, 90, 180, 270) as the player
// draws. An error says what was refused last.
Result<KmsShape> choose_shape(DrmCalls& drm, const KmsRoute& route, Size picture, int rotation);
// The size pictures are to have for this route (see above).
Size choose_picture(DrmCalls& drm, const KmsRoute& route, int rotation);

}  // namespace vitrine
