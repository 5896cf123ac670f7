#include "redirect/scan_rules.hpp"

#include <doctest/doctest.h>

#include <map>

#include "platform/crypto.hpp"
#include "protocol/qr_token.hpp"
#include "random.hpp"

namespace vitrine {
namespace {

using testing::Random;
using namespace redirect;

constexpr std::int64_t kShownS = 1'796'000'100;  // a bucket begins here
constexpr Micros kShown = kShownS * kSecond;
constexpr std::int64_t kShownDay = kShownS / 86'400;

Campaign campaign_with(CampaignId id, CreativeId creative, std::vector<std::string> targets,
                       LandingType landing = LandingType::page,
                       std::int64_t first_day = kShownDay - 5,
                       std::int64_t last_day = kShownDay + 5) {
  Campaign campaign;
  campaign.id = id;
  campaign.flights.push_back({FlightPhase::launch, first_day, last_day, {{creative, 1}}});
  campaign.qr = QrTemplate{"https://q.example/{token}", landing, std::move(targets)};
  return campaign;
}

struct Street {
  Registry registry;
  TargetBook book;
  std::map<ScreenId, Hash256> keys;

  Street() {
    for (const char* name : {"lobby-1", "lobby-2", "stolen"}) {
      registry.screens.push_back(
          {.screen = name, .area = 7, .zone = "Europe/Berlin", .groups = {"demo"}});
      keys[name] = sha256(as_bytes(name));
    }
    registry.screens.back().revoked = true;
    Schedule schedule;
    schedule.campaigns = {campaign_with(41, 11, {"https://shop.example/tea"})};
    book.add({Audience::Kind::group, "demo"}, 100, schedule);
  }
  Hash256 key(const ScreenId& screen) const {
    const auto found = keys.find(screen);
    return found == keys.end() ? sha256(as_bytes("of " + screen)) : found->second;
  }
  std::string token(const ScreenId& screen = "lobby-1", CreativeId creative = 11,
                    std::int64_t at_s = kShownS) const {
    return write_qr_token(qr_token_at(screen, creative, at_s), key(screen));
  }
  Judged judge(const std::string& token, Micros now = kShown + kMinute) const {
    return judge_token(
        token, 0, now, {}, [&](const ScreenId& screen) { return key(screen); },
        [&](const ScreenId& screen) { return registry.find(screen); }, book);
  }
};

TEST_CASE("a token in its window is a scan of its screen, creative and five minutes") {
  const Street street;
  const Judged judged = street.judge(street.token());
  CHECK_FALSE(judged.cause.has_value());
  REQUIRE(judged.target.has_value());
  CHECK(judged.target->url == "https://shop.example/tea");
  CHECK(judged.target->campaign == 41);
  CHECK(judged.screen == "lobby-1");
  CHECK(judged.creative == 11);
  CHECK(judged.bucket_us == kShown);
}

TEST_CASE("of thousands of tokens that were tampered with none is a scan or leads anywhere") {
  const Street street;
  Random random(5);
  const std::string text = street.token();
  const std::string letters =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_=/%.\x01";
  int tried = 0;
  const auto refused = [&](const std::string& token) {
    if (token == text) return;
    ++tried;
    const Judged judged = street.judge(token);
    if (judged.cause != ScanCause::forged && judged.cause != ScanCause::bad_token) {
      CAPTURE(token);
      FAIL_CHECK("a forged token was taken");
    }
    CHECK_FALSE(judged.target.has_value());
  };
  // Each character by each other; each bit of the bytes; several at once; cut and longer.
  for (std::size_t at = 0; at < text.size(); ++at) {
    for (const char letter : letters) {
      std::string other = text;
      other[at] = letter;
      refused(other);
    }
  }
  const Bytes bytes = *from_base64url(text);
  for (std::size_t bit = 0; bit < bytes.size() * 8; ++bit) {
    Bytes other = bytes;
    other[bit / 8] = static_cast<std::uint8_t>(other[bit / 8] ^ 1u << bit % 8);
    refused(to_base64url(other));
  }
  for (int round = 0; round < 3000; ++round) {
    Bytes other = bytes;
    for (std::uint32_t changes = 1 + random.below(6); changes > 0; --changes)
      other[random.below(static_cast<std::uint32_t>(other.size()))] =
          static_cast<std::uint8_t>(random.below(256));
    refused(to_base64url(other));
  }
  for (std::size_t size = 0; size < text.size(); ++size) refused(text.substr(0, size));
  for (const char letter : letters) refused(text + letter);
  // A screen's key makes tokens of that screen alone.
  refused(write_qr_token(qr_token_at("lobby-1", 11, kShownS), street.key("lobby-2")));
  CHECK(tried > 5000);
}

TEST_CASE("a token counts from a clock's error before its five minutes to an hour after them") {
  const Street street;
  const std::string token = street.token();
  const auto cause = [&](Micros now) { return street.judge(token, now).cause; };
  CHECK(cause(kShown - 91 * kSecond) == ScanCause::future);
  CHECK_FALSE(cause(kShown - 90 * kSecond).has_value());
  CHECK_FALSE(cause(kShown + 5 * kMinute + kHour + 90 * kSecond).has_value());
  CHECK(cause(kShown + 5 * kMinute + kHour + 91 * kSecond) == ScanCause::expired);
  // Whoever photographed it gets the page all the same.
  CHECK(street.judge(token, kShown + 3 * kDay).target.has_value());
  CHECK(street.judge(token, kShown - 3 * kDay).target.has_value());
}

TEST_CASE("out of the window no token is a scan, and in it every one is, across key epochs") {
  const Street street;
  Random random(6);
  for (int round = 0; round < 5000; ++round) {
    // Around the turn of an epoch too.
    const std::int64_t around = round % 2 == 0 ? kShownS : 231 * kQrEpochSeconds;
    const std::int64_t shown_s = around + random.below(7200) - 3600;
    const std::string token = street.token("lobby-1", 11, shown_s);
    const Micros bucket = shown_s / kQrBucketSeconds * kQrBucketSeconds * kSecond;
    const Micros now = bucket + (static_cast<Micros>(random.below(14'400)) - 7200) * kSecond;
    const bool within =
        now >= bucket - 90 * kSecond && now <= bucket + 5 * kMinute + kHour + 90 * kSecond;
    CHECK(street.judge(token, now).cause.has_value() != within);
  }
}

TEST_CASE("screens that are unknown or revoked, and creatives without a code, lead nowhere") {
  const Street street;
  const auto cause = [&](const std::string& token) {
    const Judged judged = street.judge(token);
    CHECK_FALSE(judged.target.has_value());
    return judged.cause;
  };
  CHECK(cause(street.token("elsewhere")) == ScanCause::unknown_screen);
  CHECK(cause(street.token("stolen")) == ScanCause::revoked);
  CHECK(cause(street.token("lobby-1", 12)) == ScanCause::no_target);
  CHECK(cause("favicon.ico") == ScanCause::bad_token);
  CHECK(cause("") == ScanCause::bad_token);
}

TEST_CASE("the newest schedule that has the creative says where its code leads") {
  Street street;
  const RegisteredScreen& screen = street.registry.screens[0];
  Schedule newer;
  newer.campaigns = {
      campaign_with(50, 11, {"https://new.example/", "http://new.example/2"}, LandingType::coupon),
      campaign_with(49, 11, {"https://over.example/"}, LandingType::follow, kShownDay - 90,
                    kShownDay - 60)};
  street.book.add({Audience::Kind::screen, "lobby-1"}, 200, newer);
  CHECK(street.book.find(screen, 11, kShownDay, 0)->campaign == 50);
  CHECK(street.book.find(screen, 11, kShownDay - 70, 0)->campaign == 49);
  CHECK(street.book.find(screen, 11, kShownDay, 1)->url == "https://new.example/");
  CHECK(street.book.find(screen, 11, kShownDay, 2)->url == "http://new.example/2");
  CHECK(street.book.find(screen, 11, kShownDay, 3)->url == "https://new.example/");
  CHECK(street.book.find(screen, 11, kShownDay, 0)->landing == LandingType::coupon);
  // The other screen is in the group alone.
  CHECK(street.book.find(street.registry.screens[1], 11, kShownDay, 0)->campaign == 41);
  // The newest has the creative no more; a screen without a link still shows it.
  Schedule without;
  without.campaigns = {campaign_with(60, 99, {"https://other.example/"})};
  street.book.add({Audience::Kind::group, "demo"}, 300, without);
  CHECK(street.book.find(street.registry.screens[1], 11, kShownDay, 0)->campaign == 41);
}

TEST_CASE("a target that is no plain web address is none") {
  for (const char* url :
       {"javascript:alert(1)", "//evil.example", "ftp://x", "https://", "https:///x", "https://a b",
        "https://a\r\nSet-Cookie: x", "https://\xe8\x8c\xb6", ""}) {
    CAPTURE(url);
    TargetBook book;
    Schedule schedule;
    schedule.campaigns = {campaign_with(1, 11, {url})};
    book.add({Audience::Kind::group, "demo"}, 1, schedule);
    CHECK_FALSE(book.find({.screen = "x", .groups = {"demo"}}, 11, kShownDay, 0).has_value());
  }
}

TEST_CASE("an argument joins an address's others before its fragment") {
  CHECK(with_argument("https://a.example", "s", "1") == "https://a.example?s=1");
  CHECK(with_argument("https://a.example/x?b=2", "s", "1") == "https://a.example/x?b=2&s=1");
  CHECK(with_argument("https://a.example/x#top?", "s", "1") == "https://a.example/x?s=1#top?");
}

}  // namespace
}  // namespace vitrine
