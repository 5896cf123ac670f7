#include "backflow/rollout.hpp"

#include <algorithm>
#include <array>
#include <set>

#include "platform/crypto.hpp"

namespace vitrine {
namespace {

constexpr std::array<std::string_view, 4> kStatusNames = {"running", "stopped", "aborted", "done"};

using Stand = RolloutScreen::Stand;

struct Count {
  std::size_t all = 0;
  std::size_t confirmed = 0;
  std::size_t refused = 0;
  std::size_t silent = 0;
  std::size_t behind = 0;
  std::string first_refusal;  // "lobby-3: sha256 differs"
};

// Of the rings that are open.
Count count(const Rollout& rollout, const std::vector<RolloutScreen>& screens) {
  std::vector<std::string> names;
  for (const RolloutScreen& screen : screens) names.push_back(screen.screen);
  const auto open =
      screens_of_ring(std::move(names), rollout.version, rollout.rules.rings[rollout.ring]);
  const std::set<std::string> members(open.begin(), open.end());
  Count count;
  for (const RolloutScreen& screen : screens) {
    if (!members.contains(screen.screen)) continue;
    ++count.all;
    if (!screen.living) {
      ++count.silent;
    } else if (screen.stand == Stand::confirmed) {
      ++count.confirmed;
    } else if (screen.stand == Stand::refused) {
      ++count.refused;
      if (count.first_refusal.empty()) count.first_refusal = screen.screen + ": " + screen.why;
    } else {
      ++count.behind;
    }
  }
  return count;
}

}  // namespace

std::string_view name_of(RolloutStatus status) {
  return kStatusNames[static_cast<std::size_t>(status)];
}

Status check_rings(const std::vector<std::uint32_t>& rings) {
  std::uint32_t before = 0;
  for (const std::uint32_t percent : rings) {
    if (percent <= before || percent > 100)
      return fail(ErrorCode::invalid,
                  "rings are percents from 1 to 100, each above the one before");
    before = percent;
  }
  if (before != 100) return fail(ErrorCode::invalid, "the last ring must be 100 percent");
  return ok();
}

std::vector<std::string> screens_of_ring(std::vector<std::string> screens, std::uint64_t version,
                                         std::uint32_t percent) {
  std::vector<std::pair<Hash256, std::string>> order;
  order.reserve(screens.size());
  for (std::string& screen : screens) {
    const std::string drawn = std::to_string(version) + " " + screen;
    order.emplace_back(sha256(as_bytes(drawn)), std::move(screen));
  }
  std::sort(order.begin(), order.end());
  const std::size_t wanted = (order.size() * percent + 99) / 100;
  order.resize(std::min(order.size(), std::max<std::size_t>(wanted, 1)));
  std::vector<std::string> chosen;
  for (auto& [hash, screen] : order) chosen.push_back(std::move(screen));
  return chosen;
}

Rollout advance(Rollout rollout, const std::vector<RolloutScreen>& screens, std::int64_t now_s) {
  if (rollout.status != RolloutStatus::running) return rollout;
  const Count now = count(rollout, screens);
  if (now.refused > rollout.rules.most_rejects + rollout.forgiven) {
    rollout.status = RolloutStatus::stopped;
    rollout.reason = std::to_string(now.refused) + " of " + std::to_string(now.all) +
                     " screens refuse it (" + now.first_refusal + "), " +
                     std::to_string(rollout.rules.most_rejects + rollout.forgiven) + " may";
    rollout.well_since_s = 0;
    return rollout;
  }
  // Refusals within the limit are known and do not hold the others up.
  const bool well = now.behind == 0 && now.confirmed > 0;
  if (!well) {
    rollout.well_since_s = 0;
    return rollout;
  }
  if (rollout.well_since_s == 0) rollout.well_since_s = now_s;
  if (now_s - rollout.well_since_s < rollout.rules.soak_s) return rollout;
  ++rollout.ring;
  rollout.well_since_s = 0;
  if (rollout.ring + 1 >= rollout.rules.rings.size()) rollout.status = RolloutStatus::done;
  return rollout;
}

std::string describe(const Rollout& rollout, const std::vector<RolloutScreen>& screens) {
  if (rollout.status == RolloutStatus::done)
    return "all rings are open: it goes to all " + std::to_string(screens.size()) + " screens";
  const Count now = count(rollout, screens);
  const std::string ring = "ring " + std::to_string(rollout.ring + 1) + " of " +
                           std::to_string(rollout.rules.rings.size()) + " (" +
                           std::to_string(now.all) + " of " + std::to_string(screens.size()) +
                           " screens)";
  if (rollout.status != RolloutStatus::running)
    return std::string(name_of(rollout.status)) + " in " + ring + ": " + rollout.reason;
  return ring + ": " + std::to_string(now.confirmed) + " confirmed, " +
         std::to_string(now.refused) + " refused, " + std::to_string(now.behind) +
         " on their way, " + std::to_string(now.silent) + " silent" +
         (rollout.well_since_s != 0
              ? "; the next opens after " + std::to_string(rollout.rules.soak_s) + " s of this"
              : "");
}

Status resume(Rollout& rollout, const std::vector<RolloutScreen>& screens) {
  if (rollout.status != RolloutStatus::stopped)
    return fail(ErrorCode::conflict,
                "it is " + std::string(name_of(rollout.status)) + ", not stopped");
  const std::size_t refused = count(rollout, screens).refused;
  if (refused > rollout.rules.most_rejects)
    rollout.forgiven = static_cast<std::uint32_t>(refused) - rollout.rules.most_rejects;
  rollout.status = RolloutStatus::running;
  rollout.reason.clear();
  return ok();
}

Status abort(Rollout& rollout, const std::string& by) {
  if (rollout.status == RolloutStatus::done || rollout.status == RolloutStatus::aborted)
    return fail(ErrorCode::conflict, "it is " + std::string(name_of(rollout.status)) + " already");
  rollout.status = RolloutStatus::aborted;
  rollout.reason = "by " + by;
  rollout.well_since_s = 0;
  return ok();
}

}  // namespace vitrine
