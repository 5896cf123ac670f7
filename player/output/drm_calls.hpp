// The calls of libdrm that the KMS output makes, as one small table: the kernel stands behind it in
// the field (drm_calls.cpp), a recorded device in tests. Structures are the kernel's, in plain C++;
// ids are those of one card. Every call returns 0 or an errno. One thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "base/result.hpp"
#include "base/time.hpp"
#include "platform/clock.hpp"
#include "platform/file.hpp"

namespace vitrine {

// Pixel formats by their four letters, as the kernel writes them.
constexpr std::uint32_t fourcc(const char (&name)[5]) {
  return static_cast<std::uint32_t>(static_cast<unsigned char>(name[0])) |
         static_cast<std::uint32_t>(static_cast<unsigned char>(name[1])) << 8 |
         static_cast<std::uint32_t>(static_cast<unsigned char>(name[2])) << 16 |
         static_cast<std::uint32_t>(static_cast<unsigned char>(name[3])) << 24;
}
inline constexpr std::uint32_t kFormatNv12 = fourcc("NV12");
inline constexpr std::uint32_t kFormatXrgb = fourcc("XR24");
inline constexpr std::uint32_t kFormatArgb = fourcc("AR24");

// Bits of DrmMode.
inline constexpr std::uint32_t kModeInterlaced = 1U << 4, kModeDoubleScan = 1U << 5;  // of flags
inline constexpr std::uint32_t kModePreferred = 1U << 3;                              // of type
// Types of connector that stand for no hardware.
inline constexpr std::uint32_t kConnectorUnknown = 0, kConnectorVirtual = 15;
// Bits of DrmProperty::flags.
inline constexpr std::uint32_t kPropertyRange = 1U << 1, kPropertyImmutable = 1U << 2,
                               kPropertyEnum = 1U << 3, kPropertyBlob = 1U << 4,
                               kPropertyBitmask = 1U << 5, kPropertyObject = 1U << 6,
                               kPropertySignedRange = 2U << 6, kPropertyAtomic = 1U << 31;

struct DrmMode {
  std::uint32_t clock = 0;  // pixels in a millisecond
  std::uint16_t hdisplay = 0, hsync_start = 0, hsync_end = 0, htotal = 0, hskew = 0;
  std::uint16_t vdisplay = 0, vsync_start = 0, vsync_end = 0, vtotal = 0, vscan = 0;
  std::uint32_t vrefresh = 0, flags = 0, type = 0;
  std::string name;

  // The same times on the wire, whatever they are called.
  bool same_times(const DrmMode& other) const {
    return clock == other.clock && hdisplay == other.hdisplay && hsync_start == other.hsync_start &&
           hsync_end == other.hsync_end && htotal == other.htotal && vdisplay == other.vdisplay &&
           vsync_start == other.vsync_start && vsync_end == other.vsync_end &&
           vtotal == other.vtotal && flags == other.flags;
  }
};

enum class DrmConnection : std::uint8_t { connected = 1, disconnected = 2, unknown = 3 };

struct DrmConnector {
  std::uint32_t id = 0, type = 0, encoder = 0;
  std::string name;  // "HDMI-A-1"
  DrmConnection connection = DrmConnection::unknown;
  std::uint32_t width_mm = 0, height_mm = 0;
  std::vector<DrmMode> modes;
  std::vector<std::uint32_t> encoders;
};
struct DrmEncoder {
  std::uint32_t id = 0, type = 0, crtc = 0, possible_crtcs = 0;  // a bit for each of DrmCard::crtcs
};
struct DrmCrtc {
  std::uint32_t id = 0, framebuffer = 0;
  bool active = false;
  DrmMode mode;  // when active
};
struct DrmPlane {
  std::uint32_t id = 0, crtc = 0, framebuffer = 0, possible_crtcs = 0;
  std::vector<std::uint32_t> formats;
};
struct DrmCard {
  std::vector<std::uint32_t> connectors, encoders, crtcs, planes;
  std::vector<std::uint32_t> framebuffers;  // those made through this descriptor
};
enum class DrmKind : std::uint32_t {
  crtc = 0xcccccccc,
  connector = 0xc0c0c0c0,
  plane = 0xeeeeeeee
};
struct DrmProperty {
  std::uint32_t id = 0, flags = 0;
  std::string name;
  std::uint64_t value = 0;
  std::vector<std::uint64_t> range;  // lowest and highest, of a range
  // Of an enum, the values by name; of a bitmask, the numbers of the bits.
  std::vector<std::pair<std::string, std::uint64_t>> names;
};
struct DrmDriver {
  std::string name, description;
};

struct DrmSetting {
  std::uint32_t object = 0, property = 0;
  std::uint64_t value = 0;
};
struct DrmCommit {
  std::vector<DrmSetting> settings;
  bool test_only = false;
  bool modeset = false;     // may take the time and the black frame of a new mode
  bool flip_event = false;  // returns at once; the event with `token` comes when it is on
  std::uint32_t token = 0;
};
struct DrmFlipEvent {
  std::uint32_t token = 0, sequence = 0;
  Micros monotonic = 0;
};

struct DumbMemory {
  std::uint32_t handle = 0, pitch = 0;
  std::uint64_t size = 0;
};
// Planes of one piece of memory.
struct DrmFramebuffer {
  std::uint32_t width = 0, height = 0, format = 0, handle = 0, pitch = 0;
  std::uint32_t chroma_offset = 0;  // of NV12
};

class DrmCalls {
 public:
  virtual ~DrmCalls() = default;
  virtual int descriptor() const = 0;
  virtual int driver(DrmDriver& driver) = 0;
  virtual int has_dumb_buffers(bool& has) = 0;
  // Universal planes and atomic commits. EOPNOTSUPP: the driver has none.
  virtual int go_atomic() = 0;
  virtual int take_master() = 0;

  virtual int card(DrmCard& card) = 0;
  // `probe` asks the display itself, which takes milliseconds to a second; without, what the kernel
  // knows.
  virtual int connector(std::uint32_t id, bool probe, DrmConnector& connector) = 0;
  virtual int encoder(std::uint32_t id, DrmEncoder& encoder) = 0;
  virtual int crtc(std::uint32_t id, DrmCrtc& crtc) = 0;
  virtual int plane(std::uint32_t id, DrmPlane& plane) = 0;
  virtual int properties(DrmKind kind, std::uint32_t id, std::vector<DrmProperty>& properties) = 0;

  virtual int create_dumb(int width, int height, int bits, DumbMemory& memory) = 0;
  virtual int destroy_dumb(std::uint32_t handle) = 0;
  virtual int map_dumb(const DumbMemory& memory, std::uint8_t*& pixels) = 0;
  virtual void unmap(std::uint8_t* pixels, std::uint64_t size) = 0;
  virtual int add_framebuffer(const DrmFramebuffer& wanted, std::uint32_t& id) = 0;
  virtual int remove_framebuffer(std::uint32_t id) = 0;

  virtual int create_mode(const DrmMode& mode, std::uint32_t& blob) = 0;
  virtual int destroy_mode(std::uint32_t blob) = 0;
  virtual int commit(const DrmCommit& commit) = 0;
  // The next flip event, of whatever commit. ETIMEDOUT: none came until `until` (CLOCK_BOOTTIME).
  virtual int next_event(Micros until, DrmFlipEvent& event) = 0;
  // The vblank counter, and the time of the last vblank. An error: the driver counts none.
  virtual int sequence(std::uint32_t crtc, std::uint64_t& sequence, Micros& monotonic) = 0;
};

// The kernel's. `clock` is borrowed for its life.
Result<std::unique_ptr<DrmCalls>> open_drm(const Clock& clock, const fs::path& device);
std::unique_ptr<DrmCalls> adopt_drm(const Clock& clock, FileDescriptor card);

// `number` is an errno.
Error drm_error(const std::string& what, int number);

}  // namespace vitrine
