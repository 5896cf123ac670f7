#include "operator/play_report.hpp"

#include <pwd.h>
#include <unistd.h>

#include <algorithm>
#include <array>

#include "operator/export_csv.hpp"
#include "report_sources.hpp"

namespace vitrine::op {
namespace {

// Who is at the keyboard, as the system knows them.
std::string user_name() {
  std::array<char, 4096> buffer{};
  struct passwd entry {};
  struct passwd* found = nullptr;
  const uid_t uid = ::getuid();
  const bool known =
      ::getpwuid_r(uid, &entry, buffer.data(), buffer.size(), &found) == 0 && found != nullptr;
  return (known ? std::string(entry.pw_name) + " " : "") + "(" + std::to_string(uid) + ")";
}

// Everything here rests on billed plays.
Error without_plays(Error error) {
  if (error.code != ErrorCode::not_found) return error;
  return std::move(error).context("there are no billed plays, which `vitrine bill run` makes");
}

Status each_line(std::string_view text, const std::function<Status(std::string_view)>& put) {
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size() - 1) + 1;
    if (auto done = put(text.substr(0, end)); !done) return done;
    text.remove_prefix(end);
  }
  return ok();
}

// Every campaign's page and one that links to them all.
Result<std::string> overview(ReportSources& sources, const PlayReportOptions& options,
                             const ReportScope& days, std::int64_t now_s) {
  if (options.html.empty())
    return fail(ErrorCode::invalid, "overview is a page: say --html DIRECTORY");
  if (auto made = make_directories(options.html); !made) return std::move(made).error();
  auto campaigns = campaigns_in(*sources.store);
  if (!campaigns) return std::move(campaigns).error();
  auto network = read_play_report(*sources.store, days);
  if (!network) return std::move(network).error();
  std::vector<Report> reports;
  reports.reserve(campaigns->size());
  std::vector<OverviewLine> lines;
  for (const CampaignId campaign : *campaigns) {
    ReportScope scope = days;
    scope.campaign = campaign;
    auto report = make_report(sources, scope, now_s);
    if (!report) return std::move(report).error();
    const std::string file = "campaign-" + std::to_string(campaign) + ".html";
    if (auto put = write_atomic(options.html / file, report_page(*report), 0644); !put)
      return std::move(put).error();
    reports.push_back(*std::move(report));
    lines.push_back({file, &reports.back()});
  }
  if (auto put =
          write_atomic(options.html / "index.html", overview_page(lines, *network, now_s), 0644);
      !put)
    return std::move(put).error();
  return (options.html / "index.html").string() + ": " + std::to_string(lines.size()) +
         " campaigns\n";
}

std::string told(const fs::path& file, const Exported& exported) {
  return file.string() + ": " + std::to_string(exported.rows) + " rows, sha256 " +
         to_hex(exported.sha256) + "\n";
}

// Billed plays, or a campaign's month: what money rests on, written down as any other export.
Result<std::string> export_bills(const ExportOptions& options, const Clock& clock) {
  auto scope = report_scope(options.campaign, options.screen, options.from, options.to);
  if (!scope) return std::move(scope).error();
  if (!scope->screen.empty())
    return fail(ErrorCode::invalid, options.what + " are not exported by screen");
  auto sources = read_report_sources(options.config, options.network, options.schedule_version);
  if (!sources) return std::move(sources).error();
  auto config = read_billing_config(options.config);
  if (!config) return std::move(config).error();
  ExportDesk desk{options.csv, options.log.empty() ? sources->export_log : options.log, user_name(),
                  clock.realtime() / kSecond};
  const std::string campaign =
      scope->campaign == 0 ? "network" : "campaign " + std::to_string(scope->campaign);
  Result<Exported> exported = fail(ErrorCode::internal, "");
  if (options.what == "plays") {
    const std::string days = (options.from.empty() ? "open" : options.from) + " to " +
                             (options.to.empty() ? "open" : options.to);
    exported = export_lines(desk, options.what, campaign + ", " + days, [&](const auto& put) {
      return export_plays(*config, {scope->campaign, scope->first_day, scope->last_day}, put);
    });
  } else {
    if (scope->campaign == 0 || options.month.empty())
      return fail(ErrorCode::invalid, "--campaign and --month say of what");
    auto month = parse_month(options.month);
    if (!month) return std::move(month).error().context("--month");
    auto statement = make_statement(*config, scope->campaign, *month, clock.realtime());
    if (!statement) return std::move(statement).error();
    auto csv = statement_csv(*statement);
    if (!csv) return std::move(csv).error();
    exported = export_lines(desk, options.what, campaign + ", " + options.month,
                            [&](const auto& put) { return each_line(*csv, put); });
  }
  if (!exported) return without_plays(std::move(exported).error());
  return told(options.csv, *exported);
}

}  // namespace

Result<std::string> play_report(const PlayReportOptions& options, const Clock& clock) {
  const bool of_one = options.what == "campaign" || options.what == "screen";
  if (of_one && options.id.empty())
    return fail(ErrorCode::invalid, "which " + options.what + "? say its id");
  if (!of_one && !options.id.empty())
    return fail(ErrorCode::invalid, options.what + " has no id, got '" + options.id + "'");
  auto scope = report_scope(options.what == "campaign" ? options.id : "",
                            options.what == "screen" ? options.id : "", options.from, options.to);
  if (!scope) return std::move(scope).error();
  auto sources = read_report_sources(options.config, options.network, options.schedule_version);
  if (!sources) return std::move(sources).error();
  const std::int64_t now_s = clock.realtime() / kSecond;
  if (options.what == "overview") {
    auto made = overview(*sources, options, *scope, now_s);
    if (!made) return without_plays(std::move(made).error());
    return made;
  }
  auto report = make_report(*sources, *scope, now_s);
  if (!report) return without_plays(std::move(report).error());
  if (!options.html.empty())
    if (auto put = write_atomic(options.html, report_page(*report), 0644); !put)
      return std::move(put).error();
  if (options.json) return play_report_json(*report);
  return options.html.empty() ? play_report_text(*report) : options.html.string() + "\n";
}

Result<std::string> export_csv(const ExportOptions& options, const Clock& clock) {
  if (options.what == "plays" || options.what == "statement") return export_bills(options, clock);
  ExportRequest request;
  for (const ExportTable table :
       {ExportTable::exposure, ExportTable::area_day, ExportTable::delivery, ExportTable::flow})
    if (options.what == name_of(table)) request.table = table;
  auto scope = report_scope(options.campaign, options.screen, options.from, options.to);
  if (!scope) return std::move(scope).error();
  auto sources = read_report_sources(options.config, options.network, options.schedule_version);
  if (!sources) return std::move(sources).error();
  request.scope = *scope;
  request.grain = options.grain == "minute" ? ExposureGrain::minute
                  : options.grain == "day"  ? ExposureGrain::day
                                            : ExposureGrain::hour;
  request.brand = options.brand;
  request.file = options.csv;
  request.log = options.log.empty() ? sources->export_log : options.log;
  request.who = user_name();
  request.now_s = clock.realtime() / kSecond;
  auto exported = export_table(*sources->store, request, sources->known);
  if (!exported) return without_plays(std::move(exported).error());
  return told(options.csv, *exported);
}

}  // namespace vitrine::op
