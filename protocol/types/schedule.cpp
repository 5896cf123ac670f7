#include "protocol/schedule.hpp"

#include <algorithm>

namespace vitrine {
namespace {

template <class T, class Match>
const T* find(const std::vector<T>& items, Match match) {
  const auto found = std::find_if(items.begin(), items.end(), match);
  return found == items.end() ? nullptr : &*found;
}

}  // namespace

const Campaign* Schedule::campaign(CampaignId id) const {
  return find(campaigns, [id](const Campaign& c) { return c.id == id; });
}
const Creative* Schedule::creative(CreativeId id) const {
  return find(creatives, [id](const Creative& c) { return c.id == id; });
}
const ContentItem* Schedule::find_content(const Hash256& sha256) const {
  return find(content, [&](const ContentItem& item) { return item.sha256 == sha256; });
}

}  // namespace vitrine
