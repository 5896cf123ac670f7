// What is on the display: two buffers that take turns. Each flip is one atomic commit, and there is
// never a second one in flight.
#pragma once

#include <array>
#include <optional>

#include "kms_buffer.hpp"
#include "kms_paint.hpp"
#include "kms_plane.hpp"
#include "player/output.hpp"

namespace vitrine {

class KmsScanout {
 public:
  // Pictures of that size, turned by `rotation` degrees clockwise. `keeps`: the descriptor outlives
  // us, and what is on the display is left to it.
  KmsScanout(const Clock& clock, std::unique_ptr<DrmCalls> drm, Size picture, int rotation,
             bool keeps)
      : clock_(clock),
        drm_(std::move(drm)),
        picture_(picture),
        rotation_(rotation),
        keeps_(keeps) {}
  ~KmsScanout();
  KmsScanout(const KmsScanout&) = delete;
  KmsScanout& operator=(const KmsScanout&) = delete;

  DrmCalls& drm() { return *drm_; }

  // The descriptor comes from a process that is gone: its memory is freed now, what it shows after
  // the first flip.
  void inherit();
  // What was inherited is on the display, in the mode of the route: the first flip needs no mode to
  // be set. After prepare().
  bool take_over(const KmsRoute& route);

  // Form and buffers for the route; asked of the driver anew after forget().
  Status prepare(const KmsRoute& route);
  void forget() { shape_.reset(); }
  std::string form() const { return shape_ ? to_text(*shape_) : "unseen"; }
  // The driver counts vblanks and flips at them. Known once lit.
  bool counts() const { return counts_; }

  // Into the buffer that is not on the display. False: the picture makes no sense.
  bool draw(const Picture& picture);
  // The drawn buffer onto the display, with the mode set; `last` is the flip before.
  Result<Flip> light(const KmsRoute& route, const Flip& last);
  // The same by a flip, which returns when its vblank has passed.
  Result<Flip> turn_over(const KmsRoute& route, const Flip& last);
  Status go_dark(const KmsRoute& route);

  // As in Output.
  void check_next();
  Result<std::optional<bool>> shows_what_was_handed(const KmsRoute& route) const;

 private:
  KmsBuffer& back() { return *buffers_[back_]; }
  int commit(const DrmCommit& commit);
  Result<DrmFlipEvent> await_event();
  std::optional<Flip> last_vblank(const KmsRoute& route);
  void passed();

  const Clock& clock_;
  std::unique_ptr<DrmCalls> drm_;  // outlives the buffers
  Size picture_;
  int rotation_;
  bool keeps_;
  std::optional<KmsShape> shape_;
  DrmSetting flip_setting_;
  std::array<std::unique_ptr<KmsBuffer>, 2> buffers_;
  std::size_t back_ = 0;  // the buffer that is not on the display
  KmsPainter painter_;
  std::vector<std::uint32_t> inherited_;  // framebuffers of the process before
  bool taken_over_ = false;               // one of them is on the display
  std::uint32_t mode_blob_ = 0;
  std::uint32_t token_ = 0;
  bool counts_ = false;
  bool check_asked_ = false;
  int check_row_ = 0;
  std::optional<Hash256> handed_;  // of the rows that are checked
};

}  // namespace vitrine
