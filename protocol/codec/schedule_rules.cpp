#include "base/bytes.hpp"
#include "codec/rules.hpp"
#include "codec/words.hpp"

namespace vitrine::codec {
namespace {

constexpr std::uint32_t kLeastTurnMs = 1000;

const std::string kOnce = "each may stand once";

std::string again(const std::string& value) {
  return value + " again";
}

std::string item(const std::string& list, std::size_t i) {
  return list + "/" + std::to_string(i);
}

void check_flight(Rules& rules, const Flight& flight, const std::string& at,
                  const std::set<CreativeId>& known) {
  rules.require(flight.last_day >= flight.first_day, at + "/last_day", "not before first_day",
                day_text(flight.last_day));
  std::set<CreativeId> seen;
  for (std::size_t i = 0; i < flight.creatives.size(); ++i) {
    const auto id = flight.creatives[i].creative;
    const auto here = [&] { return item(at + "/creatives", i) + "/creative"; };
    const std::string defined = "names a creative that the schedule does not define";
    rules.require(known.count(id) != 0, here, defined, [&] { return std::to_string(id); });
    rules.require(seen.insert(id).second, here, kOnce, [&] { return again(std::to_string(id)); });
  }
}

void check_campaign(Rules& rules, const Campaign& campaign, const std::string& at,
                    const std::set<CreativeId>& known) {
  for (std::size_t i = 0; i < campaign.flights.size(); ++i) {
    check_flight(rules, campaign.flights[i], item(at + "/flights", i), known);
    // A day in two phases would leave open whose creatives run.
    for (std::size_t j = 0; j < i; ++j) {
      const auto& a = campaign.flights[j];
      const auto& b = campaign.flights[i];
      rules.require(a.last_day < b.first_day || b.last_day < a.first_day, item(at + "/flights", i),
                    "no day in common with flight " + std::to_string(j),
                    day_text(b.first_day) + " to " + day_text(b.last_day));
    }
  }
  check_dayparts(rules, campaign.dayparts, at + "/dayparts");
  if (campaign.qr) {
    rules.require(campaign.qr->url.find("{token}") != std::string::npos, at + "/qr/url",
                  "holds {token}", in_quotes(campaign.qr->url));
  }
}

void check_zone(Rules& rules, const Zone& zone, const std::string& at) {
  rules.require(zone.x + zone.width <= 1000 && zone.y + zone.height <= 1000, at,
                "within 1000 x 1000 permille of the output",
                std::to_string(zone.x + zone.width) + " x " + std::to_string(zone.y + zone.height));
}

// Screens that never talk to one another must agree on every turn's beginning.
void check_cycle(Rules& rules, const Schedule& schedule) {
  const SyncGroup& sync = *schedule.sync;
  std::uint64_t begins = 0;
  for (std::size_t i = 0; i < sync.cycle.size(); ++i) {
    const auto at = item("/sync/cycle", i);
    const Creative* creative = schedule.creative(sync.cycle[i]);
    rules.require(creative != nullptr, at, "names a creative that the schedule does not define",
                  std::to_string(sync.cycle[i]));
    if (creative == nullptr) continue;
    rules.require(creative->length_ms >= kLeastTurnMs, at,
                  "a creative that states a length_ms of at least 1000",
                  std::to_string(creative->length_ms));
    rules.require(
        begins + kLeastTurnMs <= sync.cycle_ms, at,
        "begins a second before the end of the cycle, " + std::to_string(sync.cycle_ms) + " ms",
        std::to_string(begins) + " ms");
    begins += creative->length_ms;
  }
}

}  // namespace

// Joined to an origin by telemetry and to a directory by the operator: no step may lead out of
// either.
bool stays_below(const std::string& path) {
  for (const char c : path) {
    const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
    if (!plain && c != '.' && c != '_' && c != '-' && c != '/') return false;
  }
  return !path.empty() && path.front() != '/' &&
         ("/" + path + "/").find("/.") == std::string::npos &&
         path.find("//") == std::string::npos && path.back() != '/';
}

void check_dayparts(Rules& rules, const std::vector<Daypart>& dayparts,
                    const std::string& pointer) {
  for (std::size_t i = 0; i < dayparts.size(); ++i) {
    rules.require(dayparts[i].from_minute < 1440, item(pointer, i) + "/from_minute", "before 24:00",
                  time_text(dayparts[i].from_minute));
  }
}

void check_creatives(Rules& rules, const std::vector<Creative>& creatives,
                     const std::vector<ContentItem>& content, std::set<CreativeId>& known) {
  std::set<Hash256> hashes;
  for (std::size_t i = 0; i < content.size(); ++i) {
    const auto at = [&](const char* member) { return item("/content", i) + member; };
    const ContentItem& file = content[i];
    rules.require(
        hashes.insert(file.sha256).second, [&] { return at("/sha256"); }, kOnce,
        [&] { return again(to_hex(file.sha256)); });
    rules.require(
        stays_below(file.path), [&] { return at("/path"); },
        "a relative path of letters, digits, '.', '_' and '-', no part of it starting with '.'",
        [&] { return in_quotes(file.path); });
  }
  for (std::size_t i = 0; i < creatives.size(); ++i) {
    const auto at = [&](const char* member) { return item("/creatives", i) + member; };
    const Creative& creative = creatives[i];
    rules.require(
        known.insert(creative.id).second, [&] { return at("/id"); }, kOnce,
        [&] { return again(std::to_string(creative.id)); });
    rules.require(
        creative.length_ms == 0 || creative.length_ms >= kLeastTurnMs,
        [&] { return at("/length_ms"); }, "0, for the file's own, or at least 1000",
        [&] { return std::to_string(creative.length_ms); });
    std::set<VariantId> variants;
    for (std::size_t j = 0; j < creative.variants.size(); ++j) {
      const Variant& variant = creative.variants[j];
      const auto here = [&](const char* member) { return item(at("/variants"), j) + member; };
      rules.require(
          variants.insert(variant.id).second, [&] { return here("/id"); }, kOnce,
          [&] { return again(std::to_string(variant.id)); });
      rules.require(
          hashes.count(variant.content) != 0, [&] { return here("/content"); },
          "names a file that /content does not list", [&] { return to_hex(variant.content); });
    }
  }
}

Status check(const Schedule& schedule) {
  Rules rules;
  std::set<CreativeId> known;
  check_creatives(rules, schedule.creatives, schedule.content, known);
  const auto require_known = [&](CreativeId id, const std::string& at) {
    rules.require(known.count(id) != 0, at, "names a creative that the schedule does not define",
                  std::to_string(id));
  };
  std::set<CampaignId> campaigns;
  for (std::size_t i = 0; i < schedule.campaigns.size(); ++i) {
    const auto& campaign = schedule.campaigns[i];
    const auto at = item("/campaigns", i);
    rules.require_once(campaigns, campaign.id, at + "/id", std::to_string(campaign.id));
    check_campaign(rules, campaign, at, known);
  }
  for (std::size_t i = 0; i < schedule.house.size(); ++i)
    require_known(schedule.house[i], item("/house", i));
  check_zone(rules, schedule.layout.main, "/layout/main");
  check_zone(rules, schedule.layout.ticker, "/layout/ticker");
  check_zone(rules, schedule.layout.corner, "/layout/corner");
  if (schedule.layout.corner_creative != 0) {
    require_known(schedule.layout.corner_creative, "/layout/corner_creative");
  }
  if (schedule.sync) check_cycle(rules, schedule);
  return rules.status("schedule");
}

Status check(const Takeover& takeover) {
  Rules rules;
  std::set<CreativeId> known;
  check_creatives(rules, takeover.creatives, takeover.content, known);
  if (!takeover.withdraw) {
    rules.require(known.count(takeover.creative) != 0, "/creative",
                  "names a creative that the takeover does not define",
                  std::to_string(takeover.creative));
  }
  rules.require(takeover.until_utc == 0 || takeover.until_utc > takeover.from_utc, "/until_utc",
                "0 or later than from_utc", std::to_string(takeover.until_utc));
  return rules.status("takeover");
}

}  // namespace vitrine::codec
