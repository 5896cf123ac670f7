// A display of this machine, through the kernel (KMS): two buffers take turns, each flip is one
// atomic commit, and there is never a second one in flight.

#include "kms.hpp"

#include <sys/stat.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>

#include "kms_buffer.hpp"
#include "kms_paint.hpp"
#include "kms_plane.hpp"
#include "kms_route.hpp"
#include "platform/log.hpp"
#include "protocol/play.hpp"

namespace vitrine {
namespace {

constexpr Micros kEventLimit = 1 * kSecond;  // a flip that takes longer is lost
// The connector as the kernel knows it: a microsecond or two. Events of udev do not reach a
// sandboxed process.
constexpr Micros kLookEvery = 1 * kSecond;
// Asking the display itself takes long enough to cost frames: only while nobody sees any.
constexpr Micros kProbeEvery = 3 * kSecond;
// Handles of a descriptor are the lowest free numbers, so those of a process before us are here.
constexpr std::uint32_t kMostHandles = 32;
// A check reads every so manieth row, another one each time: the whole of an uncached buffer would
// cost three frames.
constexpr int kCheckStep = 8;

Error no_master(const std::string& what, int number) {
  return drm_error(number == EACCES || number == EPERM
                       ? "another program holds the display (DRM master): " + what
                       : what,
                   number);
}

class KmsOutput final : public Output {
 public:
  KmsOutput(const Clock& clock, std::unique_ptr<DrmCalls> drm, const KmsOptions& options,
            KmsRoute route, Size picture)
      : clock_(clock),
        drm_(std::move(drm)),
        last_good_(options.last_good),
        keeps_(options.keep != nullptr),
        rotation_(options.rotation),
        route_(std::move(route)),
        picture_(picture),
        refresh_(refresh_of(times_of(route_.mode))),
        grid_(clock.boottime(), refresh_),
        looked_at_(clock.boottime()),
        probed_at_(clock.boottime()) {}

  ~KmsOutput() override {
    if (mode_blob_ != 0) drm_->destroy_mode(mode_blob_);
    // Kept by the supervisor, the descriptor goes on showing them to who takes it up.
    if (keeps_) {
      for (auto& buffer : buffers_) {
        if (buffer) buffer->leave();
      }
    }
  }

  int width() const override { return picture_.width; }
  int height() const override { return picture_.height; }
  Micros vblank_period() const override { return refresh_.period(); }
  Micros vblank_at_or_after(Micros at) const override { return grid_.at_or_after(at); }

  std::uint32_t display_bits() const override {
    const bool on = lit_ && powered_;
    return (route_.connected ? kDisplayConnected : 0) | (on ? kDisplayCrtcOn : 0) |
           (on && counted_ && route_.connected && !route_.imitated ? kDisplayVblankReal : 0) |
           (powered_ ? 0 : kDisplayKnownDark);
  }

  Result<Flip> flip(const Picture& picture, Micros target) override {
    if (picture.width != width() || picture.height != height()) {
      return fail(ErrorCode::internal, "picture of " + std::to_string(picture.width) + "x" +
                                           std::to_string(picture.height) +
                                           " handed to an output of another size");
    }
    look();
    if (!powered_ || (!route_.connected && !lit_)) return pass_unseen(target);
    auto flip = show(picture, target);
    if (flip) return flip;
    // Whatever happened, a mode set anew begins from a known state.
    lit_ = false;
    if (!route_.connected) return pass_unseen(target);
    return flip;
  }

  Status power(bool on) override {
    if (on == powered_) return ok();
    powered_ = on;
    if (on || !lit_) return ok();  // the next flip sets the mode
    lit_ = false;
    auto settings = dark_settings(*drm_, route_);
    if (!settings) return std::move(settings).error();
    DrmCommit commit;
    commit.settings = std::move(*settings);
    commit.modeset = true;
    if (const int error = commit_patiently(commit)) return no_master("cannot turn it off", error);
    return ok();
  }

  void check_next() override {
    check_asked_ = true;
    handed_.reset();
  }
  // Of the buffer that the plane says it shows.
  Result<std::optional<bool>> shows_what_was_handed() override {
    if (!lit_ || !powered_ || !handed_) return std::optional<bool>();
    DrmPlane plane;
    if (const int error = drm_->plane(shape_->plane, plane)) {
      return drm_error("cannot ask what is on the display", error);
    }
    const KmsBuffer& shown = *buffers_[1 - back_];
    return std::optional(plane.crtc == route_.crtc && plane.framebuffer == shown.framebuffer() &&
                         hash_rows(shown.surface(), check_row_, kCheckStep) == *handed_);
  }
  void open_anew() override {
    lit_ = false;
    shape_.reset();
  }

  // Black until the first picture: what an item is told of its display is asked for before its
  // first flip.
  Status begin(bool kept) {
    DrmCard card;
    if (kept) {
      (void)drm_->card(card);
      left_ = card.framebuffers;
      // Framebuffers hold their memory themselves.
      for (std::uint32_t handle = 1; handle <= kMostHandles; ++handle) drm_->destroy_dumb(handle);
    }
    (void)
        drm_->take_master();  // ours already, or free since another program left, or refused below
    if (!route_.connected) {
      log_warn("no display is connected to {}; playing unseen until there is one, then at {}",
               route_.name, to_text(route_.mode));
      return ok();
    }
    if (auto ready = prepare(); !ready) return ready;
    DrmCrtc crtc;
    taken_over_ = !left_.empty() && drm_->crtc(route_.crtc, crtc) == 0 && crtc.active &&
                  crtc.mode.same_times(route_.mode);
    if (taken_over_) {
      lit_ = true;
      count_vblanks();
      return ok();
    }
    if (auto lit = light(); !lit) return std::move(lit).error();
    return ok();
  }

  std::string form() const { return shape_ ? to_text(*shape_) : "unseen"; }

 private:
  // --- the display ---

  void look() {
    const Micros now = clock_.boottime();
    if (now - looked_at_ < kLookEvery) return;
    looked_at_ = now;
    const bool probe = !route_.connected && now - probed_at_ >= kProbeEvery;
    if (probe) probed_at_ = now;
    DrmConnector connector;
    if (drm_->connector(route_.connector, probe, connector) != 0) return;
    const bool connected = connector.connection == DrmConnection::connected;
    if (connected == route_.connected) return;
    if (!connected) {
      route_.connected = false;
      probed_at_ = now;
      log_warn("the display on {} was unplugged or turned off; playing unseen", route_.name);
      return;
    }
    // The kernel learns of modes from a probe.
    if (!probe) (void)drm_->connector(route_.connector, true, connector);
    take_up(connector);
  }

  // There is a display again, perhaps another one.
  void take_up(const DrmConnector& connector) {
    const DrmMode before = route_.mode;
    const auto same = std::ranges::find_if(
        connector.modes, [&](const DrmMode& mode) { return mode.same_times(before); });
    choose_mode(connector, read_last_good_mode(last_good_), route_);
    // The mode that pictures are sized for, where this display has it, too.
    if (same != connector.modes.end() && screen_of(*same) == turned(picture_, rotation_)) {
      route_.mode = *same;
    }
    if (!route_.mode.same_times(before)) {
      shape_.reset();
      refresh_ = refresh_of(times_of(route_.mode));
      grid_ = VblankGrid(clock_.boottime(), refresh_);
    }
    if (lit_) {
      // A mode that is set already would not be set again, and the display would stay without a
      // signal.
      if (auto settings = dark_settings(*drm_, route_)) {
        DrmCommit commit;
        commit.settings = std::move(*settings);
        commit.modeset = true;
        (void)commit_patiently(commit);
      }
    }
    lit_ = false;
    log_info("a display is on {} again: {}", route_.name, to_text(route_.mode));
  }

  // Form and buffers for the mode.
  Status prepare() {
    auto shape = choose_shape(*drm_, route_, picture_, rotation_);
    if (!shape) {
      return no_master_of(std::move(shape).error());
    }
    if (!shape_ || !(*shape == *shape_) || !buffers_[0]) {
      shape_.reset();
      for (auto& buffer : buffers_) {
        auto made =
            KmsBuffer::create(*drm_, shape->format, shape->buffer.width, shape->buffer.height);
        if (!made) return std::move(made).error();
        buffer = std::move(*made);
      }
      auto setting = flip_setting(*drm_, *shape);
      if (!setting) return std::move(setting).error();
      flip_setting_ = *setting;
      shape_ = *shape;
    }
    return ok();
  }
  static Error no_master_of(Error error) {
    if (error.code == ErrorCode::denied) {
      error.message = "another program holds the display (DRM master): " + error.message;
    }
    return error;
  }

  // Sets the mode and shows the back buffer.
  Result<Flip> light() {
    (void)drm_->take_master();
    if (mode_blob_ != 0) drm_->destroy_mode(mode_blob_);
    mode_blob_ = 0;
    if (const int error = drm_->create_mode(route_.mode, mode_blob_)) {
      return drm_error("cannot state the mode", error);
    }
    auto settings = shape_settings(*drm_, route_, *shape_, back().framebuffer(), mode_blob_);
    if (!settings) return std::move(settings).error();
    DrmCommit commit;
    commit.settings = std::move(*settings);
    commit.modeset = true;
    if (const int error = commit_patiently(commit)) {
      shape_.reset();  // what the driver takes is asked anew
      return no_master("cannot set the mode", error);
    }
    Flip flip{std::max(clock_.boottime(), last_at_ + 1), sequence_ + 1};
    if (const auto vblank = count_vblanks()) {
      // The last one may be from before, where the driver does not wait for the next.
      if (vblank->at > last_at_) flip.at = vblank->at;
      flip.sequence = std::max(vblank->sequence, flip.sequence);
    }
    grid_.seen(flip.at);
    lit_ = true;
    if (route_.told && !last_good_.empty()) {
      if (auto kept = write_last_good_mode(last_good_, {route_.name, route_.mode}); !kept) {
        log_warn("cannot keep the display's mode: {}", kept.error().message);
      }
    }
    return passed(flip);
  }

  // The last vblank, where the driver counts them.
  std::optional<Flip> count_vblanks() {
    std::uint64_t sequence = 0;
    Micros monotonic = 0;
    counted_ = drm_->sequence(route_.crtc, sequence, monotonic) == 0;
    if (!counted_) return std::nullopt;
    return Flip{boottime_of(clock_, monotonic), sequence};
  }

  // --- a flip ---

  Result<Flip> show(const Picture& picture, Micros target) {
    if (!shape_) {
      if (auto ready = prepare(); !ready) return std::move(ready).error();
    }
    const int turn = (rotation_ - shape_->plane_rotation + 360) % 360;
    if (!draw(picture, turn)) {
      return fail(ErrorCode::internal, "a picture that cannot be drawn");
    }
    if (!lit_) {
      sleep_until(target);
      return light();
    }
    // Targets are vblanks foreseen from an earlier flip: the same one may be foreseen a little
    // sooner now.
    const Micros slack = std::min(kMillisecond, vblank_period() / 4);
    const Micros vblank =
        grid_.at_or_after(std::max({target - slack, clock_.boottime(), last_at_ + 1}));
    // With a vblank to wait for the kernel shows a commit at the next one: ours goes in soon after
    // the one before. Without, it shows at once.
    sleep_until(counted_ ? vblank - vblank_period() * 3 / 4 : vblank);
    return turn_over();
  }

  // Into the back buffer. What will be checked is drawn in ordinary memory first, and hashed there.
  bool draw(const Picture& picture, int turn) {
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

  Result<Flip> turn_over() {
    DrmCommit commit;
    if (taken_over_) {
      auto settings = shape_settings(*drm_, route_, *shape_, back().framebuffer(), 0);
      if (!settings) return std::move(settings).error();
      commit.settings = std::move(*settings);
    } else {
      commit.settings = {flip_setting_};
      commit.settings[0].value = back().framebuffer();
    }
    commit.flip_event = true;
    commit.token = ++token_;
    if (const int error = commit_patiently(commit)) {
      // The picture before us cannot go over into ours without a mode set.
      if (taken_over_ && error == EINVAL) return light();
      return no_master("cannot flip", error);
    }
    auto event = await_event();
    if (!event) return std::move(event).error();
    const Micros at = boottime_of(clock_, event->monotonic);
    // Uncounted vblanks are computed from the mode's setting on: a grid that followed every flip
    // would gather their delays.
    if (counted_ || taken_over_) grid_.seen(at);
    return passed({at, counted_ ? next_sequence(sequence_, event->sequence) : sequence_ + 1});
  }

  Flip passed(const Flip& flip) {
    back_ = 1 - back_;
    last_at_ = flip.at;
    sequence_ = flip.sequence;
    taken_over_ = false;
    for (const std::uint32_t framebuffer : left_) drm_->remove_framebuffer(framebuffer);
    left_.clear();
    return flip;
  }

  // The event of the flip that is under way. Older ones belong to flips that were given up.
  Result<DrmFlipEvent> await_event() {
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

  // A commit before this one may be on its way still (a flip that was given up, the console's): it
  // is waited for, a vblank at a time.
  int commit_patiently(const DrmCommit& commit) {
    const Micros limit = clock_.boottime() + kEventLimit;
    for (;;) {
      const int error = drm_->commit(commit);
      if (error != EBUSY || clock_.boottime() >= limit) return error;
      sleep_until(clock_.boottime() + vblank_period() / 2);
    }
  }

  // Nobody sees it: it takes its time all the same.
  Result<Flip> pass_unseen(Micros target) {
    const Micros vblank = grid_.at_or_after(std::max({target, clock_.boottime(), last_at_ + 1}));
    sleep_until(vblank);
    last_at_ = vblank;
    return Flip{vblank, ++sequence_};
  }

  void sleep_until(Micros moment) const {
    while (clock_.boottime() < moment) clock_.sleep_until(moment);
  }
  KmsBuffer& back() { return *buffers_[back_]; }

  const Clock& clock_;
  std::unique_ptr<DrmCalls> drm_;  // outlives the buffers
  fs::path last_good_;
  bool keeps_;
  int rotation_;
  KmsRoute route_;
  Size picture_;
  Refresh refresh_;
  VblankGrid grid_;
  Micros looked_at_, probed_at_;
  std::optional<KmsShape> shape_;
  DrmSetting flip_setting_;
  std::array<std::unique_ptr<KmsBuffer>, 2> buffers_;
  KmsPainter painter_;
  std::vector<std::uint32_t> left_;  // framebuffers of the process before, one of them shown
  std::uint32_t mode_blob_ = 0;
  std::size_t back_ = 0;  // the buffer that is not on the glass
  std::uint32_t token_ = 0;
  bool powered_ = true;
  bool lit_ = false;
  bool taken_over_ = false;  // lit, by the process before
  bool counted_ = false;     // the driver counts vblanks and flips at them
  Micros last_at_ = 0;
  std::uint64_t sequence_ = 0;
  bool check_asked_ = false;
  int check_row_ = 0;
  std::optional<Hash256> handed_;  // of the rows that are checked
};

Result<std::unique_ptr<Output>> show_on(const Clock& clock, const KmsOptions& options,
                                        const fs::path& device, bool unseen) {
  auto drm = open_drm(clock, device);
  if (!drm) return std::move(drm).error();
  const int card = (*drm)->descriptor();
  auto output = make_kms_output_on(clock, std::move(*drm), options, false, unseen);
  if (!output) return output;
  log_info("shows on {}", device.string());
  if (options.keep) options.keep(card);
  return output;
}

// Whether the descriptor that was kept is of the device asked for.
bool is_of(int card, const fs::path& device) {
  struct ::stat kept {
  }, wanted{};
  if (::fstat(card, &kept) != 0) return false;
  return device.empty() || (::stat(device.c_str(), &wanted) == 0 && kept.st_rdev == wanted.st_rdev);
}

}  // namespace

Result<std::unique_ptr<Output>> make_kms_output_on(const Clock& clock,
                                                   std::unique_ptr<DrmCalls> drm,
                                                   const KmsOptions& options, bool kept,
                                                   bool unseen) {
  auto route = find_route(*drm, read_last_good_mode(options.last_good));
  if (!route) return std::move(route).error();
  if (!route->connected && !unseen) {
    return fail(ErrorCode::not_found, "no display is connected to it");
  }
  const Size picture = choose_picture(*drm, *route, options.rotation);
  auto output = std::make_unique<KmsOutput>(clock, std::move(drm), options, *route, picture);
  if (auto begun = output->begin(kept); !begun) return std::move(begun).error();
  log_info("{}: {}x{}, a vblank every {} us{}; {}{}", route->name, output->width(),
           output->height(), output->vblank_period(),
           (output->display_bits() & kDisplayVblankReal) != 0 ? "" : ", not confirmed by hardware",
           output->form(), kept ? "; goes on from the picture before" : "");
  return std::unique_ptr<Output>(std::move(output));
}

Result<std::unique_ptr<Output>> make_kms_output(const Clock& clock, const KmsOptions& options) {
  if (options.kept >= 0) {
    FileDescriptor card(options.kept);
    if (is_of(card.get(), options.device)) {
      auto output = make_kms_output_on(clock, adopt_drm(clock, std::move(card)), options, true);
      if (output) return output;
      log_warn("the display kept from before is of no use: {}; opening it anew",
               output.error().message);
    }
  }
  if (!options.device.empty()) {
    auto output = show_on(clock, options, options.device, true);
    if (!output) {
      return std::move(output).error().context("cannot show on " + options.device.string());
    }
    return output;
  }
  const fs::path directory = "/dev/dri";
  Error tried = fail(ErrorCode::not_found, "there is no /dev/dri/card*");
  // Before a card that may get a display later, every one that might have one now.
  for (const bool unseen : {false, true}) {
    std::string reasons;
    for (const std::string& name : list_directory(directory)) {
      if (!name.starts_with("card")) continue;
      auto output = show_on(clock, options, directory / name, unseen);
      if (output) return output;
      tried = std::move(output).error().context((directory / name).string());
      reasons += (reasons.empty() ? "" : "; ") + tried.message;
    }
    if (!reasons.empty()) tried.message = reasons;
  }
  return std::move(tried).context("cannot show");
}

}  // namespace vitrine
