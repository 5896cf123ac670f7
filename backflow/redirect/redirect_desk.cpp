#include "redirect/redirect_desk.hpp"

#include <charconv>

#include "base/math.hpp"
#include "http/metrics_text.hpp"
#include "platform/crypto.hpp"
#include "platform/log.hpp"
#include "platform/time_zone.hpp"

namespace vitrine::redirect {
namespace {

// Addresses and tokens of one minute that are told apart.
constexpr std::size_t kMostSources = 500'000;

constexpr std::string_view kNoPage =
    "<!doctype html><html><head><meta charset=\"utf-8\"><meta name=\"viewport\" "
    "content=\"width=device-width\"><title>QR</title></head><body><p>This code leads nowhere. "
    "Please scan the one that is on the screen now.</p><p lang=\"zh\">此二维码无效,请重新扫描屏幕上"
    "的二维码。</p></body></html>\n";

std::string random_hex() {
  std::array<std::uint8_t, 16> bytes{};
  fill_random(bytes);
  return to_hex(bytes);
}

std::size_t choice_of(const std::string& text) {
  std::size_t choice = 0;
  std::from_chars(text.data(), text.data() + text.size(), choice);
  return choice;
}

HttpAnswer see(std::string url) {
  return {302, "", std::move(url), "text/plain"};
}

}  // namespace

RedirectDesk::RedirectDesk(Setup setup, ScanJournal& journal, const Clock& clock)
    : setup_(std::move(setup)),
      journal_(journal),
      clock_(clock),
      world_(std::make_shared<World>()),
      by_token_(setup_.a_minute_by_token, kMostSources),
      by_address_(setup_.a_minute_by_address, kMostSources),
      process_(random_hex()) {}

void RedirectDesk::renew(const Registry& registry, std::shared_ptr<const TargetBook> book) {
  auto next = std::make_shared<World>();
  next->registry = registry;
  next->book = std::move(book);
  for (const RegisteredScreen& screen : next->registry.screens) {
    next->by_name.emplace(screen.screen, &screen);
    if (next->zones.contains(screen.zone)) continue;
    auto zone = load_zone(screen.zone);
    if (!zone)
      log_warn("{}: {}; its scans are of days of UTC", screen.screen, zone.error().message);
    next->zones.emplace(screen.zone, zone ? *std::move(zone) : ZoneTable());
  }
  const std::lock_guard lock(mutex_);
  world_ = std::move(next);
}

std::shared_ptr<const RedirectDesk::World> RedirectDesk::world() const {
  const std::lock_guard lock(mutex_);
  return world_;
}

bool RedirectDesk::admitted(RateLimit& limit, const std::string& key) {
  const std::lock_guard lock(mutex_);
  return limit.admit(key, clock_.boottime());
}

HttpAnswer RedirectDesk::answer(const HttpRequest& request) {
  ++requests_;
  const auto now_world = world();
  const Micros now = clock_.realtime();
  // The proxy may keep a path in front.
  const std::string token = request.path.substr(request.path.rfind('/') + 1);
  Judged judged;
  if (now_world->book) {
    judged = judge_token(
        token, choice_of(request.to), now, setup_.window,
        [&](const ScreenId& screen) { return hkdf(setup_.tenant_key, as_bytes(screen)); },
        [&](const ScreenId& screen) {
          const auto found = now_world->by_name.find(screen);
          return found == now_world->by_name.end() ? nullptr : found->second;
        },
        *now_world->book);
  } else {
    judged.cause = ScanCause::no_target;
  }
  // Asked for last, so that what is no scan uses up nobody's share of scans.
  if (!judged.cause && ((!request.source.empty() && !admitted(by_address_, request.source)) ||
                        !admitted(by_token_, token)))
    judged.cause = ScanCause::rate_limited;
  if (judged.cause) {
    ++refused_[static_cast<std::size_t>(*judged.cause)];
    ++refused_in_all_[static_cast<std::size_t>(*judged.cause)];
  }
  if (!judged.target) return {404, std::string(kNoPage), "", "text/html; charset=utf-8"};
  if (judged.cause) return see(judged.target->url);
  ++scans_;
  return see(with_argument(judged.target->url, "scan_id", note_scan(judged, now, *now_world)));
}

std::string RedirectDesk::note_scan(const Judged& judged, Micros now, const World& world) {
  Scan scan;
  scan.scan_id = random_hex();
  scan.time_us = now;
  scan.device = judged.screen;
  scan.creative = judged.creative;
  scan.campaign = judged.target->campaign;
  scan.bucket_us = judged.bucket_us;
  scan.landing = landing_name(judged.target->landing);
  scan.state = "pending";
  scan.day =
      local_time(world.zones.at(world.by_name.at(judged.screen)->zone), floor_div(now, kSecond))
          .day;
  (void)journal_.append(scan);
  return scan.scan_id;
}

void RedirectDesk::write_counts() {
  const Micros now = clock_.realtime();
  const std::string id = process_ + "-" + std::to_string(++counts_);
  for (std::size_t i = 0; i < refused_.size(); ++i) {
    const std::int64_t tokens = refused_[i].exchange(0);
    if (tokens == 0) continue;
    journal_.append(
        ScanRefused{id, std::string(kScanCauseNames[i]), tokens, now, floor_div(now, kDay)});
  }
}

std::string RedirectDesk::metrics() const {
  const auto count = [](const std::atomic<std::int64_t>& value) {
    return static_cast<std::uint64_t>(value.load());
  };
  MetricsText page;
  page.counter("vitrine_redirect_requests_total", "Codes that were asked for.", count(requests_));
  page.counter("vitrine_redirect_scans_total", "Of these, scans.", count(scans_));
  page.head("vitrine_redirect_refused_total", "counter", "Of these, no scan, by cause.");
  for (std::size_t i = 0; i < refused_in_all_.size(); ++i)
    page.value("vitrine_redirect_refused_total", "cause", kScanCauseNames[i],
               count(refused_in_all_[i]));
  return std::move(page).text();
}

}  // namespace vitrine::redirect
