#include <numeric>

#include "codec/rules.hpp"

namespace vitrine::codec {
namespace {

constexpr std::uint32_t kWhole = 10000;
constexpr std::uint32_t kLeastWeight = 500;

}  // namespace

Status check(const Numbers& numbers) {
  Rules rules;
  std::set<CampaignId> campaigns;
  for (std::size_t i = 0; i < numbers.campaigns.size(); ++i) {
    const auto& campaign = numbers.campaigns[i];
    const auto at = "/campaigns/" + std::to_string(i);
    rules.require_once(campaigns, campaign.campaign, at + "/campaign",
                       std::to_string(campaign.campaign));
    std::set<CreativeId> creatives;
    std::uint32_t sum = 0;
    for (std::size_t j = 0; j < campaign.creative_weight.size(); ++j) {
      const auto& share = campaign.creative_weight[j];
      const auto here = at + "/creative_weight/" + std::to_string(j);
      rules.require_once(creatives, share.creative, here + "/creative",
                         std::to_string(share.creative));
      rules.require(share.weight >= kLeastWeight, here + "/weight", "at least 500",
                    std::to_string(share.weight));
      sum += share.weight;
    }
    // Empty = the schedule's own weights hold.
    rules.require(campaign.creative_weight.empty() || sum == kWhole, at + "/creative_weight",
                  "weights that sum to 10000", std::to_string(sum));
  }
  return rules.status("numbers");
}

Status check(const Profile& profile) {
  Rules rules;
  for (std::size_t hour = 0; hour < profile.hours.size(); ++hour) {
    const auto& share = profile.hours[hour].share;
    const auto sum = std::accumulate(share.begin(), share.end(), 0u);
    rules.require(sum == kWhole, "/hours/" + std::to_string(hour) + "/share",
                  "shares that sum to 10000", std::to_string(sum));
  }
  return rules.status("profile");
}

Status check(const Registry& registry) {
  Rules rules;
  std::set<ScreenId> seen;
  for (std::size_t i = 0; i < registry.screens.size(); ++i) {
    const auto& entry = registry.screens[i];
    const auto at = "/screens/" + std::to_string(i);
    rules.require_once(seen, entry.screen, at + "/screen", in_quotes(entry.screen));
    rules.require(entry.shard == shard_of(entry.screen), at + "/shard",
                  "the shard of this name, " + std::to_string(shard_of(entry.screen)),
                  std::to_string(entry.shard));
  }
  return rules.status("registry");
}

Status check(const Command& command) {
  Rules rules;
  if (command.verb == CommandVerb::resend) {
    rules.require(command.log_id != 0, "/log_id", "the log to send again", "none");
    rules.require(command.first >= 1 && command.last >= command.first, "/last", "a range from 1 on",
                  std::to_string(command.first) + ".." + std::to_string(command.last));
  }
  return rules.status("command");
}

}  // namespace vitrine::codec
