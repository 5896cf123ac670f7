// The record of a display as JSON, in the layout that drm_info -j writes (docs/display-probe.md).
#pragma once

#include <string>

#include "output/display_record.hpp"

namespace vitrine {

std::string write_display_record(const DisplayRecord& record);

}  // namespace vitrine
