#include "player/scene_maker.hpp"

#include "protocol/qr_token.hpp"

namespace vitrine {
namespace {

constexpr std::string_view kTokenPlace = "{token}";

}  // namespace

SceneWish SceneMaker::wish_of(const PlayInputs& inputs, const ContentState& files,
                              const Decision& decision, const KnownClock& clock,
                              Micros seam) const {
  SceneWish wish;
  if (!inputs.documents || decision.kind == PlayKind::takeover) return wish;
  const Schedule& schedule = inputs.documents->schedule;
  wish.layout = schedule.layout;
  add_corner(wish, inputs, files);
  const Campaign* campaign = schedule.campaign(decision.campaign);
  if (campaign == nullptr || !campaign->qr || !setup_.qr_key || clock.trust == ClockTrust::none)
    return wish;
  wish.code = campaign->qr->url;
  const auto at = wish.code.find(kTokenPlace);
  if (at == std::string::npos) {
    wish.code.clear();
    return wish;
  }
  wish.code.replace(at, kTokenPlace.size(),
                    write_qr_token(qr_token_at(setup_.screen, decision.creative, clock.utc_s(seam)),
                                   *setup_.qr_key));
  wish.code_place = campaign->qr->place;
  wish.code_permille = campaign->qr->size_permille;
  return wish;
}

void SceneMaker::add_corner(SceneWish& wish, const PlayInputs& inputs,
                            const ContentState& files) const {
  const Creative* creative =
      inputs.documents->schedule.creative(inputs.documents->schedule.layout.corner_creative);
  if (creative == nullptr || creative->variants.empty()) return;
  const Hash256& content = creative->variants.front().content;
  const auto blocks = inputs.content.blocks.find(content);
  if (!files.eligible.contains(content) || files.quarantined.contains(content) ||
      blocks == inputs.content.blocks.end())
    return;
  wish.corner_file = setup_.content.path_of(content);
  wish.corner_blocks = blocks->second;
}

}  // namespace vitrine
