#include "scheduler/decide.hpp"

#include <algorithm>

#include "candidates.hpp"
#include "hour_turns.hpp"
#include "protocol/quota.hpp"
#include "share.hpp"

namespace vitrine {
namespace {

struct Choice {
  const CampaignCandidate* campaign = nullptr;  // nullptr: house
  const Candidate* creative = nullptr;
  Reason reason = Reason::none;
};

// What is still allowed when there is nothing better.
struct Leeway {
  bool repeat = false;  // what the glass shows now may follow itself
  bool ahead = false;   // a play may come before its turn
};

class Chooser {
 public:
  Chooser(const SlotView& slot, const std::vector<CampaignCandidate>& campaigns,
          const std::vector<Candidate>& house, const std::vector<HourTurns>& turns, Leeway leeway)
      : slot_(slot), campaigns_(campaigns), house_(house), turns_(turns), leeway_(leeway) {}

  // The best of those for which `allowed` holds: quotas whose turn has come first, then shares by
  // class, then the house loop, then quotas ahead of their turn.
  template <class Allowed>
  std::optional<Choice> best(Allowed allowed) const {
    std::optional<Choice> choice = by_quota(allowed);
    if (!choice) choice = by_weight(allowed, {CampaignClass::guaranteed, CampaignClass::share});
    if (!choice) choice = by_weight(allowed, {CampaignClass::remnant});
    if (!choice) choice = by_weight(allowed, {CampaignClass::house});
    if (!choice) choice = from_house(nullptr);
    if (!choice && leeway_.ahead) choice = ahead_of_turn(allowed);
    return choice;
  }

  // What would have come had `chosen` not been there.
  std::optional<Choice> after(const Choice& chosen) const {
    if (chosen.campaign == nullptr) return from_house(chosen.creative);
    return best([&](const CampaignCandidate& entry) {
      return &entry != chosen.campaign && !is_control(entry);
    });
  }

  static bool is_control(const CampaignCandidate& entry) {
    return entry.numbers != nullptr && entry.numbers->arm == Arm::control;
  }

  // nullptr: no quota speaks for it in this hour.
  const HourTurns* turns_of(const CampaignCandidate& entry) const {
    const auto found =
        std::lower_bound(turns_.begin(), turns_.end(), entry.campaign->id,
                         [](const HourTurns& turns, CampaignId id) { return turns.campaign < id; });
    return found != turns_.end() && found->campaign == entry.campaign->id ? &*found : nullptr;
  }
  bool turn_has_come(const CampaignCandidate& entry) const {
    const HourTurns* turns = turns_of(entry);
    return turns != nullptr && turns->due(slot_.moment().utc_s * 1'000);
  }

  // Plays still due today; nullopt when no quota speaks for this campaign.
  std::optional<std::int64_t> owed(const CampaignCandidate& entry) const {
    if (entry.numbers == nullptr || !slot_.moment().known) return std::nullopt;
    const CampaignNumbers& numbers = *entry.numbers;
    return quota_due(numbers.goal_milli, numbers.phase, slot_.day() - numbers.first_day) -
           slot_.plays_since(entry.campaign->id, numbers.first_day);
  }

  bool can_show(const CampaignCandidate& entry) const {
    return entry.barred == Reason::none &&
           std::any_of(entry.creatives.begin(), entry.creatives.end(),
                       [&](const Candidate& creative) { return may_show(creative); });
  }

 private:
  bool may_show(const Candidate& creative) const { return leeway_.repeat || !creative.just_shown; }

  bool by_time() const { return slot_.input().documents.schedule->sov_basis == SovBasis::time; }
  std::int64_t step_of(const Candidate& creative) const {
    if (!by_time()) return 1;
    return creative.length_ms != 0 ? creative.length_ms : kNominalLengthMs;
  }

  // The remembered plays, oldest first, as turns of the members that `member_of` recognises; what
  // the tally knows beyond them lies before.
  template <class MemberOf, class AmountOf>
  std::vector<ShareTurn> turns(std::vector<ShareMember>& members, MemberOf member_of,
                               AmountOf amount_of) const {
    std::vector<ShareTurn> result;
    for (const auto* plays : {&slot_.input().history.recent, &slot_.input().pending}) {
      for (const HistoryPlay& play : *plays) {
        const std::optional<std::size_t> member = member_of(play);
        if (!member) continue;
        result.push_back({*member, amount_of(play)});
        members[*member].before -= result.back().amount;
      }
    }
    for (ShareMember& member : members) member.before = std::max<std::int64_t>(member.before, 0);
    return result;
  }

  const Candidate* creative_of(const CampaignCandidate& entry) const {
    std::vector<ShareMember> members;
    for (const Candidate& creative : entry.creatives) {
      members.push_back({creative.creative->id, creative.weight,
                         slot_.plays_of(entry.campaign->id, creative.creative->id), 1,
                         may_show(creative)});
    }
    const auto history = turns(
        members,
        [&](const HistoryPlay& play) -> std::optional<std::size_t> {
          if (play.campaign != entry.campaign->id) return std::nullopt;
          for (std::size_t i = 0; i < entry.creatives.size(); ++i) {
            if (entry.creatives[i].creative->id == play.creative) return i;
          }
          return std::nullopt;
        },
        [](const HistoryPlay&) { return 1; });
    const auto chosen = most_behind(std::move(members), history);
    return chosen ? &entry.creatives[*chosen] : nullptr;
  }

  // What one play of a creative weighs, and what a campaign had so far; creatives no longer in
  // force weigh as usual.
  std::int64_t amount_of(const CampaignCandidate& entry, CreativeId id) const {
    if (!by_time()) return 1;
    for (const Candidate& creative : entry.creatives) {
      if (creative.creative->id == id) return step_of(creative);
    }
    return kNominalLengthMs;
  }
  std::int64_t had_so_far(const CampaignCandidate& entry) const {
    std::int64_t amount = 0;
    for (const History::Tally& tally : slot_.input().history.tally) {
      if (tally.campaign != entry.campaign->id) continue;
      amount += tally.plays * amount_of(entry, tally.creative);
    }
    for (const HistoryPlay& play : slot_.input().pending) {
      if (play.campaign == entry.campaign->id) amount += amount_of(entry, play.creative);
    }
    return amount;
  }

  // Of those whose turn has come the one whose turn ends first; then the one it is worth more to.
  template <class Allowed>
  std::optional<Choice> by_quota(Allowed allowed) const {
    const CampaignCandidate* best = nullptr;
    const HourTurns* first = nullptr;
    for (const CampaignCandidate& entry : campaigns_) {
      if (!turn_has_come(entry) || !allowed(entry) || !can_show(entry)) continue;
      const HourTurns* turns = turns_of(entry);
      if (first != nullptr && !before(*turns, *first)) continue;
      best = &entry;
      first = turns;
    }
    if (best == nullptr) return std::nullopt;
    return Choice{best, creative_of(*best),
                  first->boosted ? Reason::live_boost : Reason::quota_due};
  }
  static bool before(const HourTurns& a, const HourTurns& b) {
    const std::int64_t left = a.closes_utc_ms();
    const std::int64_t right = b.closes_utc_ms();
    if (left != right) return left < right;
    return a.value != b.value ? a.value > b.value : a.campaign < b.campaign;
  }

  // Better too early than nothing on the glass; what is most behind for the day comes first.
  template <class Allowed>
  std::optional<Choice> ahead_of_turn(Allowed allowed) const {
    const CampaignCandidate* best = nullptr;
    std::int64_t most_owed = 0;
    for (const CampaignCandidate& entry : campaigns_) {
      const std::int64_t due = owed(entry).value_or(0);
      if (due <= 0 || !allowed(entry) || !can_show(entry)) continue;
      const bool more =
          due > most_owed || (due == most_owed && entry.campaign->id < best->campaign->id);
      if (best == nullptr || more) {
        best = &entry;
        most_owed = due;
      }
    }
    if (best == nullptr) return std::nullopt;
    return Choice{best, creative_of(*best), Reason::quota_due};
  }

  template <class Allowed>
  std::optional<Choice> by_weight(Allowed allowed, std::vector<CampaignClass> classes) const {
    std::vector<ShareMember> members;
    std::vector<Choice> choices;
    for (const CampaignCandidate& entry : campaigns_) {
      if (std::find(classes.begin(), classes.end(), entry.campaign->klass) == classes.end())
        continue;
      if (owed(entry)) continue;
      const bool possible = can_show(entry);
      const Candidate* creative = possible ? creative_of(entry) : &entry.creatives.front();
      members.push_back({entry.campaign->id, entry.campaign->weight, had_so_far(entry),
                         step_of(*creative), possible && allowed(entry)});
      choices.push_back({&entry, creative, Reason::weight_due});
    }
    const auto position = [&](const HistoryPlay& play) -> std::optional<std::size_t> {
      for (std::size_t i = 0; i < choices.size(); ++i) {
        if (choices[i].campaign->campaign->id == play.campaign) return i;
      }
      return std::nullopt;
    };
    const auto history = turns(members, position, [&](const HistoryPlay& play) {
      return amount_of(*choices[*position(play)].campaign, play.creative);
    });
    const auto chosen = most_behind(std::move(members), history);
    if (!chosen) return std::nullopt;
    return choices[*chosen];
  }

  std::optional<Choice> from_house(const Candidate* but) const {
    for (const Candidate& creative : house_) {
      if (&creative != but && may_show(creative)) {
        return Choice{nullptr, &creative, Reason::house_fill};
      }
    }
    return std::nullopt;
  }

  const SlotView& slot_;
  const std::vector<CampaignCandidate>& campaigns_;
  const std::vector<Candidate>& house_;
  const std::vector<HourTurns>& turns_;
  Leeway leeway_;
};

// Where the house loop goes on: after its last play. Where a creative stands in the loop more than
// once, the one before it tells which of them it was.
std::size_t house_position(const DecisionInput& input) {
  const auto& loop = input.documents.schedule->house;
  std::vector<CreativeId> shown;
  for (const auto* plays : {&input.history.recent, &input.pending}) {
    for (const HistoryPlay& play : *plays) {
      if (play.campaign == 0 && !play.ghost) shown.push_back(play.creative);
    }
  }
  if (shown.empty()) return 0;
  std::optional<std::size_t> found;
  for (std::size_t i = 0; i < loop.size(); ++i) {
    if (loop[i] != shown.back()) continue;
    if (!found) found = i;
    const CreativeId before = loop[(i + loop.size() - 1) % loop.size()];
    if (shown.size() > 1 && before == shown[shown.size() - 2]) {
      found = i;
      break;
    }
  }
  return found ? *found + 1 : 0;
}

std::vector<Candidate> house_candidates(const SlotView& slot,
                                        std::vector<Decision::Rejection>& rejections) {
  const auto& loop = slot.input().documents.schedule->house;
  const std::size_t start = house_position(slot.input());
  std::vector<Candidate> candidates;
  for (std::size_t i = 0; i < loop.size(); ++i) {
    auto found = house_candidate(slot, loop[(start + i) % loop.size()], rejections);
    if (found) candidates.push_back(*found);
  }
  return candidates;
}

void fill_in(Decision& decision, const Candidate& creative) {
  decision.playable = true;
  decision.creative = creative.creative->id;
  decision.variant = creative.variant->id;
  decision.content = creative.variant->content;
  decision.length_ms = creative.creative->length_ms;
}

void fill_in(Decision& decision, const Choice& choice) {
  fill_in(decision, *choice.creative);
  decision.reason = choice.reason;
  decision.kind = PlayKind::house;
  if (choice.campaign == nullptr) return;
  const Campaign& campaign = *choice.campaign->campaign;
  if (campaign.klass != CampaignClass::house) decision.kind = PlayKind::play;
  decision.campaign = campaign.id;
  decision.flight_phase = choice.campaign->flight->phase;
  if (choice.campaign->numbers != nullptr) decision.arm = choice.campaign->numbers->arm;
}

// A takeover rules while it holds. Without a clock only one that needs none does.
bool take_over(const SlotView& slot, Decision& decision) {
  const Takeover* takeover = slot.input().documents.takeover;
  if (takeover == nullptr || takeover->withdraw) return false;
  if (slot.moment().known) {
    const std::int64_t now = slot.moment().utc_s;
    if (now < takeover->from_utc) return false;
    if (takeover->until_utc != 0 && now >= takeover->until_utc) return false;
  } else if (takeover->from_utc != 0 || takeover->until_utc != 0) {
    decision.rejections.push_back({0, takeover->creative, Reason::clock_untrusted});
    return false;
  }
  for (const Creative& creative : takeover->creatives) {
    if (creative.id != takeover->creative) continue;
    Reason why_not = Reason::none;
    const Variant* variant = slot.variant_of(creative, why_not);
    if (variant == nullptr) {
      decision.rejections.push_back({0, creative.id, why_not});
      return false;
    }
    fill_in(decision, {&creative, variant, 1, 0, false});
    decision.kind = PlayKind::takeover;
    decision.reason = Reason::takeover;
    return true;
  }
  return false;
}

bool choose(const Chooser& chooser, Decision& decision) {
  const auto everybody = [](const CampaignCandidate&) { return true; };
  std::optional<Choice> choice = chooser.best(everybody);
  if (choice && choice->campaign != nullptr && Chooser::is_control(*choice->campaign)) {
    // The slot this campaign would have had: counted as its ghost, shown to nobody, given to
    // somebody unrelated.
    const Campaign& ghost = *choice->campaign->campaign;
    const Ghost counted{ghost.id, choice->creative->creative->id};
    choice = chooser.best([&](const CampaignCandidate& entry) {
      const Campaign& other = *entry.campaign;
      return !Chooser::is_control(entry) && !are_competitors(other, ghost) &&
             (ghost.category.empty() || other.category != ghost.category);
    });
    if (!choice) return false;
    choice->reason = Reason::experiment_fill;
    decision.ghosts.push_back(counted);
  }
  if (!choice) return false;
  fill_in(decision, *choice);
  // It was not kept out after all.
  std::erase_if(decision.rejections, [&](const auto& rejection) {
    return rejection.campaign == decision.campaign && rejection.reason == Reason::paced;
  });
  const auto next_best = chooser.after(*choice);
  if (next_best) decision.runner_up = next_best->creative->creative->id;
  return true;
}

}  // namespace

Decision decide(const DecisionInput& input) {
  Decision decision;
  decision.decision_seq = input.decision_seq;
  const SlotView slot(input);
  if (take_over(slot, decision)) return decision;

  const auto campaigns = campaign_candidates(slot, decision.rejections);
  const auto house = house_candidates(slot, decision.rejections);
  const auto turns = hour_turns(slot);
  const Chooser fresh(slot, campaigns, house, turns, {});
  for (const CampaignCandidate& entry : campaigns) {
    const CampaignId id = entry.campaign->id;
    const std::optional<std::int64_t> owed = fresh.owed(entry);
    if (owed.value_or(1) <= 0) {
      decision.rejections.push_back({id, 0, Reason::quota_met});
    } else if (owed && !fresh.turn_has_come(entry)) {
      decision.rejections.push_back({id, 0, Reason::paced});
    }
    for (const Candidate& creative : entry.creatives) {
      if (creative.just_shown) {
        decision.rejections.push_back({id, creative.creative->id, Reason::just_shown});
      }
    }
  }
  if (choose(fresh, decision)) return decision;
  // What is on the glass now is all there is: better again than nothing.
  std::erase_if(decision.rejections,
                [](const auto& rejection) { return rejection.reason == Reason::just_shown; });
  // The same once more wastes nothing; a play before its turn does.
  if (choose(Chooser(slot, campaigns, house, turns, {.repeat = true}), decision)) return decision;
  choose(Chooser(slot, campaigns, house, turns, {.repeat = true, .ahead = true}), decision);
  return decision;
}

}  // namespace vitrine
