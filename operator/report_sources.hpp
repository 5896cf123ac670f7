// What a report is made from: the store that backend.toml names, and the operator's network folder.
#pragma once

#include <memory>

#include "backflow/export.hpp"
#include "backflow/report_page.hpp"
#include "backflow/sql_store.hpp"
#include "platform/file.hpp"
#include "protocol/schedule.hpp"

namespace vitrine::op {

struct ReportSources {
  std::unique_ptr<SqlStore> store;
  fs::path export_log;
  fs::path pictures;  // where vitrine-ingest archives screenshots
  Schedule schedule;  // empty without a network folder
  ExportSources known;
  ReportLabels labels;
};

// `network` empty: as [report] network says, and without that nothing but the store is known.
Result<ReportSources> read_report_sources(const fs::path& config, const fs::path& network,
                                          std::uint64_t schedule_version);

// Days as people write them; empty: no bound.
Result<ReportScope> report_scope(const std::string& campaign, const std::string& screen,
                                 const std::string& from, const std::string& to);

// Everything about a scope, out of the store.
Result<Report> make_report(ReportSources& sources, const ReportScope& scope, std::int64_t now_s);

}  // namespace vitrine::op
