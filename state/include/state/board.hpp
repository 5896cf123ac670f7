// Which board this is, by what stands on its label or what stands for that: the name of a screen
// that has none yet.
#pragma once

#include <string>

#include "platform/file.hpp"

namespace vitrine {

// The board's own serial number where its firmware tells one, else what stands for it: twelve hex
// digits made from the machine id, which itself is nobody's to see. "unknown" without either.
std::string board_id(const fs::path& root = "/");

}  // namespace vitrine
