// What a card says of itself, as --probe-display files it and tests play it back
// (docs/display-probe.md).
#pragma once

#include "drm_calls.hpp"

namespace vitrine {

struct DisplayRecord {
  template <class T>
  struct With {
    T what;
    std::vector<DrmProperty> properties;
  };
  DrmDriver driver;
  bool dumb_buffers = false, atomic = false;
  std::vector<With<DrmConnector>> connectors;
  std::vector<DrmEncoder> encoders;
  std::vector<With<DrmCrtc>> crtcs;
  std::vector<With<DrmPlane>> planes;
};

// Asks the card for all of it; changes nothing on it.
Result<DisplayRecord> record_display(DrmCalls& drm);

}  // namespace vitrine
