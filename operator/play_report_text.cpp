#include <spdlog/fmt/fmt.h>

#include "operator/play_report.hpp"
#include "protocol/json.hpp"

namespace vitrine::op {
namespace {

Json contacts_json(const Contacts& contacts) {
  return Json::Object{{"plays", contacts.plays},
                      {"play_ms", contacts.play_ms},
                      {"imp_milli", contacts.imp_milli},
                      {"target_milli", contacts.target_milli}};
}

Json::Object figures_json(const PlayFigures& figures) {
  Json::Object amount;
  for (const auto& [currency, exact] : figures.amount) amount[currency] = exact;
  return Json::Object{{"stored", figures.rows},
                      {"paid", figures.paid},
                      {"restated", figures.restated},
                      {"observed", contacts_json(figures.observed)},
                      {"modelled", contacts_json(figures.modelled)},
                      {"unknown_plays", figures.unknown},
                      {"amount", std::move(amount)}};
}

Json key_json(std::int64_t key) {
  return key == kAbsent ? Json() : Json(key);
}
Json key_json(const std::string& key) {
  return key;
}

Json lines_json(const char* name, const std::map<std::int64_t, PlayFigures>& lines) {
  Json::Array array;
  for (const auto& [key, figures] : lines) {
    Json::Object line = figures_json(figures);
    line[name] = key_json(key);
    array.emplace_back(std::move(line));
  }
  return array;
}

template <class Name>
Json counts_json(const std::map<std::int64_t, std::int64_t>& counts, Name name) {
  Json::Object object;
  for (const auto& [key, count] : counts) object[std::string(name(key))] = count;
  return object;
}

Json::Object told_json(const ToldFigures& told) {
  Json::Object object{{"scans", told.scans}};
  for (std::size_t i = 0; i < kChainStages; ++i) {
    const std::string name(name_of(static_cast<ChainStage>(i)));
    const auto& stage = told.stages[i];
    object[name] = stage ? Json(Json::Object{{"count", stage->count},
                                             {"half_delay_s", key_json(stage->half_delay_s)},
                                             {"most_delay_s", key_json(stage->most_delay_s)}})
                         : Json();
  }
  if (!told.value) {
    object["value"] = Json();
    return object;
  }
  Json::Object values;
  for (const auto& [currency, value] : *told.value)
    values[currency] =
        Json::Object{{"gross_micro", value.gross_micro}, {"net_micro", value.net_micro}};
  object["value"] = std::move(values);
  return object;
}

template <class Key>
Json told_lines_json(const char* name, const std::map<Key, ToldFigures>& lines) {
  Json::Array array;
  for (const auto& [key, told] : lines) {
    Json::Object line = told_json(told);
    line[name] = key_json(key);
    array.emplace_back(std::move(line));
  }
  return array;
}

Json chain_json(const ToldChain& chain) {
  Json::Object object = told_json(chain.all);
  object["pending"] = chain.pending;
  Json::Object rejected;
  for (const auto& [cause, count] : chain.rejected) rejected[cause] = count;
  object["rejected"] = std::move(rejected);
  object["by_creative"] = told_lines_json("creative", chain.by_creative);
  object["by_area"] = told_lines_json("area", chain.by_area);
  object["by_hour"] = told_lines_json("hour", chain.by_hour);
  object["by_landing"] = told_lines_json("landing", chain.by_landing);
  return object;
}

Json delivery_json(const Report& report) {
  Json::Array days;
  for (const DeliveryDay& day : report.delivery.days) {
    days.emplace_back(
        Json::Object{{"day", format_utc(day.day * 86400).substr(0, 10)},
                     {"planned_milli", report.goal ? Json(day.planned_milli) : Json()},
                     {"planned_sum_milli", report.goal ? Json(day.planned_sum_milli) : Json()},
                     {"paid_plays", day.delivered.plays},
                     {"paid_plays_sum", day.sum.plays},
                     {"observed_target_milli", day.delivered.observed_target_milli},
                     {"modelled_target_milli", day.delivered.modelled_target_milli},
                     {"restated", day.delivered.restated}});
  }
  Json::Object object{{"days", std::move(days)},
                      {"unknown_day_plays", report.delivery.unknown_day_plays}};
  if (report.goal)
    object["goal"] =
        Json::Object{{"unit", report.goal->unit == DeliveryUnit::plays ? "plays" : "impressions"},
                     {"amount", report.goal->goal},
                     {"first_day", format_utc(report.goal->first_day * 86400).substr(0, 10)},
                     {"last_day", format_utc(report.goal->last_day * 86400).substr(0, 10)}};
  return object;
}

Json groups_json(const std::optional<GroupSplit>& groups) {
  if (!groups) return {};
  Json::Array array;
  for (const std::int64_t milli : *groups) array.emplace_back(milli);
  return array;
}

std::string milli_text(std::int64_t value) {
  return fmt::format("{}.{:03}", value / 1000, value % 1000);
}

void add_lines(std::string& text, const char* heading, const char* what,
               const std::map<std::int64_t, PlayFigures>& lines, const auto& name) {
  text += fmt::format("\n{:<24}{:>10}{:>10}{:>16}{:>10}{:>16}{:>10}{:>10}\n", heading, "paid",
                      "not paid", "observed", "of plays", "modelled", "of plays", "neither");
  for (const auto& [key, figures] : lines)
    text += fmt::format(
        "{:<24}{:>10}{:>10}{:>16}{:>10}{:>16}{:>10}{:>10}\n", name(what, key), figures.paid,
        figures.rows - figures.paid, milli_text(figures.observed.imp_milli), figures.observed.plays,
        milli_text(figures.modelled.imp_milli), figures.modelled.plays, figures.unknown);
}

std::string plain_name(const char* what, std::int64_t key) {
  return key == kAbsent ? std::string("unknown") : fmt::format("{} {}", what, key);
}

Json shots_json(const SampledShots& sampled) {
  Json::Array listed;
  for (const SampledShot& shot : sampled.shots) {
    Json::Object entry{{"creative", std::int64_t{shot.creative}},
                       {"screen", shot.device},
                       {"log_id", fmt::format("{:016x}", shot.log_id)},
                       {"seq", static_cast<std::int64_t>(shot.seq)},
                       {"paid", shot.paid},
                       {"sha256", to_hex(shot.sha256)},
                       {"picture", std::string(name_of(shot.state))}};
    if (shot.utc_us != kAbsent) entry["at"] = format_utc(floor_div(shot.utc_us, kSecond));
    listed.emplace_back(std::move(entry));
  }
  return Json::Object{{"in_rows", sampled.in_rows}, {"listed", std::move(listed)}};
}

std::string shots_text(const SampledShots& sampled) {
  if (sampled.shots.empty()) return "";
  return fmt::format("screenshots in signed rows {}: {} match, {} missing, {} altered\n",
                     sampled.in_rows, sampled.count(ShotState::matches),
                     sampled.count(ShotState::missing), sampled.count(ShotState::altered));
}

}  // namespace

std::string play_report_json(const Report& report) {
  const PlayReport& plays = report.plays;
  Json::Object object{
      {"subject", report.subject},
      {"title", report.title},
      {"made_at", format_utc(report.made_at_s)},
      {"all", figures_json(plays.all)},
      {"by_day", lines_json("day", plays.by_day)},
      {"by_hour", lines_json("hour", plays.by_hour)},
      {"by_area", lines_json("area", plays.by_area)},
      {"by_campaign", lines_json("campaign", plays.by_campaign)},
      {"by_creative", lines_json("creative", plays.by_creative)},
      {"by_phase", lines_json("phase", plays.by_phase)},
      {"kinds", counts_json(plays.kinds, [](auto k) { return name_of(static_cast<PlayKind>(k)); })},
      {"causes", counts_json(plays.causes, [](auto k) { return name_of(static_cast<Reason>(k)); })},
      {"grades", counts_json(plays.grades, [](auto k) { return name_of(static_cast<Grade>(k)); })},
      {"quality", counts_json(plays.quality,
                              [](auto k) {
                                return k == kAbsent ? std::string_view("no-row")
                                                    : name_of(static_cast<Quality>(k));
                              })},
      {"delivery", delivery_json(report)},
      {"chain", chain_json(report.chain)},
      {"screenshots", shots_json(report.shots)},
      {"observed_groups_modelled_share_milli", groups_json(report.observed_groups)},
      {"modelled_groups_modelled_share_milli", groups_json(report.modelled_groups)}};
  return write_json(std::move(object)) + "\n";
}

std::string play_report_text(const Report& report) {
  const PlayReport& plays = report.plays;
  std::string text = report.subject;
  if (report.title != report.subject) text += ": " + report.title;
  text += fmt::format("\n{} paid of {} stored plays", plays.all.paid, plays.all.rows);
  if (plays.all.restated > 0) text += fmt::format(", {} restated", plays.all.restated);
  for (const auto& [currency, exact] : plays.all.amount)
    text += fmt::format("; {} {}", exact, currency);
  text += fmt::format("\ncontacts observed {} on {} plays, modelled {} on {} others\n",
                      milli_text(plays.all.observed.imp_milli), plays.all.observed.plays,
                      milli_text(plays.all.modelled.imp_milli), plays.all.modelled.plays);
  if (report.goal) {
    const bool unit_plays = report.goal->unit == DeliveryUnit::plays;
    text += fmt::format("goal {} {}: ", report.goal->goal, unit_plays ? "plays" : "impressions");
    text += unit_plays ? fmt::format("{} delivered\n", report.delivery.sum.plays)
                       : fmt::format("{} observed and {} modelled delivered\n",
                                     milli_text(report.delivery.sum.observed_target_milli),
                                     milli_text(report.delivery.sum.modelled_target_milli));
  }
  add_lines(text, "day", "", plays.by_day, [](const char*, std::int64_t day) {
    return day == 0 ? std::string("unknown") : format_utc(day * 86400).substr(0, 10);
  });
  add_lines(text, "hour", "hour", plays.by_hour, plain_name);
  add_lines(text, "area", "area", plays.by_area, plain_name);
  if (plays.by_campaign.size() > 1)
    add_lines(text, "campaign", "campaign", plays.by_campaign, plain_name);
  add_lines(text, "creative", "creative", plays.by_creative, plain_name);
  add_lines(text, "phase", "", plays.by_phase, [](const char*, std::int64_t phase) {
    return std::string(name_of(static_cast<FlightPhase>(phase)));
  });
  text += "\nproof      ";
  for (const auto& [grade, count] : plays.grades)
    text += fmt::format("  {} {}", name_of(static_cast<Grade>(grade)), count);
  text += "\nnot paid   ";
  for (const auto& [cause, count] : plays.causes)
    if (cause != 0) text += fmt::format("  {} {}", name_of(static_cast<Reason>(cause)), count);
  if (plays.all.paid == plays.all.rows) text += "  none";
  text += "\n" + shots_text(report.shots);
  const ToldChain& chain = report.chain;
  if (chain.all.scans == 0 && chain.pending == 0) return text;
  text += fmt::format("scans {} (pending {})", chain.all.scans, chain.pending);
  for (std::size_t i = 0; i < kChainStages; ++i) {
    const auto& stage = chain.all.stages[i];
    text += fmt::format(", {} {}", name_of(static_cast<ChainStage>(i)),
                        stage ? std::to_string(stage->count) : "hidden");
  }
  return text + "\n";
}

}  // namespace vitrine::op
