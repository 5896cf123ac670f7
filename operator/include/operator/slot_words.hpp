// One slot in words, as one would tell an advertiser: what was chosen and why, and what kept
// everybody else out, with the figures.
#pragma once

#include <string>
#include <vector>

#include "scheduler/standing.hpp"

namespace vitrine::op {

// A slot and all that speaks about it. Pointers in `documents` are borrowed.
struct SlotView {
  Documents documents;
  const ZoneTable* zone = nullptr;
  SeamTime seam;
  std::int64_t length_ms = 0;
  Decision decision;
  std::vector<Rejection> rejections;
  Standings standings;
};

std::string campaign_text(const Schedule& schedule, CampaignId id);  // "campaign 12 'Spring sale'"
std::string creative_text(const Documents& documents, CreativeId id);
// The campaign that shows a creative in some flight; 0: the house loop, or nobody.
CampaignId campaign_of(const Schedule& schedule, CreativeId creative);

// Why it was chosen, in a sentence without its end.
std::string chosen_text(const SlotView& slot);

// A campaign that was not chosen.
struct KeptOut {
  CampaignId campaign = 0;  // 0 = the house loop, or a takeover
  std::string reason;       // the reason's word; "in-line": nothing but others kept it out
  std::string text;         // with the figures
};
// In schedule order, then the house loop where something keeps it out.
std::vector<KeptOut> kept_out(const SlotView& slot);

}  // namespace vitrine::op
