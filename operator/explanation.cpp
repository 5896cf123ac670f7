#include <spdlog/fmt/fmt.h>

#include "operator/explain.hpp"
#include "operator/local_clock.hpp"
#include "protocol/json.hpp"

namespace vitrine::op {
namespace {

constexpr const char* kTrusts[] = {"not known", "held", "trusted"};

const char* trust_text(ClockTrust trust) {
  return kTrusts[static_cast<std::size_t>(trust)];
}

std::string when_text(const SlotView& slot) {
  if (slot.seam.trust == ClockTrust::none) return "a time the screen did not know";
  return moment_text(*slot.zone, slot.seam.utc_ms);
}

std::string runner_up_text(const SlotView& slot) {
  const CreativeId id = slot.decision.runner_up;
  if (slot.decision.reason == Reason::takeover) return "nothing: a takeover leaves no choice";
  if (slot.decision.reason == Reason::sync_cycle) return "nothing: the cycle leaves no choice";
  if (id == 0) return "nothing: nobody else might have been shown";
  const CampaignId campaign = campaign_of(*slot.documents.schedule, id);
  return campaign_text(*slot.documents.schedule, campaign) + ", " +
         creative_text(slot.documents, id);
}

std::string owner_text(const SlotView& slot) {
  if (slot.decision.kind == PlayKind::takeover) return "the takeover";
  return campaign_text(*slot.documents.schedule, slot.decision.campaign);
}

}  // namespace

std::string explanation_text(const Explanation& explanation) {
  const SlotView& slot = explanation.slot;
  std::string text =
      fmt::format("decision {}, {} by the clocks of {} (clock {})\n", slot.decision.decision_seq,
                  when_text(slot), slot.zone->name, trust_text(slot.seam.trust));
  text += "from      " + explanation.source + "\n";
  if (slot.decision.playable) {
    text += fmt::format("chosen    {}, {}, {} s\n", owner_text(slot),
                        creative_text(slot.documents, slot.decision.creative),
                        fmt::format("{:.3g}", static_cast<double>(slot.length_ms) / 1'000));
    text += fmt::format("because   {}: {}\n", name_of(slot.decision.reason), chosen_text(slot));
    text += "else      " + runner_up_text(slot) + "\n";
  } else {
    text += "chosen    nothing: nobody may be shown\n";
  }
  if (!explanation.recorded.empty()) text += "the log   " + explanation.recorded + "\n";
  for (const KeptOut& entry : kept_out(slot)) {
    text += fmt::format("not       {}: {} - {}\n",
                        campaign_text(*slot.documents.schedule, entry.campaign), entry.reason,
                        entry.text);
  }
  return text;
}

std::string explanation_json(const Explanation& explanation) {
  const SlotView& slot = explanation.slot;
  const Decision& decision = slot.decision;
  Json::Array others;
  for (const KeptOut& entry : kept_out(slot)) {
    others.emplace_back(Json::Object{{"campaign", std::int64_t{entry.campaign}},
                                     {"reason", entry.reason},
                                     {"text", entry.text}});
  }
  Json::Object object{{"decision", static_cast<std::int64_t>(decision.decision_seq)},
                      {"zone", slot.zone->name},
                      {"clock", trust_text(slot.seam.trust)},
                      {"source", explanation.source},
                      {"playable", decision.playable},
                      {"others", std::move(others)}};
  if (slot.seam.trust != ClockTrust::none) {
    object.emplace("utc_ms", slot.seam.utc_ms);
    object.emplace("local", when_text(slot));
  }
  if (!explanation.recorded.empty()) object.emplace("log", explanation.recorded);
  if (decision.playable) {
    object.emplace("length_ms", slot.length_ms);
    object.emplace("campaign", std::int64_t{decision.campaign});
    object.emplace("creative", std::int64_t{decision.creative});
    object.emplace("reason", std::string(name_of(decision.reason)));
    object.emplace("text", chosen_text(slot));
    object.emplace("runner_up", std::int64_t{decision.runner_up});
  }
  return write_json(object) + "\n";
}

}  // namespace vitrine::op
