#include "display_record_text.hpp"

#include "protocol/json.hpp"

namespace vitrine {
namespace {

Json number(std::uint64_t value) {
  // Beyond JSON's integers here only "everything" is: the upper end of a range.
  return value <= INT64_MAX ? Json(static_cast<std::int64_t>(value)) : Json(1.8446744073709552e19);
}

template <class T>
Json numbers(const std::vector<T>& values) {
  Json::Array array;
  for (const T value : values) array.push_back(number(value));
  return array;
}

Json mode_json(const DrmMode& mode) {
  return Json::Object{
      {"clock", number(mode.clock)},         {"flags", number(mode.flags)},
      {"hdisplay", number(mode.hdisplay)},   {"hskew", number(mode.hskew)},
      {"hsync_end", number(mode.hsync_end)}, {"hsync_start", number(mode.hsync_start)},
      {"htotal", number(mode.htotal)},       {"name", mode.name},
      {"type", number(mode.type)},           {"vdisplay", number(mode.vdisplay)},
      {"vrefresh", number(mode.vrefresh)},   {"vscan", number(mode.vscan)},
      {"vsync_end", number(mode.vsync_end)}, {"vsync_start", number(mode.vsync_start)},
      {"vtotal", number(mode.vtotal)}};
}

Json properties_json(const std::vector<DrmProperty>& properties) {
  Json::Object all;
  for (const DrmProperty& property : properties) {
    Json::Object one{{"id", number(property.id)},
                     {"flags", number(property.flags)},
                     {"raw_value", number(property.value)}};
    if (!property.names.empty()) {
      Json::Array names;
      for (const auto& [name, value] : property.names) {
        names.push_back(Json::Object{{"name", name}, {"value", number(value)}});
      }
      one["spec"] = std::move(names);
    } else if (property.range.size() == 2) {
      one["spec"] =
          Json::Object{{"max", number(property.range[1])}, {"min", number(property.range[0])}};
    }
    all[property.name] = std::move(one);
  }
  return all;
}

}  // namespace

std::string write_display_record(const DisplayRecord& record) {
  Json::Array connectors, encoders, crtcs, planes;
  for (const auto& [connector, properties] : record.connectors) {
    Json::Array modes;
    for (const DrmMode& mode : connector.modes) modes.push_back(mode_json(mode));
    connectors.push_back(
        Json::Object{{"id", number(connector.id)},
                     {"name", connector.name},
                     {"type", number(connector.type)},
                     {"status", number(static_cast<std::uint64_t>(connector.connection))},
                     {"phy_width", number(connector.width_mm)},
                     {"phy_height", number(connector.height_mm)},
                     {"encoder_id", number(connector.encoder)},
                     {"encoders", numbers(connector.encoders)},
                     {"modes", std::move(modes)},
                     {"properties", properties_json(properties)}});
  }
  for (const DrmEncoder& encoder : record.encoders) {
    encoders.push_back(Json::Object{{"id", number(encoder.id)},
                                    {"type", number(encoder.type)},
                                    {"crtc_id", number(encoder.crtc)},
                                    {"possible_crtcs", number(encoder.possible_crtcs)}});
  }
  for (const auto& [crtc, properties] : record.crtcs) {
    crtcs.push_back(Json::Object{{"id", number(crtc.id)},
                                 {"fb_id", number(crtc.framebuffer)},
                                 {"mode", crtc.active ? mode_json(crtc.mode) : Json()},
                                 {"properties", properties_json(properties)}});
  }
  for (const auto& [plane, properties] : record.planes) {
    planes.push_back(Json::Object{{"id", number(plane.id)},
                                  {"crtc_id", number(plane.crtc)},
                                  {"fb_id", number(plane.framebuffer)},
                                  {"possible_crtcs", number(plane.possible_crtcs)},
                                  {"formats", numbers(plane.formats)},
                                  {"properties", properties_json(properties)}});
  }
  return write_json(Json::Object{
             {"driver",
              Json::Object{{"name", record.driver.name},
                           {"desc", record.driver.description},
                           {"caps", Json::Object{{"DUMB_BUFFER", number(record.dumb_buffers)}}},
                           {"client_caps", Json::Object{{"ATOMIC", record.atomic}}}}},
             {"connectors", std::move(connectors)},
             {"encoders", std::move(encoders)},
             {"crtcs", std::move(crtcs)},
             {"planes", std::move(planes)}}) +
         "\n";
}

}  // namespace vitrine
