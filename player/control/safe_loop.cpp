#include "player/safe_loop.hpp"

#include <algorithm>
#include <map>

namespace vitrine {
namespace {

// What was there at half of the last ends that nobody asked for. Kills that strike at random make
// hardly a suspect, and never of everything.
constexpr int kEndsLookedAt = 8;
constexpr int kSuspectAfter = 4;

std::set<Hash256> house_of(const PlayInputs& inputs) {
  std::set<Hash256> contents;
  if (!inputs.documents) return contents;
  const Schedule& schedule = inputs.documents->schedule;
  std::vector<CreativeId> creatives = schedule.house;
  for (const Campaign& campaign : schedule.campaigns) {
    if (campaign.klass != CampaignClass::house) continue;
    for (const Flight& flight : campaign.flights) {
      for (const WeightedCreative& entry : flight.creatives) creatives.push_back(entry.creative);
    }
  }
  for (const CreativeId id : creatives) {
    const Creative* creative = schedule.creative(id);
    if (creative == nullptr) continue;
    for (const Variant& variant : creative->variants) contents.insert(variant.content);
  }
  return contents;
}

}  // namespace

SafeLoop::SafeLoop(const std::vector<PlayRow>& plays) {
  std::map<Hash256, int> killed;
  int ends = 0;
  for (auto row = plays.rbegin(); row != plays.rend() && ends < kEndsLookedAt; ++row) {
    if (row->cut_cause != CutCause::killed) continue;
    ++ends;
    ++killed[row->content];
  }
  for (const PlayRow& row : plays) {
    if (row.cut_cause == CutCause::none && (row.verdict_bits & kVerdictFull) != 0)
      shown_well_.insert(row.content);
  }
  for (const auto& [content, times] : killed) {
    if (times >= kSuspectAfter) suspects_.insert(content);
  }
}

bool SafeLoop::is_safe(const Hash256& content, const std::set<Hash256>& house) const {
  return !suspects_.contains(content) && (house.contains(content) || shown_well_.contains(content));
}

void SafeLoop::keep_safe(PlayInputs& inputs) const {
  const std::set<Hash256> house = house_of(inputs);
  ContentState& state = inputs.content.state;
  std::erase_if(state.eligible, [&](const Hash256& content) { return !is_safe(content, house); });
  std::erase_if(state.length_ms,
                [&](const auto& entry) { return !state.eligible.contains(entry.first); });
  std::erase_if(inputs.content.blocks,
                [&](const auto& entry) { return !state.eligible.contains(entry.first); });
  inputs.safe = true;
}

}  // namespace vitrine
