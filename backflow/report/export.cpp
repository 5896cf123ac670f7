#include "backflow/export.hpp"

#include <utility>

#include "backflow/csv_lines.hpp"
#include "backflow/report_page.hpp"
#include "base/time.hpp"
#include "platform/crypto.hpp"
#include "report/export_file.hpp"
#include "report/flow_export.hpp"

namespace vitrine {
namespace {

using report::ExportFile;

std::string date_text(std::int64_t day) {
  if (day == 0 || day == kAbsent) return {};
  return format_utc(day * 86400).substr(0, 10);
}

void add_contacts(CsvLine& line, const Contacts& contacts) {
  line.integer(contacts.plays).integer(contacts.play_ms).milli(contacts.imp_milli);
  line.milli(contacts.target_milli);
}

void add_groups(CsvLine& line, const std::optional<GroupSplit>& groups) {
  for (std::size_t group = 0; group < kGroups; ++group) {
    if (groups) {
      line.milli((*groups)[group]);
    } else {
      line.empty();
    }
  }
}

Status export_exposure(SqlStore& store, const ExportRequest& request, const ExportSources& sources,
                       ExportFile& file) {
  CsvLine line;
  for (const char* name : {"campaign", "area", "day", "hour", "minute_utc", "creative", "paid",
                           "restated", "unknown_plays"})
    line.text(name);
  for (const char* method : {"observed_", "modelled_"})
    for (const char* name : {"plays", "play_ms", "impressions", "target_impressions"})
      line.text(std::string(method) + name);
  for (const char* method : {"observed_", "modelled_"})
    for (std::size_t group = 0; group < kGroups; ++group)
      line.text(std::string(method) + "modelled_share_g" + std::to_string(group));
  if (auto put = file.head(line.take()); !put) return put;
  ExposureTableMaker maker(sources.profiles);
  if (auto read = read_exposure(store, request.scope, request.grain,
                                [&](const ExposureSum& sum) { maker.add(sum); });
      !read)
    return read;
  for (const ExposureLine& row : maker.finish().rows) {
    const bool minutes = request.grain == ExposureGrain::minute;
    line.integer(row.key.campaign).integer(row.key.area).text(date_text(row.key.day));
    line.integer(request.grain == ExposureGrain::hour ? row.key.hour : kAbsent);
    line.text(minutes && row.key.minute != 0 ? format_utc(row.key.minute * 60) : "");
    line.integer(row.key.creative).flag(row.key.paid).flag(row.restated);
    line.integer(row.unknown_plays);
    add_contacts(line, row.observed);
    add_contacts(line, row.modelled);
    add_groups(line, row.observed_groups);
    add_groups(line, row.modelled_groups);
    if (auto put = file.row(line.take()); !put) return put;
  }
  return ok();
}

Status export_area_day(SqlStore& store, const ExportRequest& request, ExportFile& file) {
  CsvLine line;
  for (const char* name :
       {"area", "day", "campaign", "arm", "type", "currency", "plays", "observed_plays",
        "observed_impressions", "modelled_plays", "modelled_impressions", "restated", "events",
        "qty", "gross", "net", "hidden"})
    line.text(name);
  if (auto put = file.head(line.take()); !put) return put;
  auto plays = read_area_day_plays(store, request.scope);
  if (!plays) return std::move(plays).error();
  auto events = read_area_day_events(store, request.scope, request.brand);
  if (!events) return std::move(events).error();
  // Scans of any day: an order of these days may follow a scan before them.
  auto input = read_chain_input(store, {});
  if (!input) return std::move(input).error();
  auto linked = link_events(input->scans, input->events);
  std::erase_if(linked, [&](const LinkedEvent& one) {
    const bool in_days =
        (request.scope.first_day == kAbsent || one.event->day >= request.scope.first_day) &&
        (request.scope.last_day == kAbsent || one.event->day <= request.scope.last_day);
    const bool of_campaign = request.scope.campaign == 0 || !one.scan ||
                             one.scan->scan.campaign == request.scope.campaign;
    return !in_days || !of_campaign;
  });
  for (AreaDayEvents& cell : linked_cells(linked)) events->push_back(std::move(cell));
  const auto begin = [&](const AreaDayKey& key, std::string_view type, std::string_view currency) {
    line.integer(key.area).text(date_text(key.day)).integer(key.campaign).integer(key.arm);
    line.text(type).text(currency);
  };
  for (const AreaDayRow& row : area_day(*plays, *events)) {
    const AreaDayPlays& sums = row.plays;
    if (sums.key.campaign != 0) {
      begin(sums.key, "plays", "");
      line.integer(sums.plays).integer(sums.observed_plays).milli(sums.observed_imp_milli);
      line.integer(sums.modelled_plays).milli(sums.modelled_imp_milli).flag(sums.restated);
      for (int i = 0; i < 4; ++i) line.empty();
      if (auto put = file.row(line.flag(false).take()); !put) return put;
    }
    for (const ToldEvents& told : row.events) {
      begin(sums.key, told.type, told.currency);
      for (int i = 0; i < 6; ++i) line.empty();
      if (told.hidden) {
        for (int i = 0; i < 4; ++i) line.empty();
      } else {
        line.integer(told.events).integer(told.qty).micro(told.gross_micro).micro(told.net_micro);
      }
      if (auto put = file.row(line.flag(told.hidden).take()); !put) return put;
    }
  }
  return ok();
}

Status export_delivery(SqlStore& store, const ExportRequest& request, const ExportSources& sources,
                       ExportFile& file) {
  CsvLine line;
  for (const char* name :
       {"campaign", "day", "unit", "goal", "planned", "planned_sum", "paid_plays", "paid_plays_sum",
        "observed_target_impressions", "observed_target_impressions_sum",
        "modelled_target_impressions", "modelled_target_impressions_sum", "restated"})
    line.text(name);
  if (auto put = file.head(line.take()); !put) return put;
  auto campaigns = campaigns_in(store);
  if (!campaigns) return std::move(campaigns).error();
  for (const CampaignId campaign : *campaigns) {
    if (request.scope.campaign != 0 && campaign != request.scope.campaign) continue;
    // From its first day on, so that the sums are right; the days asked for are told.
    ReportScope scope;
    scope.campaign = campaign;
    scope.last_day = request.scope.last_day;
    auto plays = read_play_report(store, scope);
    if (!plays) return std::move(plays).error();
    const auto goal = sources.goals.find(campaign);
    const bool known = goal != sources.goals.end();
    const DeliveryGoal none;
    for (const DeliveryDay& day :
         delivery(known ? goal->second : none, delivered_days(*plays)).days) {
      if (request.scope.first_day != kAbsent && day.day < request.scope.first_day) continue;
      if (request.scope.last_day != kAbsent && day.day > request.scope.last_day) continue;
      line.integer(campaign).text(date_text(day.day));
      if (known) {
        line.text(goal->second.unit == DeliveryUnit::plays ? "plays" : "impressions");
        line.integer(goal->second.goal).milli(day.planned_milli).milli(day.planned_sum_milli);
      } else {
        line.empty().empty().empty().empty();
      }
      line.integer(day.delivered.plays).integer(day.sum.plays);
      line.milli(day.delivered.observed_target_milli).milli(day.sum.observed_target_milli);
      line.milli(day.delivered.modelled_target_milli).milli(day.sum.modelled_target_milli);
      if (auto put = file.row(line.flag(day.delivered.restated).take()); !put) return put;
    }
  }
  return ok();
}

std::string words_of(const ReportScope& scope) {
  std::string words = scope.campaign != 0     ? "campaign " + std::to_string(scope.campaign)
                      : !scope.screen.empty() ? "screen " + scope.screen
                                              : "network";
  const auto bound = [](std::int64_t day) { return day == kAbsent ? "open" : date_text(day); };
  return words + ", " + bound(scope.first_day) + " to " + bound(scope.last_day);
}

template <class Write>
Result<Exported> export_file(const ExportDesk& desk, const std::string& what,
                             const std::string& scope, Write&& write) {
  auto file = ExportFile::create(desk.file);
  if (!file) return std::move(file).error();
  if (Status written = write(*file); !written) return std::move(written).error();
  auto hash = file->finish();
  if (!hash) return std::move(hash).error();
  if (auto noted = append_export(
          desk.log, {desk.now_s, desk.who, what, scope, desk.file.string(), file->rows(), *hash});
      !noted)
    return std::move(noted).error().context("nothing is exported that is not written down");
  if (auto shown = file->show(); !shown) return std::move(shown).error();
  return Exported{file->rows(), *hash};
}

}  // namespace

std::string_view name_of(ExportTable table) {
  switch (table) {
    case ExportTable::exposure:
      return "exposure";
    case ExportTable::area_day:
      return "area-day";
    case ExportTable::delivery:
      return "delivery";
    case ExportTable::flow:
      return "flow";
  }
  return "unknown";
}

Result<Exported> export_table(SqlStore& store, const ExportRequest& request,
                              const ExportSources& sources) {
  std::string what(name_of(request.table));
  if (!request.brand.empty()) what += ", brand " + request.brand;
  return export_file(request, what, words_of(request.scope), [&](ExportFile& file) {
    switch (request.table) {
      case ExportTable::exposure:
        return export_exposure(store, request, sources, file);
      case ExportTable::area_day:
        return export_area_day(store, request, file);
      case ExportTable::delivery:
        return export_delivery(store, request, sources, file);
      case ExportTable::flow:
        return report::export_flow(store, request.scope, file);
    }
    return ok();
  });
}

Result<Exported> export_lines(const ExportDesk& desk, const std::string& what,
                              const std::string& scope, const ExportLines& lines) {
  return export_file(desk, what, scope, [&lines](ExportFile& file) {
    bool head = true;
    return lines([&](std::string_view line) {
      return std::exchange(head, false) ? file.head(line) : file.row(line);
    });
  });
}

}  // namespace vitrine
