#include "kms_plane.hpp"

#include <algorithm>

#include "kms_buffer.hpp"

namespace vitrine {
namespace {

// The numbers of the kernel's enum behind the property "type".
constexpr std::uint64_t kPrimary = 1, kCursor = 2;

const DrmProperty* find(const std::vector<DrmProperty>& properties, std::string_view name) {
  const auto found =
      std::find_if(properties.begin(), properties.end(),
                   [&](const DrmProperty& property) { return property.name == name; });
  return found == properties.end() ? nullptr : &*found;
}

std::optional<std::uint64_t> value_named(const DrmProperty& property, std::string_view name) {
  for (const auto& [known, value] : property.names) {
    if (known == name) return value;
  }
  return std::nullopt;
}

struct Plane {
  DrmPlane plane;
  std::vector<DrmProperty> properties;
  std::uint64_t type = 0;

  bool has(std::uint32_t format) const {
    return std::ranges::find(plane.formats, format) != plane.formats.end();
  }
};

Result<std::vector<Plane>> planes_of(DrmCalls& drm, const KmsRoute& route) {
  DrmCard card;
  if (const int error = drm.card(card)) return drm_error("cannot list the planes", error);
  std::vector<Plane> planes;
  for (const std::uint32_t id : card.planes) {
    Plane one;
    if (drm.plane(id, one.plane) != 0 || (one.plane.possible_crtcs >> route.crtc_index & 1) == 0 ||
        drm.properties(DrmKind::plane, id, one.properties) != 0) {
      continue;
    }
    if (const DrmProperty* type = find(one.properties, "type")) one.type = type->value;
    planes.push_back(std::move(one));
  }
  // A plane that another CRTC uses is left alone; a cursor is no place for a picture.
  std::erase_if(planes, [&](const Plane& one) {
    return one.type == kCursor || (one.plane.crtc != 0 && one.plane.crtc != route.crtc);
  });
  std::stable_sort(planes.begin(), planes.end(), [](const Plane& one, const Plane& other) {
    return (one.type == kPrimary) > (other.type == kPrimary);
  });
  return planes;
}

// The kernel turns counter-clockwise.
std::string_view rotation_name(int clockwise) {
  switch (clockwise) {
    case 90:
      return "rotate-270";
    case 180:
      return "rotate-180";
    case 270:
      return "rotate-90";
    default:
      return "rotate-0";
  }
}

bool can_rotate(const Plane& plane, int clockwise) {
  const DrmProperty* property = find(plane.properties, "rotation");
  return property != nullptr && value_named(*property, rotation_name(clockwise)).has_value();
}

Error lacks(const std::string& what, std::string_view property) {
  return fail(ErrorCode::unavailable, what + " has no property " + std::string(property));
}

// Sets by name.
class Settings {
 public:
  Settings(std::string what, std::uint32_t object, std::vector<DrmProperty> properties)
      : what_(std::move(what)), object_(object), properties_(std::move(properties)) {}
  static Result<Settings> of(DrmCalls& drm, DrmKind kind, std::uint32_t object,
                             std::string_view what) {
    std::vector<DrmProperty> properties;
    const std::string named = std::string(what) + " " + std::to_string(object);
    if (const int error = drm.properties(kind, object, properties)) {
      return drm_error("cannot read the properties of " + named, error);
    }
    return Settings(named, object, std::move(properties));
  }

  // What every atomic driver has.
  void set(std::string_view name, std::uint64_t value) {
    if (const DrmProperty* property = find(properties_, name)) {
      settings_.push_back({object_, property->id, value});
    } else if (missing_.empty()) {
      missing_ = name;
    }
  }
  // What only some have: by the name of the value, too.
  void set_named(std::string_view name, std::string_view value, bool bit = false) {
    const DrmProperty* property = find(properties_, name);
    if (property == nullptr || (property->flags & kPropertyImmutable) != 0) return;
    if (const auto number = value_named(*property, value)) {
      settings_.push_back({object_, property->id, bit ? std::uint64_t{1} << *number : *number});
    }
  }
  Status add_to(std::vector<DrmSetting>& all) const {
    if (!missing_.empty()) return lacks(what_, missing_);
    all.insert(all.end(), settings_.begin(), settings_.end());
    return ok();
  }

 private:
  std::string what_, missing_;
  std::uint32_t object_;
  std::vector<DrmProperty> properties_;
  std::vector<DrmSetting> settings_;
};

Status set_route(DrmCalls& drm, const KmsRoute& route, bool on, std::uint32_t mode_blob,
                 std::vector<DrmSetting>& all) {
  auto connector = Settings::of(drm, DrmKind::connector, route.connector, "connector");
  if (!connector) return std::move(connector).error();
  connector->set("CRTC_ID", on ? route.crtc : 0);
  auto crtc = Settings::of(drm, DrmKind::crtc, route.crtc, "CRTC");
  if (!crtc) return std::move(crtc).error();
  crtc->set("MODE_ID", mode_blob);
  crtc->set("ACTIVE", on ? 1 : 0);
  if (auto added = connector->add_to(all); !added) return added;
  return crtc->add_to(all);
}

Status set_plane(DrmCalls& drm, std::uint32_t plane, std::uint32_t crtc, const KmsShape* shape,
                 std::uint32_t framebuffer, std::vector<DrmSetting>& all) {
  auto settings = Settings::of(drm, DrmKind::plane, plane, "plane");
  if (!settings) return std::move(settings).error();
  settings->set("FB_ID", framebuffer);
  settings->set("CRTC_ID", crtc);
  if (shape != nullptr) {
    const auto number = [](int value) { return static_cast<std::uint64_t>(value); };
    settings->set("SRC_X", 0);
    settings->set("SRC_Y", 0);
    settings->set("SRC_W", number(shape->buffer.width) << 16);
    settings->set("SRC_H", number(shape->buffer.height) << 16);
    settings->set("CRTC_X", 0);
    settings->set("CRTC_Y", 0);
    settings->set("CRTC_W", number(shape->screen.width));
    settings->set("CRTC_H", number(shape->screen.height));
    settings->set_named("rotation", rotation_name(shape->plane_rotation), true);
    // What a program before us left in these would show through.
    settings->set_named("COLOR_ENCODING", "ITU-R BT.709 YCbCr");
    settings->set_named("COLOR_RANGE", "YCbCr limited range");
    settings->set_named("pixel blend mode", "None");
  }
  return settings->add_to(all);
}

// What the driver says of a form, without anything on the display.
Status try_shape(DrmCalls& drm, const KmsRoute& route, const KmsShape& shape) {
  auto buffer = KmsBuffer::create(drm, shape.format, shape.buffer.width, shape.buffer.height);
  if (!buffer) return std::move(buffer).error();
  std::uint32_t blob = 0;
  if (const int error = drm.create_mode(route.mode, blob)) {
    return drm_error("cannot state the mode", error);
  }
  auto settings = shape_settings(drm, route, shape, (*buffer)->framebuffer(), blob);
  Status said = ok();
  if (settings) {
    DrmCommit commit;
    commit.settings = std::move(*settings);
    commit.test_only = commit.modeset = true;
    if (const int error = drm.commit(commit))
      said = drm_error("it refuses " + to_text(shape), error);
  } else {
    said = std::move(settings).error();
  }
  drm.destroy_mode(blob);
  return said;
}

std::vector<KmsShape> forms(const std::vector<Plane>& planes, const KmsRoute& route, Size picture,
                            int rotation) {
  const Size screen = screen_of(route.mode);
  std::vector<KmsShape> all;
  const auto add = [&](const Plane& plane, std::uint32_t format, Size buffer, int turn) {
    const KmsShape shape{plane.plane.id, format, buffer, screen, turn};
    if (std::ranges::find(all, shape) == all.end()) all.push_back(shape);
  };
  const Size upright = turned(picture, rotation);  // once rotated in YUV
  for (const Plane& plane : planes) {
    if (plane.has(kFormatNv12) && rotation != 0 && can_rotate(plane, rotation)) {
      add(plane, kFormatNv12, picture, rotation);
    }
  }
  for (const Plane& plane : planes) {
    if (plane.has(kFormatNv12)) add(plane, kFormatNv12, upright, 0);
  }
  for (const Plane& plane : planes) {
    if (plane.has(kFormatNv12)) add(plane, kFormatNv12, screen, 0);
  }
  for (const std::uint32_t format : {kFormatXrgb, kFormatArgb}) {
    for (const Plane& plane : planes) {
      if (plane.has(format)) add(plane, format, screen, 0);
    }
  }
  return all;
}

}  // namespace

std::string to_text(const KmsShape& shape) {
  std::string text = shape.format == kFormatNv12   ? "NV12"
                     : shape.format == kFormatXrgb ? "XR24"
                                                   : "AR24";
  text += " of " + std::to_string(shape.buffer.width) + "x" + std::to_string(shape.buffer.height);
  if (shape.plane_scales()) {
    text += " scaled to " + std::to_string(shape.screen.width) + "x" +
            std::to_string(shape.screen.height);
  }
  if (shape.plane_rotation != 0) text += " turned by " + std::to_string(shape.plane_rotation);
  return text + " on plane " + std::to_string(shape.plane);
}

Result<std::vector<DrmSetting>> shape_settings(DrmCalls& drm, const KmsRoute& route,
                                               const KmsShape& shape, std::uint32_t framebuffer,
                                               std::uint32_t mode_blob) {
  std::vector<DrmSetting> all;
  if (mode_blob != 0) {
    if (auto set = set_route(drm, route, true, mode_blob, all); !set) return set.error();
  }
  if (auto set = set_plane(drm, shape.plane, route.crtc, &shape, framebuffer, all); !set) {
    return set.error();
  }
  DrmCard card;
  if (const int error = drm.card(card)) return drm_error("cannot list the planes", error);
  for (const std::uint32_t id : card.planes) {
    DrmPlane plane;
    if (id == shape.plane || drm.plane(id, plane) != 0 || plane.crtc != route.crtc) continue;
    if (auto set = set_plane(drm, id, 0, nullptr, 0, all); !set) return set.error();
  }
  return all;
}

Result<std::vector<DrmSetting>> dark_settings(DrmCalls& drm, const KmsRoute& route) {
  std::vector<DrmSetting> all;
  auto crtc = Settings::of(drm, DrmKind::crtc, route.crtc, "CRTC");
  if (!crtc) return std::move(crtc).error();
  crtc->set("ACTIVE", 0);
  if (auto added = crtc->add_to(all); !added) return added.error();
  return all;
}

Result<DrmSetting> flip_setting(DrmCalls& drm, const KmsShape& shape) {
  std::vector<DrmSetting> all;
  auto plane = Settings::of(drm, DrmKind::plane, shape.plane, "plane");
  if (!plane) return std::move(plane).error();
  plane->set("FB_ID", 0);
  if (auto added = plane->add_to(all); !added) return added.error();
  return all.front();
}

Result<KmsShape> choose_shape(DrmCalls& drm, const KmsRoute& route, Size picture, int rotation) {
  const auto planes = planes_of(drm, route);
  if (!planes) return planes.error();
  Error refused = fail(ErrorCode::unavailable, "no plane takes NV12, XR24 or AR24");
  for (const KmsShape& shape : forms(*planes, route, picture, rotation)) {
    auto said = try_shape(drm, route, shape);
    if (said) return shape;
    refused = std::move(said).error();
    // Another program's display: what it says of forms means nothing.
    if (refused.code == ErrorCode::denied) break;
  }
  return refused;
}

Size choose_picture(DrmCalls& drm, const KmsRoute& route, int rotation) {
  const Size screen = screen_of(route.mode);
  const Size whole = turned(screen, rotation);
  if (screen.width * screen.height <= kFullHdPixels) return whole;
  const Size half = turned({screen.width / 4 * 2, screen.height / 4 * 2}, rotation);
  const auto shape = choose_shape(drm, route, half, rotation);
  return shape && shape->plane_scales() ? half : whole;
}

}  // namespace vitrine
