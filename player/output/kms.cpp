// A display of this machine, through the kernel (KMS): two dumb buffers in XRGB that take turns.
// The only file that calls libdrm.

#include <fcntl.h>
#include <poll.h>
#include <sys/mman.h>
#include <unistd.h>
#include <xf86drm.h>
#include <xf86drmMode.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>

#include "platform/log.hpp"
#include "player/output.hpp"
#include "protocol/play.hpp"
#include "vblank.hpp"
#include "xrgb.hpp"

namespace vitrine {
namespace {

constexpr Micros kEventLimit = 1 * kSecond;  // a flip that takes longer is lost

struct DrmFree {
  void operator()(drmModeRes* held) const { drmModeFreeResources(held); }
  void operator()(drmModeConnector* held) const { drmModeFreeConnector(held); }
  void operator()(drmModeEncoder* held) const { drmModeFreeEncoder(held); }
};
template <class T>
using Drm = std::unique_ptr<T, DrmFree>;

// `number` is an errno.
Error drm_error(const std::string& what, int number) {
  const ErrorCode code = number == ENOENT                      ? ErrorCode::not_found
                         : number == EACCES || number == EPERM ? ErrorCode::denied
                                                               : ErrorCode::unavailable;
  return fail(code, what + ": " + std::strerror(number));
}
Error no_master(const std::string& what, int number) {
  return drm_error(number == EACCES || number == EPERM || number == EBUSY
                       ? "another program holds the display (DRM master): " + what
                       : what,
                   number);
}

// Memory the display scans out, as large as the mode; uncached on most boards. Outlived by the
// descriptor it is made on.
class DumbBuffer {
 public:
  static Result<std::unique_ptr<DumbBuffer>> create(int fd, int width, int height) {
    auto buffer = std::unique_ptr<DumbBuffer>(new DumbBuffer(fd));
    if (const int rc = drmModeCreateDumbBuffer(fd, width, height, 32, 0, &buffer->handle_,
                                               &buffer->pitch_, &buffer->size_)) {
      return drm_error("cannot make a dumb buffer", -rc);
    }
    if (const int rc = drmModeAddFB(fd, width, height, 24, 32, buffer->pitch_, buffer->handle_,
                                    &buffer->framebuffer_)) {
      return drm_error("cannot make a framebuffer", -rc);
    }
    std::uint64_t offset = 0;
    if (const int rc = drmModeMapDumbBuffer(fd, buffer->handle_, &offset)) {
      return drm_error("cannot map a dumb buffer", -rc);
    }
    // Offsets of DRM need more than the 32 bits that off_t has on armhf.
    void* memory = ::mmap64(nullptr, buffer->size_, PROT_READ | PROT_WRITE, MAP_SHARED, fd,
                            static_cast<off64_t>(offset));
    if (memory == MAP_FAILED) return drm_error("cannot map a dumb buffer", errno);
    buffer->pixels_ = static_cast<std::uint8_t*>(memory);
    std::memset(buffer->pixels_, 0, buffer->size_);
    return buffer;
  }
  ~DumbBuffer() {
    if (pixels_ != nullptr) ::munmap(pixels_, size_);
    if (framebuffer_ != 0) drmModeRmFB(fd_, framebuffer_);
    if (handle_ != 0) drmModeDestroyDumbBuffer(fd_, handle_);
  }
  DumbBuffer(const DumbBuffer&) = delete;
  DumbBuffer& operator=(const DumbBuffer&) = delete;

  std::uint32_t framebuffer() const { return framebuffer_; }
  bool draw(const Picture& picture) {
    return convert_to_xrgb(picture, pixels_, static_cast<int>(pitch_));
  }

 private:
  explicit DumbBuffer(int fd) : fd_(fd) {}

  int fd_;
  std::uint32_t handle_ = 0, pitch_ = 0, framebuffer_ = 0;
  std::uint64_t size_ = 0;
  std::uint8_t* pixels_ = nullptr;
};

// Where pictures go on one card.
struct Route {
  std::uint32_t connector = 0, crtc = 0;
  bool imitated = false;  // a virtual machine's display: what vblanks it has come from a timer
  drmModeModeInfo mode{};
};

// The CRTC that serves the connector now, else the first that can.
std::uint32_t find_crtc(int fd, const drmModeRes& card, const drmModeConnector& connector) {
  if (const Drm<drmModeEncoder> now{drmModeGetEncoder(fd, connector.encoder_id)}) {
    if (now->crtc_id != 0) return now->crtc_id;
  }
  for (int i = 0; i < connector.count_encoders; ++i) {
    const Drm<drmModeEncoder> encoder{drmModeGetEncoder(fd, connector.encoders[i])};
    for (int crtc = 0; encoder && crtc < std::min(card.count_crtcs, 32); ++crtc) {
      if ((encoder->possible_crtcs >> crtc & 1) != 0) return card.crtcs[crtc];
    }
  }
  return 0;
}

Result<Route> find_route(int fd) {
  std::uint64_t dumb = 0;
  if (drmGetCap(fd, DRM_CAP_DUMB_BUFFER, &dumb) != 0) {
    return drm_error("it is no DRM device", errno);
  }
  const Drm<drmModeRes> card{drmModeGetResources(fd)};
  if (!card) return drm_error("it drives no display", errno);
  if (dumb == 0) return fail(ErrorCode::unavailable, "it has no dumb buffers");
  for (int i = 0; i < card->count_connectors; ++i) {
    const Drm<drmModeConnector> connector{drmModeGetConnector(fd, card->connectors[i])};
    if (!connector || connector->connection != DRM_MODE_CONNECTED) continue;
    if (connector->count_modes == 0) continue;
    Route route;
    route.connector = connector->connector_id;
    route.crtc = find_crtc(fd, *card, *connector);
    if (route.crtc == 0) continue;
    route.imitated = connector->connector_type == DRM_MODE_CONNECTOR_VIRTUAL ||
                     connector->connector_type == DRM_MODE_CONNECTOR_Unknown;
    const auto* end = connector->modes + connector->count_modes;
    const auto* preferred = std::find_if(
        connector->modes, connector->modes + connector->count_modes,
        [](const drmModeModeInfo& mode) { return (mode.type & DRM_MODE_TYPE_PREFERRED) != 0; });
    route.mode = preferred == end ? connector->modes[0] : *preferred;
    return route;
  }
  return fail(ErrorCode::not_found, "no display is connected to it");
}

ModeTimes times_of(const drmModeModeInfo& mode) {
  const int doubled = (mode.flags & DRM_MODE_FLAG_DBLSCAN) != 0 ? 2 : 1;
  return {mode.clock, mode.htotal, mode.vtotal, std::max<int>(1, mode.vscan) * doubled,
          (mode.flags & DRM_MODE_FLAG_INTERLACE) != 0};
}

class KmsOutput final : public Output {
 public:
  using Buffers = std::array<std::unique_ptr<DumbBuffer>, 2>;
  KmsOutput(const Clock& clock, FileDescriptor card, const Route& route, Buffers buffers)
      : clock_(clock),
        card_(std::move(card)),
        route_(route),
        refresh_(refresh_of(times_of(route.mode))),
        buffers_(std::move(buffers)),
        grid_(clock.boottime(), refresh_) {}

  // Even, because pictures are; the last column or row of an odd mode stays black.
  int width() const override { return route_.mode.hdisplay / 2 * 2; }
  int height() const override { return route_.mode.vdisplay / 2 * 2; }
  Micros vblank_period() const override { return refresh_.period(); }
  Micros vblank_at_or_after(Micros at) const override { return grid_.at_or_after(at); }

  std::uint32_t display_bits() const override {
    // "Current": what the kernel knows, without asking the display, which takes a while.
    const Drm<drmModeConnector> connector{
        drmModeGetConnectorCurrent(card_.get(), route_.connector)};
    const bool connected = connector && connector->connection == DRM_MODE_CONNECTED;
    return (connected ? kDisplayConnected : 0) | (lit_ ? kDisplayCrtcOn : 0) |
           (lit_ && counted_ && !route_.imitated ? kDisplayVblankReal : 0);
  }

  Result<Flip> flip(const Picture& picture, Micros target) override {
    if (picture.width != width() || picture.height != height() || !buffers_[back_]->draw(picture)) {
      return fail(ErrorCode::internal, "picture of " + std::to_string(picture.width) + "x" +
                                           std::to_string(picture.height) +
                                           " handed to an output of another size");
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
    auto flip = turn();
    if (!flip) lit_ = false;  // whatever happened, a mode set anew begins from a known state
    return flip;
  }

  // Sets the mode and shows the back buffer.
  Result<Flip> light() {
    const int fd = card_.get();
    (void)drmSetMaster(fd);  // ours already, or free since another program left, or refused below
    if (const int rc = drmModeSetCrtc(fd, route_.crtc, buffers_[back_]->framebuffer(), 0, 0,
                                      &route_.connector, 1, &route_.mode)) {
      return no_master("cannot set the mode", -rc);
    }
    Flip flip{clock_.boottime(), sequence_ + 1};
    std::uint64_t sequence = 0, nanoseconds = 0;
    counted_ = drmCrtcGetSequence(fd, route_.crtc, &sequence, &nanoseconds) == 0;
    if (counted_) {
      flip.at = boottime_of(clock_, static_cast<Micros>(nanoseconds / 1000));
      flip.sequence = std::max(sequence, flip.sequence);
    }
    grid_.seen(flip.at);
    lit_ = true;
    return passed(flip);
  }

 private:
  Result<Flip> turn() {
    ++token_;
    if (const int rc = drmModePageFlip(card_.get(), route_.crtc, buffers_[back_]->framebuffer(),
                                       DRM_MODE_PAGE_FLIP_EVENT,
                                       reinterpret_cast<void*>(std::uintptr_t{token_}))) {
      return rc == -EACCES ? no_master("cannot flip", -rc) : drm_error("cannot flip", -rc);
    }
    auto event = await_event();
    if (!event) return std::move(event).error();
    const Micros at = boottime_of(clock_, Micros{event->tv_sec} * kSecond + Micros{event->tv_usec});
    // Uncounted vblanks are computed from the mode's setting on: a grid that followed every flip
    // would gather their delays.
    if (counted_) grid_.seen(at);
    return passed({at, counted_ ? next_sequence(sequence_, event->sequence) : sequence_ + 1});
  }

  Flip passed(const Flip& flip) {
    back_ = 1 - back_;
    last_at_ = flip.at;
    sequence_ = flip.sequence;
    return flip;
  }

  // The event of the flip that is under way.
  Result<drm_event_vblank> await_event() {
    const Micros limit = clock_.boottime() + kEventLimit;
    for (;;) {
      const Micros left = limit - clock_.boottime();
      if (left <= 0) return fail(ErrorCode::unavailable, "no vblank came within a second");
      pollfd entry{card_.get(), POLLIN, 0};
      const int ready = ::poll(&entry, 1, static_cast<int>(left / kMillisecond) + 1);
      if (ready < 0 && errno != EINTR) return drm_error("cannot wait for the vblank", errno);
      if (ready <= 0) continue;
      std::array<std::uint8_t, 1024> events;
      const ssize_t got = ::read(card_.get(), events.data(), events.size());
      if (got < 0 && (errno == EINTR || errno == EAGAIN)) continue;
      if (got <= 0) return drm_error("cannot read the vblank", got < 0 ? errno : EIO);
      // Several events may come at once; older ones belong to flips that were given up.
      drm_event head{};
      for (std::size_t at = 0; at + sizeof head <= static_cast<std::size_t>(got);
           at += head.length) {
        std::memcpy(&head, events.data() + at, sizeof head);
        if (head.length < sizeof head) break;
        drm_event_vblank event{};
        if (head.type != DRM_EVENT_FLIP_COMPLETE || head.length < sizeof event ||
            at + sizeof event > static_cast<std::size_t>(got)) {
          continue;
        }
        std::memcpy(&event, events.data() + at, sizeof event);
        if (event.user_data == token_) return event;
      }
    }
  }

  void sleep_until(Micros moment) const {
    while (clock_.boottime() < moment) clock_.sleep_until(moment);
  }

  const Clock& clock_;
  FileDescriptor card_;
  Route route_;
  Refresh refresh_;
  Buffers buffers_;
  VblankGrid grid_;
  std::size_t back_ = 0;  // the buffer that is not on the glass
  std::uint32_t token_ = 0;
  bool lit_ = false;
  bool counted_ = false;  // the driver counts vblanks and flips at them
  Micros last_at_ = 0;
  std::uint64_t sequence_ = 0;
};

Result<std::unique_ptr<Output>> show_on(const Clock& clock, const fs::path& device) {
  FileDescriptor card(::open(device.c_str(), O_RDWR | O_CLOEXEC));
  if (!card.open()) return drm_error("cannot open it", errno);
  auto route = find_route(card.get());
  if (!route) return std::move(route).error();
  KmsOutput::Buffers buffers;
  for (auto& buffer : buffers) {
    auto made = DumbBuffer::create(card.get(), route->mode.hdisplay, route->mode.vdisplay);
    if (!made) return std::move(made).error();
    buffer = std::move(*made);
  }
  auto output = std::make_unique<KmsOutput>(clock, std::move(card), *route, std::move(buffers));
  // Black until the first picture: what an item is told of its display is asked for before its
  // first flip.
  if (auto lit = output->light(); !lit) return std::move(lit).error();
  const Micros period = output->vblank_period();
  log_info("shows on {}: {}x{}, a vblank every {} us{}", device.string(), output->width(),
           output->height(), period,
           (output->display_bits() & kDisplayVblankReal) != 0 ? "" : ", not confirmed by hardware");
  return std::unique_ptr<Output>(std::move(output));
}

}  // namespace

Result<std::unique_ptr<Output>> make_kms_output(const Clock& clock, const KmsOptions& options) {
  if (!options.device.empty()) {
    auto output = show_on(clock, options.device);
    if (!output) {
      return std::move(output).error().context("cannot show on " + options.device.string());
    }
    return output;
  }
  const fs::path directory = "/dev/dri";
  Error tried = fail(ErrorCode::not_found, "there is no /dev/dri/card*");
  bool first = true;
  for (const std::string& name : list_directory(directory)) {
    if (!name.starts_with("card")) continue;
    auto output = show_on(clock, directory / name);
    if (output) return output;
    Error error = std::move(output).error().context((directory / name).string());
    if (!first) error.message = tried.message + "; " + error.message;
    tried = std::move(error);
    first = false;
  }
  return std::move(tried).context("cannot show");
}

}  // namespace vitrine
