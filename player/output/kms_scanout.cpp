#include "kms_scanout.hpp"

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "vblank.hpp"

namespace vitrine {
namespace {

constexpr Micros kEventLimit = 1 * kSecond;  // a flip that takes longer is lost
constexpr Micros kBusyPause = 8 * kMillisecond;
// Handles of a descriptor are the lowest free numbers, so those of a process before us are here.
constexpr std::uint32_t kMostHandles = 32;
// A check reads every so manieth row, another one each time: the whole of an uncached buffer would
// cost three frames.
constexpr int kCheckStep = 8;

Error with_master(Error error) {
  if (error.code == ErrorCode::denied) {
    error.message = "another program holds the display (DRM master): " + error.message;
  }
  return error;
}
Error refused(const std::string& what, int number) {
  return with_master(drm_error(what, number));
}

}  // namespace

KmsScanout::~KmsScanout() {
  if (mode_blob_ != 0) drm_->destroy_mode(mode_blob_);
  for (auto& buffer : buffers_) {
    if (keeps_ && buffer) buffer->leave();
  }
}

void KmsScanout::inherit() {
  DrmCard card;
  (void)drm_->card(card);
  inherited_ = card.framebuffers;
  // Framebuffers hold their memory themselves.
  for (std::uint32_t handle = 1; handle <= kMostHandles; ++handle) drm_->destroy_dumb(handle);
}

bool KmsScanout::take_over(const KmsRoute& route) {
  DrmCrtc crtc;
  taken_over_ = !inherited_.empty() && drm_->crtc(route.crtc, crtc) == 0 && crtc.active &&
                crtc.mode.same_times(route.mode);
  if (taken_over_) (void)last_vblank(route);
  return taken_over_;
}

Status KmsScanout::prepare(const KmsRoute& route) {
  if (shape_) return ok();
  // Ours already, or free since another program left, or refused below.
  (void)drm_->take_master();
  auto shape = choose_shape(*drm_, route, picture_, rotation_);
  if (!shape) return with_master(std::move(shape).error());
  for (auto& buffer : buffers_) {
    auto made = KmsBuffer::create(*drm_, shape->format, shape->buffer.width, shape->buffer.height);
    if (!made) return std::move(made).error();
    buffer = std::move(*made);
  }
  auto setting = flip_setting(*drm_, *shape);
  if (!setting) return std::move(setting).error();
  flip_setting_ = *setting;
  shape_ = *shape;
  return ok();
}

// What will be checked is drawn in ordinary memory first, and hashed there.
bool KmsScanout::draw(const Picture& picture) {
  const int turn = (rotation_ - shape_->plane_rotation + 360) % 360;
  const Surface& to = back().surface();
  if (!check_asked_) return painter_.paint(picture, turn, to);
  check_asked_ = false;
  check_row_ = (check_row_ + 1) % kCheckStep;
  Bytes memory(to.size());
  Surface draft = to;
  draft.pixels = memory.data();
  if (!painter_.paint(picture, turn, draft)) return false;
  handed_ = hash_rows(draft, check_row_, kCheckStep);
  std::memcpy(to.pixels, memory.data(), memory.size());
  return true;
}

Result<Flip> KmsScanout::light(const KmsRoute& route, const Flip& last) {
  (void)drm_->take_master();
  if (mode_blob_ != 0) drm_->destroy_mode(mode_blob_);
  mode_blob_ = 0;
  if (const int error = drm_->create_mode(route.mode, mode_blob_)) {
    return drm_error("cannot state the mode", error);
  }
  auto settings = shape_settings(*drm_, route, *shape_, back().framebuffer(), mode_blob_);
  if (!settings) return std::move(settings).error();
  DrmCommit all;
  all.settings = std::move(*settings);
  all.modeset = true;
  if (const int error = commit(all)) {
    forget();
    return refused("cannot set the mode", error);
  }
  Flip flip{std::max(clock_.boottime(), last.at + 1), last.sequence + 1};
  if (const auto vblank = last_vblank(route)) {
    // It may be from before, where the driver does not wait for the next.
    if (vblank->at > last.at) flip.at = vblank->at;
    flip.sequence = std::max(vblank->sequence, flip.sequence);
  }
  passed();
  return flip;
}

Result<Flip> KmsScanout::turn_over(const KmsRoute& route, const Flip& last) {
  DrmCommit flip;
  if (taken_over_) {
    auto settings = shape_settings(*drm_, route, *shape_, back().framebuffer(), 0);
    if (!settings) return std::move(settings).error();
    flip.settings = std::move(*settings);
  } else {
    flip.settings = {flip_setting_};
    flip.settings[0].value = back().framebuffer();
  }
  flip.flip_event = true;
  flip.token = ++token_;
  if (const int error = commit(flip)) {
    // The picture before us cannot go over into ours without a mode set.
    if (taken_over_ && error == EINVAL) return light(route, last);
    return refused("cannot flip", error);
  }
  auto event = await_event();
  if (!event) return std::move(event).error();
  passed();
  return Flip{boottime_of(clock_, event->monotonic),
              counts_ ? next_sequence(last.sequence, event->sequence) : last.sequence + 1};
}

Status KmsScanout::go_dark(const KmsRoute& route) {
  auto settings = dark_settings(*drm_, route);
  if (!settings) return std::move(settings).error();
  DrmCommit all;
  all.settings = std::move(*settings);
  all.modeset = true;
  if (const int error = commit(all)) return refused("cannot turn the display off", error);
  return ok();
}

void KmsScanout::check_next() {
  check_asked_ = true;
  handed_.reset();
}

// Of the buffer that the plane says it shows.
Result<std::optional<bool>> KmsScanout::shows_what_was_handed(const KmsRoute& route) const {
  if (!shape_ || !handed_) return std::optional<bool>();
  DrmPlane plane;
  if (const int error = drm_->plane(shape_->plane, plane)) {
    return drm_error("cannot ask what is on the display", error);
  }
  const KmsBuffer& shown = *buffers_[1 - back_];
  return std::optional(plane.crtc == route.crtc && plane.framebuffer == shown.framebuffer() &&
                       hash_rows(shown.surface(), check_row_, kCheckStep) == *handed_);
}

// A commit before this one may be on its way still (a flip that was given up, the console's).
int KmsScanout::commit(const DrmCommit& commit) {
  const Micros limit = clock_.boottime() + kEventLimit;
  for (;;) {
    const int error = drm_->commit(commit);
    if (error != EBUSY || clock_.boottime() >= limit) return error;
    clock_.sleep_until(clock_.boottime() + kBusyPause);
  }
}

// The event of the flip that is under way. Older ones belong to flips that were given up.
Result<DrmFlipEvent> KmsScanout::await_event() {
  const Micros limit = clock_.boottime() + kEventLimit;
  for (;;) {
    DrmFlipEvent event;
    const int error = drm_->next_event(limit, event);
    if (error == ETIMEDOUT) {
      return fail(ErrorCode::unavailable, "no vblank came within a second");
    }
    if (error != 0) return drm_error("cannot wait for the vblank", error);
    if (event.token == token_) return event;
  }
}

std::optional<Flip> KmsScanout::last_vblank(const KmsRoute& route) {
  std::uint64_t sequence = 0;
  Micros monotonic = 0;
  counts_ = drm_->sequence(route.crtc, sequence, monotonic) == 0;
  if (!counts_) return std::nullopt;
  return Flip{boottime_of(clock_, monotonic), sequence};
}

void KmsScanout::passed() {
  back_ = 1 - back_;
  taken_over_ = false;
  for (const std::uint32_t framebuffer : inherited_) drm_->remove_framebuffer(framebuffer);
  inherited_.clear();
}

}  // namespace vitrine
