#include "player/update_watch.hpp"

#include "platform/crypto.hpp"
#include "platform/log.hpp"
#include "protocol/daypart.hpp"
#include "state/status.hpp"

namespace vitrine {
namespace {

constexpr Micros kLookForUpdatesEvery = 2 * kSecond;
// Screens that hear of a version together do not come for it together.
constexpr Micros kSpread = 15 * kMinute;
// A repository that was not there, an installation that waits for another: asked again.
constexpr Micros kAskAgainAfter = kHour;
// A panel that is off by plan shows nothing; that the player lives so long has to do.
constexpr Micros kProofInTheDark = 2 * kMinute;
constexpr Micros kTelemetrySilent = 30 * kSecond;

Micros spread_of(const ScreenId& screen, const std::string& version) {
  const Hash256 hash = sha256(as_bytes(screen + " " + version));
  return kSpread * (hash[0] << 8 | hash[1]) / 65'536;
}

}  // namespace

UpdateWatch::UpdateWatch(Setup setup) : setup_(std::move(setup)) {
  begun_at_ = setup_.clock.boottime();
  const auto state = read_update_state(setup_.paths);
  if (state && state->on_trial()) on_trial_ = state->version;
}

void UpdateWatch::tick() {
  const Micros now = setup_.clock.boottime();
  if (now < next_look_) return;
  next_look_ = now + kLookForUpdatesEvery;
  const auto state = read_update_state(setup_.paths);
  if (!state) return;  // nobody is there to obey
  if (state->on_trial()) {
    if (state->version == on_trial_ && plays_well()) ask("confirm " + state->version);
    return;
  }
  const auto wanted = setup_.wanted();
  if (!wanted || state->phase != "idle" || state->installed.empty()) return;
  // One that failed here is not tried again by itself: a newer one is pushed.
  if (wanted->version == state->installed || wanted->version == state->failed) return;
  if (wanted->version != version_) {
    version_ = wanted->version;
    not_before_ = now + spread_of(setup_.screen, version_);
  }
  if (now < not_before_ || !may_install_now(*wanted)) return;
  not_before_ = now + kAskAgainAfter;
  log_info("version {} is asked for; {} is installed", wanted->version, state->installed);
  ask("install " + wanted->version);
}

// Without a clock nobody knows the hour, and an hour that was signed is to be kept.
bool UpdateWatch::may_install_now(const SoftwareOrder& wanted) {
  if (wanted.hours.empty()) return true;
  const KnownClock clock = setup_.known_clock();
  if (clock.trust == ClockTrust::none) return false;
  const auto now = local_time(setup_.zone, clock.utc_s(setup_.clock.boottime()));
  return !daypart_days(wanted.hours, now).empty();
}

// A play of this process has ended and telemetry, which is new as well, lives.
bool UpdateWatch::plays_well() const {
  const Micros now = setup_.clock.boottime();
  const bool shown = setup_.plays() > 0 || (setup_.dark() && now - begun_at_ >= kProofInTheDark);
  if (!shown) return false;
  const auto telemetry = read_telemetry_status(setup_.paths);
  return telemetry && telemetry->boot == setup_.clock.boot_id() &&
         telemetry->written_at >= begun_at_ && telemetry->written_at <= now &&
         now - telemetry->written_at <= kTelemetrySilent;
}

void UpdateWatch::ask(const std::string& line) {
  if (auto asked = replace_volatile(setup_.paths.update_wanted(), line + "\n"); !asked)
    log_error("{}; \"{}\" is asked again", asked.error().message, line);
}

}  // namespace vitrine
