// `vitrine report`: what the backend's store holds, as tables for a person or one JSON object for a
// program.
#pragma once

#include <string>

#include "backflow/report.hpp"

namespace vitrine::op {

Result<std::string> report(const fs::path& config, bool json);

// Names are those of the report's members; figures in thousandths keep their _milli and _permille.
std::string report_json(const StoreReport& report);
std::string report_text(const StoreReport& report);

}  // namespace vitrine::op
