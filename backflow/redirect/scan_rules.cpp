#include "redirect/scan_rules.hpp"

#include <algorithm>
#include <tuple>

#include "base/math.hpp"
#include "protocol/qr_token.hpp"

namespace vitrine::redirect {
namespace {

// A name that could not stand in a header as it is leads nowhere.
bool is_web_address(std::string_view url) {
  const std::size_t scheme = url.starts_with("https://") ? 8 : url.starts_with("http://") ? 7 : 0;
  if (scheme == 0 || url.size() == scheme || url[scheme] == '/') return false;
  return std::ranges::all_of(url, [](char c) { return c > ' ' && c <= '~'; });
}

bool is_for(const Audience& audience, const RegisteredScreen& screen) {
  if (audience.kind == Audience::Kind::screen) return audience.name == screen.screen;
  return std::ranges::find(screen.groups, audience.name) != screen.groups.end();
}

}  // namespace

std::string_view landing_name(LandingType landing) {
  switch (landing) {
    case LandingType::page:
      return "product";
    case LandingType::follow:
      return "follow";
    case LandingType::coupon:
      return "coupon";
    case LandingType::order:
      return "store";
    case LandingType::none:
      break;
  }
  return "none";
}

void TargetBook::add(const Audience& audience, std::int64_t issued_s, const Schedule& schedule) {
  OneSchedule one{audience, issued_s, {}};
  for (const Campaign& campaign : schedule.campaigns) {
    if (!campaign.qr) continue;
    std::vector<std::string> targets;
    std::ranges::copy_if(campaign.qr->targets, std::back_inserter(targets), is_web_address);
    if (targets.empty()) continue;
    for (const Flight& flight : campaign.flights) {
      for (const WeightedCreative& creative : flight.creatives) {
        one.coded[creative.creative].push_back(
            {campaign.id, flight.first_day, flight.last_day, campaign.qr->landing, targets});
      }
    }
  }
  const auto place = std::ranges::find_if(
      schedules_, [&](const OneSchedule& other) { return other.issued_s < issued_s; });
  schedules_.insert(place, std::move(one));
}

std::optional<Target> TargetBook::find(const RegisteredScreen& screen, CreativeId creative,
                                       std::int64_t utc_day, std::size_t choice) const {
  for (const OneSchedule& schedule : schedules_) {
    if (!is_for(schedule.audience, screen)) continue;
    const auto coded = schedule.coded.find(creative);
    if (coded == schedule.coded.end()) continue;
    // The screen's own day begins up to 14 hours before or after UTC's.
    const auto rank = [&](const Coded& one) {
      const bool holds = one.first_day - 1 <= utc_day && utc_day <= one.last_day + 1;
      return std::tuple(!holds, one.campaign);
    };
    const Coded& best = *std::ranges::min_element(coded->second, {}, rank);
    const std::size_t at = choice >= 1 && choice <= best.targets.size() ? choice - 1 : 0;
    return Target{best.campaign, best.landing, best.targets[at]};
  }
  return std::nullopt;
}

Judged judge_token(std::string_view token, std::size_t choice, Micros now_us, const Window& window,
                   const std::function<Hash256(const ScreenId&)>& qr_key_of,
                   const std::function<const RegisteredScreen*(const ScreenId&)>& find,
                   const TargetBook& book) {
  Judged judged;
  const auto read = read_qr_token(token);
  const auto refused = [&](ScanCause cause) {
    judged.cause = cause;
    return judged;
  };
  if (!read) return refused(ScanCause::bad_token);
  const Micros began = read->shown_from_utc_s() * kSecond;
  // Checked as of its own time: its window is narrower than its key's.
  if (!check_qr_token(token, qr_key_of(read->screen), read->shown_from_utc_s()))
    return refused(ScanCause::forged);
  judged.screen = read->screen;
  judged.creative = read->creative;
  judged.bucket_us = began;
  const RegisteredScreen* screen = find(read->screen);
  if (screen == nullptr) return refused(ScanCause::unknown_screen);
  if (screen->revoked) return refused(ScanCause::revoked);
  judged.target = book.find(*screen, read->creative, floor_div(began, kDay), choice);
  if (!judged.target) return refused(ScanCause::no_target);
  if (now_us < began - window.clock_error) return refused(ScanCause::future);
  if (now_us > began + kQrBucketSeconds * kSecond + window.lasts + window.clock_error)
    return refused(ScanCause::expired);
  return judged;
}

std::string with_argument(std::string_view url, std::string_view name, std::string_view value) {
  const std::size_t fragment = std::min(url.find('#'), url.size());
  std::string text(url.substr(0, fragment));
  text += text.find('?') == std::string::npos ? '?' : '&';
  text += std::string(name) + "=" + std::string(value);
  return text + std::string(url.substr(fragment));
}

}  // namespace vitrine::redirect
