#include "operator/simulate.hpp"

#include <spdlog/fmt/fmt.h>

#include <algorithm>
#include <map>

#include "base/bytes.hpp"
#include "platform/crypto.hpp"
#include "platform/time_zone.hpp"
#include "protocol/documents.hpp"
#include "protocol/impressions.hpp"
#include "protocol/json.hpp"
#include "protocol/quota.hpp"
#include "scheduler/simulate.hpp"

namespace vitrine::op {
namespace {

constexpr std::int64_t kDay_s = 86'400;

// Sums of one simulation, campaign by campaign.
class Account {
 public:
  explicit Account(const Documents& documents) : documents_(documents) {
    for (const Campaign& campaign : documents.schedule->campaigns) {
      index_[campaign.id] = sums_.campaigns.size();
      sums_.campaigns.push_back({campaign.id, campaign.label});
    }
    index_[0] = sums_.campaigns.size();
    sums_.campaigns.push_back({0, "house loop"});
  }

  void add(const SimulatedSlot& slot) {
    if (slot.dark) return;
    ++sums_.decisions;
    sums_.lit_ms += slot.length_ms;
    for (const Ghost& ghost : slot.decision.ghosts) ++entry(ghost.campaign).ghosts;
    if (!slot.decision.playable) {
      sums_.idle_ms += slot.length_ms;
      return;
    }
    SimulatedCampaign& campaign = entry(slot.decision.campaign);
    ++campaign.plays;
    campaign.shown_ms += slot.length_ms;
    const Campaign* bought = documents_.schedule->campaign(slot.decision.campaign);
    if (bought == nullptr || documents_.profile == nullptr) return;
    const auto hour = static_cast<std::size_t>(slot.hour_of_week);
    campaign.target_imp_milli +=
        target_imp_milli(*bought, documents_.profile->hours[hour], slot.length_ms);
  }

  void end_day(std::int64_t day) {
    if (documents_.numbers == nullptr) return;
    for (const CampaignNumbers& numbers : documents_.numbers->campaigns) {
      const auto found = index_.find(numbers.campaign);
      if (found == index_.end()) continue;
      SimulatedCampaign& campaign = sums_.campaigns[found->second];
      campaign.due = quota_due(numbers.goal_milli, numbers.phase, day - numbers.first_day);
      const std::int64_t off = campaign.plays + campaign.ghosts - campaign.due;
      campaign.most_off = std::max(campaign.most_off, off < 0 ? -off : off);
    }
  }

  Simulation sums() { return std::move(sums_); }

 private:
  SimulatedCampaign& entry(CampaignId id) { return sums_.campaigns[index_.at(id)]; }

  const Documents& documents_;
  Simulation sums_;
  std::map<CampaignId, std::size_t> index_;
};

template <class T>
Result<T> read_as(const fs::path& file, Result<T> (*read)(std::string_view)) {
  auto text = read_text(file, kMaxReferencedBody);
  if (!text) return std::move(text).error();
  auto document = read(*text);
  if (!document) return std::move(document).error().context(file.string());
  return document;
}

// A zone whose midnight of `day` is wanted: local midnight in UTC, or the first moment of a day
// that has none.
std::int64_t begin_of_day(const ZoneTable& zone, std::int64_t day) {
  std::int64_t utc = day * kDay_s - zone.offset_at(day * kDay_s);
  while (local_time(zone, utc).day < day) utc += 900;
  while (local_time(zone, utc - 1).day >= day) utc -= 900;
  return utc;
}

std::string thousandths(std::int64_t milli) {
  return fmt::format("{}.{:03}", milli / 1'000, milli % 1'000);
}

}  // namespace

Simulation simulate(const Documents& documents, const ZoneTable& zone, std::int64_t first_day,
                    int days) {
  Account account(documents);
  SimulatedScreen screen(documents, zone, begin_of_day(zone, first_day) * 1'000);
  std::int64_t day = first_day;
  for (;;) {
    const SimulatedSlot slot = screen.next();
    for (; day < slot.local_day; ++day) account.end_day(day);
    if (day >= first_day + days) return account.sums();
    account.add(slot);
  }
}

std::string simulation_text(const Simulation& simulation) {
  std::string text = fmt::format("{:>10}  {:<24}{:>8}{:>8}{:>12}{:>16}{:>8}{:>10}\n", "campaign",
                                 "", "plays", "ghosts", "shown s", "target imp", "due", "most off");
  for (const SimulatedCampaign& entry : simulation.campaigns) {
    const bool quota = entry.due >= 0;
    text += fmt::format("{:>10}  {:<24}{:>8}{:>8}{:>12}{:>16}{:>8}{:>10}\n", entry.campaign,
                        entry.label.substr(0, 23), entry.plays, entry.ghosts,
                        thousandths(entry.shown_ms), thousandths(entry.target_imp_milli),
                        quota ? std::to_string(entry.due) : "-",
                        quota ? std::to_string(entry.most_off) : "-");
  }
  text += fmt::format("{} decisions, lit for {} s, idle for {} s\n", simulation.decisions,
                      thousandths(simulation.lit_ms), thousandths(simulation.idle_ms));
  return text;
}

std::string simulation_json(const Simulation& simulation) {
  Json::Array campaigns;
  for (const SimulatedCampaign& entry : simulation.campaigns) {
    Json::Object object{{"campaign", std::int64_t{entry.campaign}},
                        {"label", entry.label},
                        {"plays", entry.plays},
                        {"ghosts", entry.ghosts},
                        {"shown_ms", entry.shown_ms},
                        {"target_imp_milli", entry.target_imp_milli}};
    if (entry.due >= 0) {
      object.emplace("due", entry.due);
      object.emplace("most_off", entry.most_off);
    }
    campaigns.emplace_back(std::move(object));
  }
  return write_json(Json::Object{{"campaigns", std::move(campaigns)},
                                 {"decisions", simulation.decisions},
                                 {"lit_ms", simulation.lit_ms},
                                 {"idle_ms", simulation.idle_ms}}) +
         "\n";
}

Result<std::string> simulate(const SimulateOptions& options, bool json) {
  auto schedule = read_as(options.schedule, read_schedule);
  if (!schedule) return std::move(schedule).error();
  Documents documents;
  documents.schedule = &*schedule;
  Numbers numbers;
  Profile profile;
  Settings settings;
  if (!options.numbers.empty()) {
    auto read = read_as(options.numbers, read_numbers);
    if (!read) return std::move(read).error();
    const Hash256 signed_as = sha256(as_bytes(write_schedule(*schedule)));
    if (read->schedule_sha256 != signed_as) {
      return fail(ErrorCode::invalid, options.numbers.string() +
                                          ": these numbers belong to schedule " +
                                          to_hex(read->schedule_sha256).substr(0, 12) +
                                          ", not to " + options.schedule.string() +
                                          ", whose SHA-256 as signed is " + to_hex(signed_as));
    }
    numbers = std::move(*read);
    documents.numbers = &numbers;
  }
  if (!options.profile.empty()) {
    auto read = read_as(options.profile, read_profile);
    if (!read) return std::move(read).error();
    profile = std::move(*read);
    documents.profile = &profile;
  }
  if (!options.settings.empty()) {
    auto read = read_as(options.settings, read_settings);
    if (!read) return std::move(read).error();
    settings = std::move(*read);
    documents.settings = &settings;
  }
  const std::string name = !options.zone.empty()   ? options.zone
                           : !profile.zone.empty() ? profile.zone
                                                   : "Etc/UTC";
  auto day = parse_date(options.from);
  if (!day) return std::move(day).error().context("--from");
  auto zone = load_zone(name, (*day - 366) * kDay_s, (*day + options.days + 366) * kDay_s);
  if (!zone) return std::move(zone).error();
  const Simulation simulation = simulate(documents, *zone, *day, options.days);
  return json ? simulation_json(simulation) : simulation_text(simulation);
}

}  // namespace vitrine::op
