#include "report_sources.hpp"

#include <spdlog/fmt/fmt.h>

#include <algorithm>
#include <charconv>

#include "operator/network_folder.hpp"
#include "platform/config.hpp"

namespace vitrine::op {
namespace {

std::string_view word_of(CampaignClass klass) {
  switch (klass) {
    case CampaignClass::guaranteed:
      return "guaranteed";
    case CampaignClass::share:
      return "share of voice";
    case CampaignClass::remnant:
      return "remnant";
    case CampaignClass::house:
      return "house";
  }
  return "";
}

std::string about(const Campaign& campaign) {
  std::string text = campaign.category;
  if (!text.empty()) text += ", ";
  return text + std::string(word_of(campaign.klass)) + ", contacts by " +
         (campaign.currency == Currency::avg ? "average audience" : "opportunity to see");
}

}  // namespace

Result<ReportSources> read_report_sources(const fs::path& config, const fs::path& network,
                                          std::uint64_t schedule_version) {
  auto file = Config::read(config);
  if (!file) return std::move(file).error();
  auto address = file->text("ingest.store");
  if (!address) return std::move(address).error();
  ReportSources sources;
  auto store = open_sql_store(*address, SqlAccess::read);
  if (!store) return std::move(store).error();
  sources.store = *std::move(store);
  sources.export_log = file->path_or("report.export_log", "exports.log");
  sources.pictures = file->path_or("ingest.spool", "spool") / "pictures";
  const fs::path folder = network.empty() ? file->path_or("report.network", "") : network;
  if (folder.empty()) return sources;
  if (schedule_version == 0)
    schedule_version = static_cast<std::uint64_t>(
        std::max<std::int64_t>(0, file->integer_or("report.schedule_version", 0)));
  auto plan = read_network(folder, schedule_version);
  if (!plan) return std::move(plan).error();
  sources.schedule = std::move(plan->schedule);
  sources.known.profiles = std::move(plan->profiles);
  for (const plan::Contract& contract : plan->contracts)
    sources.known.goals[contract.campaign] = {
        contract.unit == plan::GoalUnit::plays ? DeliveryUnit::plays : DeliveryUnit::impressions,
        contract.goal, contract.first_day, contract.last_day};
  for (const Campaign& campaign : sources.schedule.campaigns)
    sources.labels.campaigns[campaign.id] = campaign.label;
  for (const Creative& creative : sources.schedule.creatives)
    sources.labels.creatives[creative.id] = creative.label;
  return sources;
}

Result<ReportScope> report_scope(const std::string& campaign, const std::string& screen,
                                 const std::string& from, const std::string& to) {
  ReportScope scope;
  if (!campaign.empty()) {
    const char* end = campaign.data() + campaign.size();
    const auto read = std::from_chars(campaign.data(), end, scope.campaign);
    if (read.ec != std::errc{} || read.ptr != end || scope.campaign == 0)
      return fail(ErrorCode::invalid, "'" + campaign + "' is no campaign (a number from 1)");
  }
  if (!screen.empty() && !is_valid_name(screen))
    return fail(ErrorCode::invalid, "'" + screen + "' is no screen (1 to 64 of a-z, 0-9 and -)");
  scope.screen = screen;
  for (const auto& [text, day] :
       {std::pair(&from, &scope.first_day), std::pair(&to, &scope.last_day)}) {
    if (text->empty()) continue;
    auto read = parse_date(*text);
    if (!read) return std::move(read).error();
    *day = *read;
  }
  if (scope.first_day != kAbsent && scope.last_day != kAbsent && scope.last_day < scope.first_day)
    return fail(ErrorCode::invalid, "--to " + to + " is before --from " + from);
  return scope;
}

Result<Report> make_report(ReportSources& sources, const ReportScope& scope, std::int64_t now_s) {
  Report report;
  report.made_at_s = now_s;
  report.first_day = scope.first_day;
  report.last_day = scope.last_day;
  report.labels = sources.labels;
  report.subject = scope.campaign != 0     ? fmt::format("Campaign {}", scope.campaign)
                   : !scope.screen.empty() ? "Screen " + scope.screen
                                           : "Network";
  report.title = report.subject;
  if (const Campaign* campaign = sources.schedule.campaign(scope.campaign);
      campaign && scope.campaign != 0) {
    if (!campaign->label.empty()) report.title = campaign->label;
    report.about = about(*campaign);
  }
  auto plays = read_play_report(*sources.store, scope);
  if (!plays) return std::move(plays).error();
  report.plays = *std::move(plays);
  const auto goal = sources.known.goals.find(scope.campaign);
  // A goal is held against all its days, or not at all.
  const bool all_days = scope.first_day == kAbsent && scope.last_day == kAbsent;
  if (scope.campaign != 0 && all_days && goal != sources.known.goals.end())
    report.goal = goal->second;
  report.delivery = delivery(report.goal.value_or(DeliveryGoal{}), delivered_days(report.plays));
  auto input = read_chain_input(*sources.store, scope);
  if (!input) return std::move(input).error();
  report.chain =
      told(chain_report(input->counts, input->scans, input->events, [&](const Scan& scan) {
        return (scope.campaign == 0 || scan.campaign == scope.campaign) &&
               (scope.screen.empty() || scan.device == scope.screen);
      }));
  auto shots = read_sampled_shots(*sources.store, scope, PictureArchive(sources.pictures));
  if (!shots) return std::move(shots).error();
  report.shots = *std::move(shots);
  if (sources.known.profiles.empty()) return report;
  ExposureTableMaker groups(sources.known.profiles);
  if (auto read = read_exposure(*sources.store, scope, ExposureGrain::hour,
                                [&](const ExposureSum& sum) { groups.add(sum); });
      !read)
    return std::move(read).error();
  const ExposureTable table = groups.finish();
  report.observed_groups = table.observed_groups;
  report.modelled_groups = table.modelled_groups;
  return report;
}

}  // namespace vitrine::op
