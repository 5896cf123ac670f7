#include "player/ladder.hpp"

namespace vitrine {
namespace {

// The machine has been up for `now`; a request of an earlier boot is at least as old as that.
bool may_ask_for_reboot(const LadderState& state, Micros now, const LadderRules& rules) {
  if (state.reboot_at == kAbsent) return true;
  const Micros since = state.reboot_boot == state.boot ? now - state.reboot_at : now;
  return since >= rules.between_reboots;
}

}  // namespace

Rung begin_run(LadderState& state, BootId boot, Micros now, const LadderRules& rules) {
  ++state.begun;
  if (state.boot != boot) {
    state.boot = boot;
    state.running = state.safe = state.reboot_wanted = false;
    state.unclean.clear();
  }
  if (state.running) state.unclean.push_back(now);
  state.running = true;
  std::erase_if(state.unclean, [&](Micros at) { return at > now || now - at > rules.within; });
  if (state.unclean.size() < rules.falls) return state.safe ? Rung::safe : Rung::normal;
  if (!state.safe) {
    state.safe = true;
    state.unclean.clear();
  } else if (may_ask_for_reboot(state, now, rules)) {
    state.reboot_wanted = true;
    state.reboot_boot = boot;
    state.reboot_at = now;
    ++state.reboots;
    state.unclean.clear();
  }
  return Rung::safe;
}

void end_run(LadderState& state) {
  state.running = false;
  state.unclean.clear();
}

void good_run(LadderState& state) {
  state.unclean.clear();
  state.safe = state.reboot_wanted = false;
}

}  // namespace vitrine
