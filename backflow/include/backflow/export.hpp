// `vitrine export`: tables for an analyst, as CSV files that are written down in the log of
// exports before they are there under their name.
#pragma once

#include <functional>
#include <map>
#include <string>

#include "backflow/delivery.hpp"
#include "backflow/export_log.hpp"
#include "backflow/report_queries.hpp"

namespace vitrine {

// Where an export goes, and who asks for it.
struct ExportDesk {
  fs::path file;
  fs::path log;
  std::string who;
  std::int64_t now_s = 0;  // UTC
};
struct Exported {
  std::int64_t rows = 0;  // without the head
  Hash256 sha256{};
};
// Gives the head, then the rows, each with its line end.
using ExportLines = std::function<Status(const std::function<Status(std::string_view line)>& put)>;
// The file is whole and written down in the log, or it is not there: an older one of that name
// stays.
Result<Exported> export_lines(const ExportDesk& desk, const std::string& what,
                              const std::string& scope, const ExportLines& lines);

enum class ExportTable { exposure, area_day, delivery, flow };

struct ExportRequest : ExportDesk {
  ExportTable table = ExportTable::exposure;
  ReportScope scope;
  ExposureGrain grain = ExposureGrain::hour;  // of exposure
  std::string brand;                          // of area_day: whose online events; empty: all
};

// What is known beside the store.
struct ExportSources {
  std::map<AreaId, Profile> profiles;
  std::map<CampaignId, DeliveryGoal> goals;
};

// Columns: docs/reports.md.
Result<Exported> export_table(SqlStore& store, const ExportRequest& request,
                              const ExportSources& sources);

std::string_view name_of(ExportTable table);

}  // namespace vitrine
