// What a token from a passer-by's phone is worth, and where it leads. Pure: no clock, no file, no
// network.
//
// Who holds a code that one of our screens made gets the page; only a scan within the token's
// window is a scan. So a photograph of the code that is opened at home still sells, and is credited
// to nobody.
#pragma once

#include <array>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.hpp"
#include "base/time.hpp"
#include "protocol/document.hpp"
#include "protocol/registry.hpp"
#include "protocol/schedule.hpp"

namespace vitrine::redirect {

// Why a token became no scan. no_play is found later, when a scan is tied.
enum class ScanCause {
  bad_token,       // no token of ours in its form
  forged,          // not made with the key of the screen it names
  unknown_screen,  // that screen is not in the registry
  revoked,
  no_target,     // no schedule shows this creative there with a code
  future,        // its five minutes have not come
  expired,       // nor are they any more
  rate_limited,  // of this token or from this address there are too many a minute
  no_play
};
inline constexpr std::array<std::string_view, 9> kScanCauseNames = {
    "bad_token", "forged",  "unknown_screen", "revoked", "no_target",
    "future",    "expired", "rate_limited",   "no_play"};
constexpr std::string_view name_of(ScanCause cause) {
  return kScanCauseNames[static_cast<std::size_t>(cause)];
}

// product, follow, coupon, store or none: the reports' word for what the schedule calls page,
// follow, coupon, order and none.
std::string_view landing_name(LandingType landing);

struct Target {
  CampaignId campaign = 0;
  LandingType landing = LandingType::none;
  std::string url;
};

// Where codes may lead: the targets of signed schedules and nothing else.
class TargetBook {
 public:
  // `issued_s`: the document's iat. Of targets only absolute http(s) addresses of plain ASCII are
  // taken.
  void add(const Audience& audience, std::int64_t issued_s, const Schedule& schedule);

  // Of the newest schedule of that screen or one of its groups that has the creative with a code:
  // a screen that is offline may show what newer ones have no more. Of several campaigns of one
  // schedule that whose flight holds the day, then the lowest id. `choice` counts targets from 1;
  // beyond the list it is the first.
  std::optional<Target> find(const RegisteredScreen& screen, CreativeId creative,
                             std::int64_t utc_day, std::size_t choice) const;
  std::size_t schedules() const { return schedules_.size(); }

 private:
  struct Coded {  // a campaign of this creative that has a code
    CampaignId campaign = 0;
    std::int64_t first_day = 0, last_day = 0;
    LandingType landing = LandingType::none;
    std::vector<std::string> targets;
  };
  struct OneSchedule {
    Audience audience;
    std::int64_t issued_s = 0;
    std::map<CreativeId, std::vector<Coded>> coded;
  };
  std::vector<OneSchedule> schedules_;  // newest first
};

struct Window {
  // A screen's trusted clock is right to a minute, and so is ours.
  Micros clock_error = 90 * kSecond;
  // After the token's five minutes, so that an item as long as this may be scanned at its end.
  Micros lasts = 60 * kMinute;
};

struct Judged {
  std::optional<ScanCause> cause;  // absent: a scan
  std::optional<Target> target;    // where to send the passer-by; absent: nowhere
  ScreenId screen;
  CreativeId creative = 0;
  Micros bucket_us = 0;
};

// `qr_key_of`: the key that enrolment gave that screen. `find`: null for a screen that is not
// there.
Judged judge_token(std::string_view token, std::size_t choice, Micros now_us, const Window& window,
                   const std::function<Hash256(const ScreenId&)>& qr_key_of,
                   const std::function<const RegisteredScreen*(const ScreenId&)>& find,
                   const TargetBook& book);

// `url` with one more query argument, before its fragment.
std::string with_argument(std::string_view url, std::string_view name, std::string_view value);

}  // namespace vitrine::redirect
