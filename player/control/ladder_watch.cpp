#include "player/ladder_watch.hpp"

#include "platform/log.hpp"

namespace vitrine {
namespace {

constexpr const char* kSafe = "safe-loop";
constexpr const char* kReboot = "reboot";

}  // namespace

void LadderWatch::begin() {
  state_ = read_ladder(paths_);
  begun_at_ = clock_.boottime();
  const auto asked_before = state_.reboots;
  safe_ = begin_run(state_, clock_.boot_id(), begun_at_, rules_) == Rung::safe;
  const bool asks = state_.reboots != asked_before;
  // What is not on the disk is forgotten by the reboot: then only the uptime keeps them apart.
  const bool kept = write();
  if (safe_) {
    const std::string text = "the player ended " + std::to_string(rules_.falls) +
                             " times without being asked; only what has been shown well and the "
                             "house loop are shown";
    log_error("{}", text);
    troubles_.begin(kSafe, text);
  }
  if (asks && !kept && begun_at_ < rules_.between_reboots) {
    log_error("no reboot is asked for: that could not be noted, and the last start is young");
    state_.reboot_wanted = false;
  }
  if (!state_.reboot_wanted) return;
  const std::string text = "the safe loop ended as often; a reboot is asked for";
  troubles_.begin(kReboot, text);
  if (!asks) return;
  log_error("{}", text);
  if (auto asked = replace_volatile(paths_.reboot_wanted(), text + "\n"); !asked)
    log_error("{}", asked.error().message);
}

void LadderWatch::tick() {
  if (good_ || clock_.boottime() - begun_at_ < rules_.good_run) return;
  good_ = true;
  if (!safe_ && state_.unclean.empty()) return;  // nothing to forget: spare the flash
  if (safe_) log_info("the safe loop has lasted; the schedule is shown again");
  good_run(state_);
  (void)write();
  (void)remove_file(paths_.reboot_wanted());
  troubles_.over(kSafe);
  troubles_.over(kReboot);
  safe_ = false;
}

void LadderWatch::end() {
  end_run(state_);
  (void)write();
}

bool LadderWatch::write() {
  const auto written = write_ladder(paths_, state_);
  if (!written) log_error("{}; falls are counted until the next boot", written.error().message);
  return written.ok();
}

}  // namespace vitrine
