#include "compiled_schedule.hpp"

#include <algorithm>

namespace vitrine {
namespace {

std::int64_t cap(std::uint32_t value) {
  return value == 0 ? kNoCap : value;
}

std::int64_t weight_of(const CampaignNumbers* numbers, const WeightedCreative& entry) {
  if (numbers != nullptr) {
    for (const CreativeShare& share : numbers->creative_weight) {
      if (share.creative == entry.creative) return share.weight;
    }
  }
  return entry.weight;
}

int category_place(std::unordered_map<std::string, int>& categories, const std::string& name) {
  if (name.empty()) return -1;
  return categories.try_emplace(name, static_cast<int>(categories.size())).first->second;
}

bool contains(const std::vector<int>& list, int value) {
  return std::find(list.begin(), list.end(), value) != list.end();
}

}  // namespace

const CompiledVariant* CompiledCreative::variant_for(int group, Reason& why_not) const {
  why_not = Reason::content_absent;
  if (variants.empty()) return nullptr;
  if (group >= 0) {
    for (const CompiledVariant& entry : variants) {
      const auto& groups = entry.variant->groups;
      if (std::find(groups.begin(), groups.end(), group) == groups.end()) continue;
      if (entry.problem != Reason::none) break;
      why_not = Reason::none;
      return &entry;
    }
  }
  why_not = variants.front().problem;
  return why_not == Reason::none ? &variants.front() : nullptr;
}

CompiledSchedule::CompiledSchedule(const Documents& documents, const ContentState& content)
    : documents_(documents), content_(content) {
  creatives_.reserve(schedule().creatives.size());
  for (const Creative& creative : schedule().creatives) {
    creative_place_.try_emplace(creative.id, creatives_.size());
    creatives_.push_back(compile(creative));
  }
  std::unordered_map<std::string, int> categories;
  campaigns_.reserve(schedule().campaigns.size());
  for (const Campaign& campaign : schedule().campaigns) compile(campaign, categories);
  if (documents_.numbers != nullptr) {
    for (const CampaignNumbers& numbers : documents_.numbers->campaigns) {
      const int place = place_of(numbers.campaign);
      if (place >= 0) campaigns_[static_cast<std::size_t>(place)].numbers = &numbers;
    }
  }
  of_category_.resize(categories.size());
  excluders_.resize(categories.size());
  for (std::size_t place = 0; place < campaigns_.size(); ++place) {
    CompiledCampaign& campaign = campaigns_[place];
    if (campaign.category >= 0)
      of_category_[static_cast<std::size_t>(campaign.category)].push_back(place);
    for (const int excluded : campaign.excluded)
      excluders_[static_cast<std::size_t>(excluded)].push_back(place);
    // The weights are the numbers' where there are any, so only now the order is known.
    for (CompiledFlight& flight : campaign.flights) {
      for (const WeightedCreative& entry : flight.flight->creatives) {
        const CompiledCreative* creative = this->creative(entry.creative);
        if (creative == nullptr) continue;
        flight.creatives.push_back({creative, weight_of(campaign.numbers, entry)});
      }
      std::sort(flight.creatives.begin(), flight.creatives.end(), [](const auto& a, const auto& b) {
        if (a.weight != b.weight) return a.weight > b.weight;
        return a.creative->creative->id < b.creative->creative->id;
      });
    }
  }
}

void CompiledSchedule::compile(const Campaign& campaign,
                               std::unordered_map<std::string, int>& categories) {
  CompiledCampaign compiled;
  compiled.campaign = &campaign;
  compiled.category = category_place(categories, campaign.category);
  for (const std::string& name : campaign.rules.exclude_categories) {
    const int category = category_place(categories, name);
    if (category >= 0 && !contains(compiled.excluded, category))
      compiled.excluded.push_back(category);
  }
  for (const Flight& flight : campaign.flights) compiled.flights.push_back({&flight, {}});
  compiled.separation = Micros{campaign.rules.separation_s} * kSecond;
  compiled.daily_cap = std::min(cap(campaign.rules.daily_cap), cap(campaign.max_plays_day));
  compiled.hourly_cap = cap(campaign.rules.hourly_cap);
  campaign_place_.try_emplace(campaign.id, static_cast<int>(campaigns_.size()));
  campaigns_.push_back(std::move(compiled));
}

CompiledCreative CompiledSchedule::compile(const Creative& creative) const {
  CompiledCreative compiled;
  compiled.creative = &creative;
  compiled.variants.reserve(creative.variants.size());
  for (const Variant& variant : creative.variants) {
    std::int64_t length = creative.length_ms;
    if (length == 0) {
      const auto measured = content_.length_ms.find(variant.content);
      if (measured != content_.length_ms.end()) length = measured->second;
    }
    compiled.variants.push_back(
        {&variant, problem_of(variant.content), length == 0 ? kNominalLengthMs : length});
  }
  return compiled;
}

Reason CompiledSchedule::problem_of(const Hash256& content) const {
  if (content_.quarantined.contains(content)) return Reason::quarantined;
  if (content_.rejected.contains(content)) return Reason::content_rejected;
  return content_.eligible.contains(content) ? Reason::none : Reason::content_absent;
}

int CompiledSchedule::place_of(CampaignId id) const {
  const auto found = campaign_place_.find(id);
  return found == campaign_place_.end() ? -1 : found->second;
}

const CompiledCreative* CompiledSchedule::creative(CreativeId id) const {
  const auto found = creative_place_.find(id);
  return found == creative_place_.end() ? nullptr : &creatives_[found->second];
}

bool CompiledSchedule::competitors(std::size_t a, std::size_t b) const {
  const auto excludes = [](const CompiledCampaign& one, const CompiledCampaign& other) {
    return other.category >= 0 && contains(one.excluded, other.category);
  };
  return excludes(campaigns_[a], campaigns_[b]) || excludes(campaigns_[b], campaigns_[a]);
}

}  // namespace vitrine
