// The only file that calls libdrm.

#include "drm_calls.hpp"

#include <drm_fourcc.h>
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

namespace vitrine {
namespace {

static_assert(kFormatNv12 == DRM_FORMAT_NV12 && kFormatXrgb == DRM_FORMAT_XRGB8888 &&
              kFormatArgb == DRM_FORMAT_ARGB8888);
static_assert(kModeInterlaced == DRM_MODE_FLAG_INTERLACE &&
              kModeDoubleScan == DRM_MODE_FLAG_DBLSCAN &&
              kModePreferred == DRM_MODE_TYPE_PREFERRED);
static_assert(kConnectorVirtual == DRM_MODE_CONNECTOR_VIRTUAL &&
              kConnectorUnknown == DRM_MODE_CONNECTOR_Unknown);
static_assert(kPropertyRange == DRM_MODE_PROP_RANGE && kPropertyEnum == DRM_MODE_PROP_ENUM &&
              kPropertyImmutable == DRM_MODE_PROP_IMMUTABLE &&
              kPropertyBlob == DRM_MODE_PROP_BLOB && kPropertyBitmask == DRM_MODE_PROP_BITMASK &&
              kPropertyObject == DRM_MODE_PROP_OBJECT &&
              kPropertySignedRange == DRM_MODE_PROP_SIGNED_RANGE &&
              kPropertyAtomic == DRM_MODE_PROP_ATOMIC);

template <auto Free>
struct DrmFreed {
  template <class T>
  void operator()(T* held) const {
    Free(held);
  }
};
template <class T, auto Free>
using Drm = std::unique_ptr<T, DrmFreed<Free>>;

DrmMode mode_of(const drmModeModeInfo& from) {
  DrmMode mode{from.clock, from.hdisplay, from.hsync_start, from.hsync_end, from.htotal,
               from.hskew, from.vdisplay, from.vsync_start, from.vsync_end, from.vtotal,
               from.vscan, from.vrefresh, from.flags,       from.type,      {}};
  mode.name.assign(from.name, ::strnlen(from.name, sizeof from.name));
  return mode;
}

drmModeModeInfo info_of(const DrmMode& from) {
  drmModeModeInfo mode{};
  mode.clock = from.clock;
  mode.hdisplay = from.hdisplay;
  mode.hsync_start = from.hsync_start;
  mode.hsync_end = from.hsync_end;
  mode.htotal = from.htotal;
  mode.hskew = from.hskew;
  mode.vdisplay = from.vdisplay;
  mode.vsync_start = from.vsync_start;
  mode.vsync_end = from.vsync_end;
  mode.vtotal = from.vtotal;
  mode.vscan = from.vscan;
  mode.vrefresh = from.vrefresh;
  mode.flags = from.flags;
  mode.type = from.type;
  std::copy_n(from.name.begin(), std::min(from.name.size(), sizeof mode.name - 1), mode.name);
  return mode;
}

template <class T, class Count>
std::vector<std::uint32_t> listed(const T* from, Count count) {
  return from == nullptr ? std::vector<std::uint32_t>{}
                         : std::vector<std::uint32_t>(from, from + count);
}

// libdrm tells of a failure by errno, and of some by none at all.
int failed() {
  return errno != 0 ? errno : EIO;
}

class KernelDrm final : public DrmCalls {
 public:
  KernelDrm(const Clock& clock, FileDescriptor card) : clock_(clock), card_(std::move(card)) {}

  int descriptor() const override { return card_.get(); }

  int driver(DrmDriver& driver) override {
    errno = 0;
    const Drm<drmVersion, drmFreeVersion> version{drmGetVersion(card_.get())};
    if (!version) return failed();
    driver = {version->name, version->desc};
    return 0;
  }

  int has_dumb_buffers(bool& has) override {
    std::uint64_t value = 0;
    if (drmGetCap(card_.get(), DRM_CAP_DUMB_BUFFER, &value) != 0) return failed();
    has = value != 0;
    return 0;
  }
  int go_atomic() override {
    if (drmSetClientCap(card_.get(), DRM_CLIENT_CAP_UNIVERSAL_PLANES, 1) != 0) return failed();
    return drmSetClientCap(card_.get(), DRM_CLIENT_CAP_ATOMIC, 1) == 0 ? 0 : failed();
  }
  int take_master() override { return drmSetMaster(card_.get()) == 0 ? 0 : failed(); }

  int card(DrmCard& card) override {
    errno = 0;
    const Drm<drmModeRes, drmModeFreeResources> found{drmModeGetResources(card_.get())};
    if (!found) return failed();
    card.connectors = listed(found->connectors, found->count_connectors);
    card.encoders = listed(found->encoders, found->count_encoders);
    card.crtcs = listed(found->crtcs, found->count_crtcs);
    card.framebuffers = listed(found->fbs, found->count_fbs);
    const Drm<drmModePlaneRes, drmModeFreePlaneResources> planes{
        drmModeGetPlaneResources(card_.get())};
    if (!planes) return failed();
    card.planes = listed(planes->planes, planes->count_planes);
    return 0;
  }

  int connector(std::uint32_t id, bool probe, DrmConnector& connector) override {
    errno = 0;
    const Drm<drmModeConnector, drmModeFreeConnector> found{
        probe ? drmModeGetConnector(card_.get(), id) : drmModeGetConnectorCurrent(card_.get(), id)};
    if (!found) return failed();
    connector.id = id;
    connector.type = found->connector_type;
    connector.encoder = found->encoder_id;
    const char* type = drmModeGetConnectorTypeName(found->connector_type);
    connector.name = std::string(type != nullptr ? type : "Unknown") + "-" +
                     std::to_string(found->connector_type_id);
    connector.connection = found->connection == DRM_MODE_CONNECTED ? DrmConnection::connected
                           : found->connection == DRM_MODE_DISCONNECTED
                               ? DrmConnection::disconnected
                               : DrmConnection::unknown;
    connector.width_mm = found->mmWidth;
    connector.height_mm = found->mmHeight;
    connector.encoders = listed(found->encoders, found->count_encoders);
    connector.modes.clear();
    for (int i = 0; i < found->count_modes; ++i) {
      connector.modes.push_back(mode_of(found->modes[i]));
    }
    return 0;
  }

  int encoder(std::uint32_t id, DrmEncoder& encoder) override {
    errno = 0;
    const Drm<drmModeEncoder, drmModeFreeEncoder> found{drmModeGetEncoder(card_.get(), id)};
    if (!found) return failed();
    encoder = {id, found->encoder_type, found->crtc_id, found->possible_crtcs};
    return 0;
  }

  int crtc(std::uint32_t id, DrmCrtc& crtc) override {
    errno = 0;
    const Drm<drmModeCrtc, drmModeFreeCrtc> found{drmModeGetCrtc(card_.get(), id)};
    if (!found) return failed();
    crtc = {id, found->buffer_id, found->mode_valid != 0, {}};
    if (crtc.active) crtc.mode = mode_of(found->mode);
    return 0;
  }

  int plane(std::uint32_t id, DrmPlane& plane) override {
    errno = 0;
    const Drm<drmModePlane, drmModeFreePlane> found{drmModeGetPlane(card_.get(), id)};
    if (!found) return failed();
    plane = {id, found->crtc_id, found->fb_id, found->possible_crtcs,
             listed(found->formats, found->count_formats)};
    return 0;
  }

  int properties(DrmKind kind, std::uint32_t id, std::vector<DrmProperty>& properties) override {
    errno = 0;
    const Drm<drmModeObjectProperties, drmModeFreeObjectProperties> found{
        drmModeObjectGetProperties(card_.get(), id, static_cast<std::uint32_t>(kind))};
    if (!found) return failed();
    properties.clear();
    for (std::uint32_t i = 0; i < found->count_props; ++i) {
      const Drm<drmModePropertyRes, drmModeFreeProperty> held{
          drmModeGetProperty(card_.get(), found->props[i])};
      if (!held) continue;
      DrmProperty& property = properties.emplace_back();
      property.id = held->prop_id;
      property.flags = held->flags;
      property.name.assign(held->name, ::strnlen(held->name, sizeof held->name));
      property.value = found->prop_values[i];
      for (int value = 0; value < held->count_values; ++value) {
        property.range.push_back(held->values[value]);
      }
      for (int name = 0; name < held->count_enums; ++name) {
        const drm_mode_property_enum& one = held->enums[name];
        property.names.emplace_back(std::string(one.name, ::strnlen(one.name, sizeof one.name)),
                                    one.value);
      }
      if (!property.names.empty()) property.range.clear();
    }
    return 0;
  }

  int create_dumb(int width, int height, int bits, DumbMemory& memory) override {
    return -drmModeCreateDumbBuffer(
        card_.get(), static_cast<std::uint32_t>(width), static_cast<std::uint32_t>(height),
        static_cast<std::uint32_t>(bits), 0, &memory.handle, &memory.pitch, &memory.size);
  }
  int destroy_dumb(std::uint32_t handle) override {
    return -drmModeDestroyDumbBuffer(card_.get(), handle);
  }
  int map_dumb(const DumbMemory& memory, std::uint8_t*& pixels) override {
    std::uint64_t offset = 0;
    if (const int rc = drmModeMapDumbBuffer(card_.get(), memory.handle, &offset)) return -rc;
    // Offsets of DRM need more than the 32 bits that off_t has on armhf.
    void* mapped = ::mmap64(nullptr, memory.size, PROT_READ | PROT_WRITE, MAP_SHARED, card_.get(),
                            static_cast<off64_t>(offset));
    if (mapped == MAP_FAILED) return failed();
    pixels = static_cast<std::uint8_t*>(mapped);
    return 0;
  }
  void unmap(std::uint8_t* pixels, std::uint64_t size) override { ::munmap(pixels, size); }

  int add_framebuffer(const DrmFramebuffer& wanted, std::uint32_t& id) override {
    const bool two = wanted.format == DRM_FORMAT_NV12;
    const std::uint32_t handles[4] = {wanted.handle, two ? wanted.handle : 0, 0, 0};
    const std::uint32_t pitches[4] = {wanted.pitch, two ? wanted.pitch : 0, 0, 0};
    const std::uint32_t offsets[4] = {0, two ? wanted.chroma_offset : 0, 0, 0};
    return -drmModeAddFB2(card_.get(), wanted.width, wanted.height, wanted.format, handles, pitches,
                          offsets, &id, 0);
  }
  int remove_framebuffer(std::uint32_t id) override { return -drmModeRmFB(card_.get(), id); }

  int create_mode(const DrmMode& mode, std::uint32_t& blob) override {
    const drmModeModeInfo info = info_of(mode);
    return -drmModeCreatePropertyBlob(card_.get(), &info, sizeof info, &blob);
  }
  int destroy_mode(std::uint32_t blob) override {
    return -drmModeDestroyPropertyBlob(card_.get(), blob);
  }

  int commit(const DrmCommit& commit) override {
    const Drm<drmModeAtomicReq, drmModeAtomicFree> request{drmModeAtomicAlloc()};
    if (!request) return ENOMEM;
    for (const DrmSetting& setting : commit.settings) {
      if (const int rc = drmModeAtomicAddProperty(request.get(), setting.object, setting.property,
                                                  setting.value);
          rc < 0) {
        return -rc;
      }
    }
    std::uint32_t flags = commit.test_only ? DRM_MODE_ATOMIC_TEST_ONLY : 0;
    if (commit.modeset) flags |= DRM_MODE_ATOMIC_ALLOW_MODESET;
    if (commit.flip_event) flags |= DRM_MODE_PAGE_FLIP_EVENT | DRM_MODE_ATOMIC_NONBLOCK;
    return -drmModeAtomicCommit(card_.get(), request.get(), flags,
                                reinterpret_cast<void*>(std::uintptr_t{commit.token}));
  }

  int next_event(Micros until, DrmFlipEvent& event) override {
    while (events_.empty()) {
      const Micros left = until - clock_.boottime();
      if (left <= 0) return ETIMEDOUT;
      pollfd entry{card_.get(), POLLIN, 0};
      const int ready = ::poll(&entry, 1, static_cast<int>(left / kMillisecond) + 1);
      if (ready < 0 && errno != EINTR) return failed();
      if (ready <= 0) continue;
      if (const int error = read_events()) return error;
    }
    event = events_.front();
    events_.erase(events_.begin());
    return 0;
  }

  int sequence(std::uint32_t crtc, std::uint64_t& sequence, Micros& monotonic) override {
    std::uint64_t nanoseconds = 0;
    if (drmCrtcGetSequence(card_.get(), crtc, &sequence, &nanoseconds) != 0) return failed();
    monotonic = static_cast<Micros>(nanoseconds / 1000);
    return 0;
  }

 private:
  // Several may come at once.
  int read_events() {
    std::array<std::uint8_t, 1024> bytes;
    const ssize_t got = ::read(card_.get(), bytes.data(), bytes.size());
    if (got < 0 && (errno == EINTR || errno == EAGAIN)) return 0;
    if (got <= 0) return got < 0 ? errno : EIO;
    drm_event head{};
    for (std::size_t at = 0; at + sizeof head <= static_cast<std::size_t>(got); at += head.length) {
      std::memcpy(&head, bytes.data() + at, sizeof head);
      if (head.length < sizeof head) break;
      drm_event_vblank event{};
      if (head.type != DRM_EVENT_FLIP_COMPLETE || head.length < sizeof event ||
          at + sizeof event > static_cast<std::size_t>(got)) {
        continue;
      }
      std::memcpy(&event, bytes.data() + at, sizeof event);
      events_.push_back({static_cast<std::uint32_t>(event.user_data), event.sequence,
                         Micros{event.tv_sec} * kSecond + Micros{event.tv_usec}});
    }
    return 0;
  }

  const Clock& clock_;
  FileDescriptor card_;
  std::vector<DrmFlipEvent> events_;
};

}  // namespace

Error drm_error(const std::string& what, int number) {
  const ErrorCode code = number == ENOENT                      ? ErrorCode::not_found
                         : number == EACCES || number == EPERM ? ErrorCode::denied
                                                               : ErrorCode::unavailable;
  return fail(code, what + ": " + std::strerror(number));
}

Result<std::unique_ptr<DrmCalls>> open_drm(const Clock& clock, const fs::path& device) {
  FileDescriptor card(::open(device.c_str(), O_RDWR | O_CLOEXEC));
  if (!card.open()) return drm_error("cannot open it", errno);
  return adopt_drm(clock, std::move(card));
}

std::unique_ptr<DrmCalls> adopt_drm(const Clock& clock, FileDescriptor card) {
  return std::make_unique<KernelDrm>(clock, std::move(card));
}

}  // namespace vitrine
