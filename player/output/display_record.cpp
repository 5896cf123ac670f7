#include "display_record.hpp"

namespace vitrine {

Result<DisplayRecord> record_display(DrmCalls& drm) {
  DisplayRecord record;
  if (const int error = drm.driver(record.driver)) {
    return drm_error("it is no DRM device", error);
  }
  if (const int error = drm.has_dumb_buffers(record.dumb_buffers)) {
    return drm_error("it is no DRM device", error);
  }
  record.atomic = drm.go_atomic() == 0;
  DrmCard card;
  if (const int error = drm.card(card)) return drm_error("it drives no display", error);
  for (const std::uint32_t id : card.connectors) {
    auto& one = record.connectors.emplace_back();
    if (const int error = drm.connector(id, true, one.what)) {
      return drm_error("connector " + std::to_string(id), error);
    }
    (void)drm.properties(DrmKind::connector, id, one.properties);
  }
  for (const std::uint32_t id : card.encoders) {
    if (const int error = drm.encoder(id, record.encoders.emplace_back())) {
      return drm_error("encoder " + std::to_string(id), error);
    }
  }
  for (const std::uint32_t id : card.crtcs) {
    auto& one = record.crtcs.emplace_back();
    if (const int error = drm.crtc(id, one.what)) {
      return drm_error("CRTC " + std::to_string(id), error);
    }
    (void)drm.properties(DrmKind::crtc, id, one.properties);
  }
  for (const std::uint32_t id : card.planes) {
    auto& one = record.planes.emplace_back();
    if (const int error = drm.plane(id, one.what)) {
      return drm_error("plane " + std::to_string(id), error);
    }
    (void)drm.properties(DrmKind::plane, id, one.properties);
  }
  return record;
}

}  // namespace vitrine
