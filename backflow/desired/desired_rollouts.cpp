// Desired's documents in rings: which screens have their copy, and what becomes of it.
#include <algorithm>

#include "backflow/desired.hpp"
#include "platform/log.hpp"
#include "protocol/topics.hpp"

namespace vitrine {
namespace {

std::string title(const Rollout& rollout) {
  return std::string(name_of(rollout.kind)) + " " + std::to_string(rollout.version) + " for " +
         rollout.audience.text();
}

// Whose topic holds a copy, or held one when the rollout ended: the last ring has the group's.
std::set<ScreenId> holders(const Rollout& rollout, const std::vector<RolloutScreen>& screens) {
  const auto& rings = rollout.rules.rings;
  const std::size_t ring = std::min(rollout.ring, rings.size() < 2 ? 0 : rings.size() - 2);
  std::vector<std::string> names;
  for (const RolloutScreen& screen : screens) names.push_back(screen.screen);
  const auto chosen = screens_of_ring(std::move(names), rollout.version, rings[ring]);
  return {chosen.begin(), chosen.end()};
}

bool open_now(const Rollout& rollout) {
  return rollout.status == RolloutStatus::running || rollout.status == RolloutStatus::stopped;
}

}  // namespace

// Every screen of the audience but those with a document of this kind of their own: that goes
// before the group's, and its topic is taken.
std::vector<RolloutScreen> Desired::screens_of(const Rollout& rollout,
                                               const Registry& registry) const {
  std::vector<RolloutScreen> screens;
  for (const RegisteredScreen* screen : screens_in(rollout.audience, registry)) {
    const Audience alone{Audience::Kind::screen, screen->screen};
    const SignedDocument* own = archive_.current(rollout.kind, alone);
    if (own == nullptr || !usable(*own)) screens.push_back(stand_of(screen->screen, rollout));
  }
  return screens;
}

RolloutScreen Desired::stand_of(const ScreenId& screen, const Rollout& rollout) const {
  RolloutScreen stand{screen, living_.contains(screen), RolloutScreen::Stand::behind, ""};
  const auto told = told_.find(screen);
  if (told == told_.end()) return stand;
  for (const ReportedDocument& document : told->second.documents) {
    if (document.kind != name_of(rollout.kind) || document.version != rollout.version ||
        document.audience != rollout.audience.text())
      continue;
    // Only a schedule makes a generation that can be confirmed: until one comes, settings have come
    // as far as they can.
    const bool far_enough = rollout.kind == DocumentKind::settings &&
                            document.state == ApplyState::verified && !told->second.has_generation;
    if (document.state == ApplyState::confirmed || far_enough)
      stand.stand = RolloutScreen::Stand::confirmed;
    if (document.state == ApplyState::refused) {
      stand.stand = RolloutScreen::Stand::refused;
      stand.why = document.error;
    }
  }
  return stand;
}

void Desired::open_rings(Rollouts::Entry& entry, const std::vector<RolloutScreen>& screens) const {
  entry.open_to = open_now(entry.state) ? holders(entry.state, screens) : std::set<ScreenId>();
}

void Desired::copies(const Rollouts::Entry& entry, std::vector<RetainedDocument>& retain) const {
  for (const ScreenId& screen : entry.open_to)
    retain.push_back({DeviceTopics(screen).desired(entry.state.kind), entry.document.jws});
}

void Desired::clear_copies(const Rollouts::Entry& entry, const std::vector<RolloutScreen>& screens,
                           std::vector<RetainedDocument>& retain) const {
  for (const ScreenId& screen : holders(entry.state, screens))
    retain.push_back({DeviceTopics(screen).desired(entry.state.kind), ""});
}

Status Desired::begin_rollout(const SignedDocument& document, const Registry& registry,
                              const std::string& by, Verdict& verdict) {
  const DocumentHeader& header = document.header;
  Rollouts::Entry* before = rollouts_.find(header.kind, header.audience);
  Rollouts::Entry entry{document, {}, {}};
  if (before != nullptr && before->document.jws == document.jws) {
    entry = *before;  // the reply had got lost
  } else {
    entry.state.kind = header.kind;
    entry.state.audience = header.audience;
    entry.state.version = header.version;
    entry.state.rules = rules_;
    entry.state.pushed_by = by;
    if (before != nullptr) entry.state.last_order = before->state.last_order;
  }
  const auto screens = screens_of(entry.state, registry);
  if (before != nullptr) {
    if (before->state.status == RolloutStatus::aborted && before->document.jws == document.jws)
      return fail(ErrorCode::conflict, "its rollout was aborted; push it with a higher version");
    clear_copies(*before, screens_of(before->state, registry), verdict.retain);
  }
  open_rings(entry, screens);
  if (auto kept = archive_.keep_by_hash(document); !kept) return kept;
  // A ring that is everybody has nobody to wait for.
  if (open_now(entry.state) && entry.open_to.size() == screens.size()) {
    entry.state.status = RolloutStatus::done;
    entry.state.ring = entry.state.rules.rings.size() - 1;
    return finish_rollout(std::move(entry), screens, verdict.retain);
  }
  verdict.reply.reason = describe(entry.state, screens);
  copies(entry, verdict.retain);
  return rollouts_.put(std::move(entry));
}

// What everybody is to have: on disk as such first, so that a kill in between ends no rollout
// halfway.
Status Desired::finish_rollout(Rollouts::Entry entry, const std::vector<RolloutScreen>& screens,
                               std::vector<RetainedDocument>& retain) {
  if (auto kept = archive_.keep(entry.document); !kept) return kept;
  retain.push_back({desired_topic(entry.state.audience, entry.state.kind), entry.document.jws});
  clear_copies(entry, screens, retain);
  entry.open_to.clear();
  return rollouts_.put(std::move(entry));
}

Desired::Progress Desired::advance_rollouts(const Registry& registry, std::int64_t now_utc_s) {
  Progress progress;
  for (auto& [name, entry] : rollouts_.all()) {
    if (!open_now(entry.state)) continue;
    const auto screens = screens_of(entry.state, registry);
    open_rings(entry, screens);
    if (entry.state.status != RolloutStatus::running) continue;
    Rollouts::Entry next = entry;
    next.state = advance(entry.state, screens, now_utc_s);
    const bool moved =
        next.state.ring != entry.state.ring || next.state.status != entry.state.status;
    if (!moved && next.state.well_since_s == entry.state.well_since_s) continue;
    std::vector<RetainedDocument> retain;
    Status kept = ok();
    if (next.state.status == RolloutStatus::done) {
      kept = finish_rollout(next, screens, retain);
    } else {
      if (next.state.ring != entry.state.ring) {
        open_rings(next, screens);
        copies(next, retain);
      }
      kept = rollouts_.put(next);
    }
    if (!kept) {
      log_error("the rollout of {} stays where it is: {}", title(entry.state),
                kept.error().message);
      continue;
    }
    if (!moved) continue;
    const std::string told = describe(next.state, screens);
    const bool stopped = next.state.status == RolloutStatus::stopped;
    if (stopped) {
      log_warn("{}: {}; nothing further goes out", title(next.state), told);
    } else {
      log_info("{}: {}", title(next.state), told);
    }
    progress.retain.insert(progress.retain.end(), retain.begin(), retain.end());
    if (!next.state.pushed_by.empty())
      progress.tell.emplace_back(
          next.state.pushed_by,
          PushReply{std::string(name_of(next.state.kind)), next.state.audience.text(),
                    next.state.version, !stopped, told});
  }
  return progress;
}

Status Desired::obey_order(const SignedDocument& document, const Registry& registry,
                           const std::string& by, Verdict& verdict) {
  auto order = read_rollout_order(document.payload);
  if (!order) return std::move(order).error();
  const Rollouts::Entry* found = rollouts_.find(order->kind, document.header.audience);
  if (found == nullptr || found->state.version != order->version) {
    return fail(ErrorCode::not_found,
                "no rollout of " + std::string(name_of(order->kind)) + " " +
                    std::to_string(order->version) + " for " + document.header.audience.text() +
                    (found == nullptr
                         ? ""
                         : "; the last one is of version " + std::to_string(found->state.version)));
  }
  Rollouts::Entry entry = *found;
  const auto screens = screens_of(entry.state, registry);
  open_rings(entry, screens);
  if (order->rollout != RolloutVerb::show) {
    if (document.header.version <= entry.state.last_order)
      return fail(ErrorCode::stale, "this order, or a later one, was obeyed already");
    entry.state.last_order = document.header.version;
    if (order->rollout == RolloutVerb::resume) {
      if (auto resumed = resume(entry.state, screens); !resumed) return resumed;
    } else {
      if (auto aborted = abort(entry.state, by); !aborted) return aborted;
      clear_copies(entry, screens, verdict.retain);
      entry.open_to.clear();
    }
    if (auto kept = rollouts_.put(entry); !kept) return kept;
  }
  verdict.reply.reason = describe(entry.state, screens);
  return ok();
}

}  // namespace vitrine
