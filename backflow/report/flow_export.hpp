// Who went by, minute for minute and screen for screen, with the time that is known of it.
#pragma once

#include "backflow/report_queries.hpp"
#include "report/export_file.hpp"

namespace vitrine::report {

// Days are those of UTC; minutes whose time nobody knows are in no day.
Status export_flow(SqlStore& store, const ReportScope& scope, ExportFile& file);

}  // namespace vitrine::report
