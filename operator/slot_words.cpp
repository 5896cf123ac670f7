#include "operator/slot_words.hpp"

#include <spdlog/fmt/fmt.h>

#include <algorithm>
#include <set>

#include "base/time.hpp"
#include "operator/local_clock.hpp"

namespace vitrine::op {
namespace {

std::string label_text(const char* what, std::uint32_t id, const std::string& label) {
  return fmt::format("{} {}{}", what, id, label.empty() ? "" : " '" + label + "'");
}

std::string ordinal(std::int64_t n) {
  const std::int64_t tens = n % 100;
  const char* end = tens >= 11 && tens <= 13 ? "th"
                    : n % 10 == 1            ? "st"
                    : n % 10 == 2            ? "nd"
                    : n % 10 == 3            ? "rd"
                                             : "th";
  return std::to_string(n) + end;
}

const Standing* standing_of(const SlotView& slot, CampaignId id) {
  for (const Standing& standing : slot.standings.campaigns) {
    if (standing.campaign == id) return &standing;
  }
  return nullptr;
}

std::string flight_days(const Campaign& campaign) {
  std::string text;
  for (const Flight& flight : campaign.flights) {
    text += (text.empty() ? "" : ", ") + date_text(flight.first_day) + " to " +
            date_text(flight.last_day);
  }
  return text;
}

std::string weekday_text(std::uint8_t weekdays) {
  constexpr const char* kNames[] = {"Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"};
  if ((weekdays & 0x7f) == 0x7f) return "";
  std::string text = " on";
  for (int day = 0; day < 7; ++day) {
    if ((weekdays >> day & 1) != 0) text += std::string(" ") + kNames[day];
  }
  return text;
}

std::string daypart_hours(const Campaign& campaign) {
  std::string text;
  for (const Daypart& part : campaign.dayparts) {
    text += (text.empty() ? "" : ", ") + minute_text(part.from_minute) + "-" +
            minute_text(part.until_minute) + weekday_text(part.weekdays);
  }
  return text.empty() ? "its flight ends now" : "its hours are " + text;
}

// The parts of the whole that campaigns sharing by weight have in this slot.
std::string weight_text(const SlotView& slot, const Campaign& campaign) {
  std::int64_t all = 0;
  const auto pays = [](CampaignClass klass) {
    return klass == CampaignClass::guaranteed ? CampaignClass::share : klass;
  };
  for (const Campaign& other : slot.documents.schedule->campaigns) {
    const Standing* standing = standing_of(slot, other.id);
    if (standing == nullptr || !standing->open || standing->by_quota) continue;
    if (pays(other.klass) == pays(campaign.klass)) all += other.weight;
  }
  return fmt::format("{} of {} parts", campaign.weight, all);
}

std::string turn_text(const SlotView& slot, const Standing& standing) {
  const auto at = [&](std::int64_t utc_ms) { return clock_text(*slot.zone, utc_ms); };
  const bool has_turn = standing.opens_utc_ms != kAbsent;
  if (has_turn && standing.opens_utc_ms <= slot.seam.utc_ms) {
    return fmt::format("its turn in this hour is open from {} to {}", at(standing.opens_utc_ms),
                       at(standing.closes_utc_ms));
  }
  return fmt::format("ahead of its turn{}, because nothing else might be shown",
                     has_turn ? " at " + at(standing.opens_utc_ms) : "");
}

std::string quota_text(const SlotView& slot, const Standing& standing) {
  return fmt::format("its {} of {} plays due today; {}", ordinal(standing.today + 1),
                     standing.due_today, turn_text(slot, standing));
}

std::string paced_text(const SlotView& slot, const Standing& standing) {
  const std::string later = fmt::format("{} of {} due today had, the others come in later hours",
                                        standing.today, standing.due_today);
  if (standing.hour_plays == 0) return "none of its plays is planned into this hour; " + later;
  const std::string had =
      fmt::format("{} of {} plays of this hour had", standing.hour_had, standing.hour_plays);
  if (standing.opens_utc_ms == kAbsent) return had + "; " + later;
  return had + ", the next turn opens " + clock_text(*slot.zone, standing.opens_utc_ms);
}

std::string competitor_text(const SlotView& slot) {
  const auto& previous = slot.standings.previous;
  if (!previous) return "next to a category that one of the two excludes";
  return "next to " + campaign_text(*slot.documents.schedule, previous->campaign) +
         ", which is on the glass before it and excludes its category or is excluded by it";
}

std::string capped(const char* of, std::int64_t had, std::int64_t cap) {
  return fmt::format("had {} of at most {} plays {}", had, cap, of);
}

std::string sentence(const SlotView& slot, const Rejection& rejection) {
  const Campaign* campaign = slot.documents.schedule->campaign(rejection.campaign);
  const Standing* standing = standing_of(slot, rejection.campaign);
  const std::string creative =
      rejection.creative == 0 ? "" : creative_text(slot.documents, rejection.creative);
  switch (rejection.reason) {
    case Reason::content_absent:
      return creative + ": its file was not here, or not accepted";
    case Reason::content_rejected:
      return creative + ": vet refused its file";
    case Reason::quarantined:
      return creative + ": it failed on the glass and is in quarantine";
    case Reason::just_shown:
      return creative + " is on the glass before it and would follow itself";
    case Reason::clock_untrusted:
      return "depends on the time, which the screen does not know";
    case Reason::competitor:
      return competitor_text(slot);
    case Reason::position:
      return "first or last among paid plays, which it would not be here";
    default:
      break;
  }
  if (campaign == nullptr || standing == nullptr) return std::string(name_of(rejection.reason));
  const bool known = slot.seam.trust != ClockTrust::none;
  switch (rejection.reason) {
    case Reason::outside_flight:
      return "its days are " + flight_days(*campaign);
    case Reason::outside_daypart:
      return daypart_hours(*campaign);
    case Reason::separation:
      if (standing->since_last == kAbsent) return "too soon after its last play";
      return fmt::format("played {} s ago, needs {} s", standing->since_last / kSecond,
                         campaign->rules.separation_s);
    case Reason::hourly_cap:
      return known ? capped("an hour", standing->this_hour, standing->hourly_cap)
                   : fmt::format("had its {} plays in the last 60 minutes", standing->hourly_cap);
    case Reason::daily_cap:
      return capped("a day", standing->today, standing->daily_cap);
    case Reason::quota_met:
      if (!standing->by_quota) return "the numbers of this screen give it no plays";
      return fmt::format("{} of {} plays due today had", standing->today,
                         std::max<std::int64_t>(standing->due_today, 0));
    case Reason::paced:
      return paced_text(slot, *standing);
    default:
      return std::string(name_of(rejection.reason));
  }
}

// Nothing but the others kept it out.
std::string in_line_text(const SlotView& slot, const Campaign& campaign, const Standing& standing) {
  if (slot.decision.reason == Reason::takeover) return "a takeover holds the screen";
  if (slot.decision.reason == Reason::sync_cycle) return "the group's cycle holds the screen";
  if (standing.by_quota) {
    if (standing.closes_utc_ms == kAbsent) return "nothing of it is planned into this hour";
    return fmt::format(
        "its {} of {} plays due today may come until {}; others end sooner or are "
        "worth more",
        ordinal(standing.today + 1), standing.due_today,
        clock_text(*slot.zone, standing.closes_utc_ms));
  }
  if (slot.decision.reason == Reason::quota_due || slot.decision.reason == Reason::live_boost)
    return "shares by weight what quotas leave free";
  if (campaign.klass == CampaignClass::house || campaign.klass == CampaignClass::remnant)
    return "comes when nobody before it may: it is " +
           std::string(campaign.klass == CampaignClass::house ? "house" : "remnant");
  return weight_text(slot, campaign) + " of what is shared, and less behind them than the chosen";
}

void add(const SlotView& slot, const Rejection& rejection, KeptOut& entry) {
  if (entry.reason.empty()) entry.reason = name_of(rejection.reason);
  entry.text += (entry.text.empty() ? "" : "; ") + sentence(slot, rejection);
}

// Nothing of the flight in force was left to show: each of its creatives was kept out.
bool all_kept_out(const Campaign& campaign, const std::set<CreativeId>& creatives) {
  for (const Flight& flight : campaign.flights) {
    const auto kept = [&](const WeightedCreative& entry) {
      return creatives.contains(entry.creative);
    };
    if (!creatives.empty() && std::all_of(flight.creatives.begin(), flight.creatives.end(), kept))
      return true;
  }
  return false;
}

KeptOut of_campaign(const SlotView& slot, const Campaign& campaign) {
  KeptOut entry{campaign.id, "", ""};
  for (const Ghost& ghost : slot.decision.ghosts) {
    if (ghost.campaign == campaign.id)
      return {campaign.id, "ghost", "its control arm: counted for this slot, and not shown"};
  }
  // What keeps out the campaign as a whole says most, so it comes first.
  std::set<CreativeId> creatives;
  for (const Rejection& rejection : slot.rejections) {
    if (rejection.campaign != campaign.id) continue;
    if (rejection.creative == 0) add(slot, rejection, entry);
    if (rejection.creative != 0) creatives.insert(rejection.creative);
  }
  const Standing* standing = standing_of(slot, campaign.id);
  if (entry.reason.empty() && !all_kept_out(campaign, creatives)) {
    entry.reason = "in-line";
    entry.text =
        standing == nullptr ? "others came first" : in_line_text(slot, campaign, *standing);
  }
  for (const Rejection& rejection : slot.rejections) {
    if (rejection.campaign == campaign.id && rejection.creative != 0) add(slot, rejection, entry);
  }
  return entry;
}

}  // namespace

std::string campaign_text(const Schedule& schedule, CampaignId id) {
  if (id == 0) return "the house loop";
  const Campaign* campaign = schedule.campaign(id);
  return label_text("campaign", id, campaign == nullptr ? "" : campaign->label);
}

std::string creative_text(const Documents& documents, CreativeId id) {
  const Creative* creative = documents.schedule->creative(id);
  if (creative == nullptr && documents.takeover != nullptr) {
    for (const Creative& entry : documents.takeover->creatives) {
      if (entry.id == id) creative = &entry;
    }
  }
  return label_text("creative", id, creative == nullptr ? "" : creative->label);
}

CampaignId campaign_of(const Schedule& schedule, CreativeId creative) {
  for (const Campaign& campaign : schedule.campaigns) {
    for (const Flight& flight : campaign.flights) {
      for (const WeightedCreative& entry : flight.creatives) {
        if (entry.creative == creative) return campaign.id;
      }
    }
  }
  return 0;
}

std::string chosen_text(const SlotView& slot) {
  const Decision& decision = slot.decision;
  const Schedule& schedule = *slot.documents.schedule;
  const Standing* standing = standing_of(slot, decision.campaign);
  const Campaign* campaign = schedule.campaign(decision.campaign);
  switch (decision.reason) {
    case Reason::quota_due:
      return standing == nullptr ? "it is due" : quota_text(slot, *standing);
    case Reason::live_boost:
      return (standing == nullptr ? "it is due" : quota_text(slot, *standing)) +
             "; the audience of the last quarter of an hour moved it into this hour";
    case Reason::weight_due:
      return campaign == nullptr
                 ? "it is most behind its weight"
                 : weight_text(slot, *campaign) + " of what is shared, and most behind them";
    case Reason::house_fill:
      return "nobody else might have the slot";
    case Reason::takeover:
      return "a signed takeover holds the screen";
    case Reason::sync_cycle:
      return "its turn in the cycle of the group" +
             (schedule.sync ? " '" + schedule.sync->name + "'" : "");
    case Reason::experiment_fill:
      return "fills the slot of a campaign that is not shown here, as its control arm says";
    default:
      return std::string(name_of(decision.reason));
  }
}

std::vector<KeptOut> kept_out(const SlotView& slot) {
  std::vector<KeptOut> all;
  for (const Campaign& campaign : slot.documents.schedule->campaigns) {
    if (slot.decision.playable && slot.decision.campaign == campaign.id) continue;
    all.push_back(of_campaign(slot, campaign));
  }
  KeptOut house{0, "", ""};
  for (const Rejection& rejection : slot.rejections) {
    if (rejection.campaign == 0) add(slot, rejection, house);
  }
  if (!house.reason.empty()) all.push_back(std::move(house));
  return all;
}

}  // namespace vitrine::op
