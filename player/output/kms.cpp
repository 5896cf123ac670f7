// A display of this machine, through the kernel (KMS): its pace, and what becomes of it while it is
// off, unplugged or exchanged.

#include "kms.hpp"

#include <sys/stat.h>

#include <algorithm>

#include "kms_route.hpp"
#include "kms_scanout.hpp"
#include "platform/log.hpp"
#include "protocol/play.hpp"

namespace vitrine {
namespace {

// The connector as the kernel knows it: a microsecond or two. Events of udev do not reach a
// sandboxed process.
constexpr Micros kConnectorEvery = 1 * kSecond;
// Asking the display itself takes long enough to cost frames: only while nobody sees any.
constexpr Micros kProbeEvery = 3 * kSecond;

class KmsOutput final : public Output {
 public:
  KmsOutput(const Clock& clock, std::unique_ptr<DrmCalls> drm, const KmsOptions& options,
            KmsRoute route, Size picture)
      : clock_(clock),
        last_good_(options.last_good),
        rotation_(options.rotation),
        picture_(picture),
        scanout_(clock, std::move(drm), picture, options.rotation, options.keep != nullptr),
        route_(std::move(route)),
        refresh_(refresh_of(times_of(route_.mode))),
        grid_(clock.boottime(), refresh_),
        looked_at_(clock.boottime()),
        probed_at_(clock.boottime()) {}

  int width() const override { return picture_.width; }
  int height() const override { return picture_.height; }
  Micros vblank_period() const override { return refresh_.period(); }
  Micros vblank_at_or_after(Micros at) const override { return grid_.at_or_after(at); }

  std::uint32_t display_bits() const override {
    const bool real = lit_ && scanout_.counts() && route_.connected && !route_.imitated;
    return (route_.connected ? kDisplayConnected : 0) | (lit_ ? kDisplayCrtcOn : 0) |
           (real ? kDisplayVblankReal : 0) | (powered_ ? 0 : kDisplayKnownDark);
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
    if (flip) return last_ = *flip;
    // Whatever happened, a mode set anew begins from a known state.
    lit_ = false;
    if (!route_.connected) return pass_unseen(target);
    return flip;
  }

  Status power(bool on) override {
    if (!on && lit_) {
      lit_ = false;
      if (auto dark = scanout_.go_dark(route_); !dark) return dark;
    }
    powered_ = on;  // on: the next flip sets the mode
    return ok();
  }

  void check_next() override { scanout_.check_next(); }
  Result<std::optional<bool>> shows_what_was_handed() override {
    return lit_ ? scanout_.shows_what_was_handed(route_) : std::optional<bool>();
  }
  void open_anew() override {
    lit_ = false;
    scanout_.forget();
  }

  // Black until the first picture: what an item is told of its display is asked for before its
  // first flip.
  Status begin(bool kept) {
    if (kept) scanout_.inherit();
    if (!route_.connected) {
      log_warn("no display is connected to {}; playing unseen until there is one, then at {}",
               route_.name, to_text(route_.mode));
      return ok();
    }
    if (auto ready = scanout_.prepare(route_); !ready) return ready;
    if (scanout_.take_over(route_)) {
      lit_ = true;
      log_info("goes on from the picture before");
      return ok();
    }
    auto lit = light();
    if (!lit) return std::move(lit).error();
    last_ = *lit;
    return ok();
  }

  std::string form() const { return scanout_.form(); }

 private:
  // --- the display ---

  void look() {
    const Micros now = clock_.boottime();
    if (now - looked_at_ < kConnectorEvery) return;
    looked_at_ = now;
    const bool probe = !route_.connected && now - probed_at_ >= kProbeEvery;
    if (probe) probed_at_ = now;
    DrmConnector connector;
    if (scanout_.drm().connector(route_.connector, probe, connector) != 0) return;
    const bool connected = has_display(connector);
    if (connected == route_.connected) return;
    if (!connected) {
      route_.connected = false;
      probed_at_ = now;
      log_warn("the display on {} was unplugged or turned off; playing unseen", route_.name);
      return;
    }
    // The kernel learns of modes from a probe.
    if (!probe) (void)scanout_.drm().connector(route_.connector, true, connector);
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
      scanout_.forget();
      refresh_ = refresh_of(times_of(route_.mode));
      grid_ = VblankGrid(clock_.boottime(), refresh_);
    }
    // A mode that is set already would not be set again, and the display would stay without a
    // signal.
    if (lit_) (void)scanout_.go_dark(route_);
    lit_ = false;
    log_info("a display is on {} again: {}", route_.name, to_text(route_.mode));
  }

  // --- a flip ---

  Result<Flip> show(const Picture& picture, Micros target) {
    if (auto ready = scanout_.prepare(route_); !ready) return std::move(ready).error();
    if (!scanout_.draw(picture)) {
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
        grid_.at_or_after(std::max({target - slack, clock_.boottime(), last_.at + 1}));
    // With a vblank to wait for the kernel shows a commit at the next one: ours goes in soon after
    // the one before. Without, it shows at once.
    sleep_until(scanout_.counts() ? vblank - vblank_period() * 3 / 4 : vblank);
    auto flip = scanout_.turn_over(route_, last_);
    // Uncounted vblanks are computed from the mode's setting on: a grid that followed every flip
    // would gather their delays.
    if (flip && (scanout_.counts() || !grid_known_)) seen(flip->at);
    return flip;
  }

  Result<Flip> light() {
    auto flip = scanout_.light(route_, last_);
    if (!flip) return flip;
    seen(flip->at);
    lit_ = true;
    if (route_.told && !last_good_.empty()) {
      if (auto kept = write_last_good_mode(last_good_, {route_.name, route_.mode}); !kept) {
        log_warn("cannot keep the display's mode: {}", kept.error().message);
      }
    }
    return flip;
  }

  // Nobody sees it: it takes its time all the same.
  Flip pass_unseen(Micros target) {
    const Micros vblank = grid_.at_or_after(std::max({target, clock_.boottime(), last_.at + 1}));
    sleep_until(vblank);
    return last_ = {vblank, last_.sequence + 1};
  }

  void seen(Micros vblank) {
    grid_.seen(vblank);
    grid_known_ = true;
  }
  void sleep_until(Micros moment) const {
    while (clock_.boottime() < moment) clock_.sleep_until(moment);
  }

  const Clock& clock_;
  fs::path last_good_;
  int rotation_;
  Size picture_;
  KmsScanout scanout_;
  KmsRoute route_;
  Refresh refresh_;
  VblankGrid grid_;
  bool grid_known_ = false;  // from a flip of ours
  Micros looked_at_, probed_at_;
  bool powered_ = true;
  bool lit_ = false;
  Flip last_;
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
  struct ::stat kept = {};
  struct ::stat wanted = {};
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
  // The driver says what it takes to nobody else.
  (void)drm->take_master();
  const Size picture = choose_picture(*drm, *route, options.rotation);
  auto output = std::make_unique<KmsOutput>(clock, std::move(drm), options, *route, picture);
  if (auto begun = output->begin(kept); !begun) return std::move(begun).error();
  log_info("{}: {}x{}, a vblank every {} us{}; {}", route->name, output->width(), output->height(),
           output->vblank_period(),
           (output->display_bits() & kDisplayVblankReal) != 0 ? "" : ", not confirmed by hardware",
           output->form());
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
