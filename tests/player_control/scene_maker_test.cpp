#include "player/scene_maker.hpp"

#include <doctest/doctest.h>

#include "protocol/qr_token.hpp"

using namespace vitrine;

namespace {

constexpr std::int64_t kNow = 1'796'000'123;
const KnownClock kClock{ClockTrust::trusted, kNow* kSecond};

struct Shown {
  PlayInputs inputs;
  ContentState files;
  Decision decision;
  Hash256 corner{};
  Hash256 key{};

  Shown() {
    corner.fill(7);
    key.fill(3);
    ActiveDocuments documents;
    Schedule& schedule = documents.schedule;
    Campaign campaign;
    campaign.id = 41;
    campaign.qr =
        QrTemplate{"https://qr.example/{token}?x=1", LandingType::page, {}, QrPlace::top_left, 300};
    schedule.campaigns.push_back(campaign);
    campaign.id = 42;
    campaign.qr.reset();
    schedule.campaigns.push_back(campaign);
    Creative creative;
    creative.id = 5;
    creative.variants.push_back({1, {}, corner});
    schedule.creatives.push_back(creative);
    schedule.layout.ticker = {0, 900, 1000, 100};
    schedule.layout.ticker_text = "news";
    schedule.layout.corner = {800, 0, 200, 900};
    schedule.layout.corner_creative = 5;
    inputs.documents = std::make_shared<const ActiveDocuments>(documents);
    inputs.content.blocks[corner] = std::make_shared<const FileBlocks>();
    files.eligible.insert(corner);
    decision.campaign = 41;
    decision.creative = 77;
  }
  SceneWish wish(const KnownClock& clock = kClock, bool with_key = true) const {
    const SceneMaker maker({"lobby-1", with_key ? std::optional(key) : std::nullopt,
                            ContentStore("/content"), [](const SceneWish&) { return nullptr; }});
    return maker.wish_of(inputs, files, decision, clock, 0);
  }
};

}  // namespace

TEST_CASE("an item has its schedule's layout and its campaign's code, with a token of its own") {
  const Shown shown;
  const SceneWish wish = shown.wish();
  CHECK(wish.layout.ticker_text == "news");
  CHECK(wish.corner_file == ContentStore("/content").path_of(shown.corner));
  CHECK(wish.corner_blocks != nullptr);
  CHECK(wish.code_place == QrPlace::top_left);
  CHECK(wish.code_permille == 300);
  REQUIRE(wish.code.starts_with("https://qr.example/"));
  REQUIRE(wish.code.ends_with("?x=1"));
  const std::string token = wish.code.substr(19, wish.code.size() - 19 - 4);
  REQUIRE(check_qr_token(token, shown.key, kNow).ok());
  const auto read = read_qr_token(token);
  CHECK(read->screen == "lobby-1");
  CHECK(read->creative == 77);
  CHECK(read->shown_from_utc_s() <= kNow);
  CHECK(read->shown_from_utc_s() > kNow - 300);
}

TEST_CASE("no code without a template, a key or a clock") {
  Shown shown;
  CHECK(shown.wish({ClockTrust::none, 0}).code.empty());
  CHECK(shown.wish(kClock, false).code.empty());
  shown.decision.campaign = 42;
  CHECK(shown.wish().code.empty());
  shown.decision.campaign = 0;  // the house loop
  CHECK(shown.wish().code.empty());
  CHECK(shown.wish().layout.ticker_text == "news");
}

TEST_CASE("a takeover has the whole glass, and a corner that may not be shown is left out") {
  Shown shown;
  shown.files.quarantined.insert(shown.corner);
  CHECK(shown.wish().corner_file.empty());
  shown.files = {};
  CHECK(shown.wish().corner_file.empty());
  shown.decision.kind = PlayKind::takeover;
  CHECK(shown.wish().layout.ticker_text.empty());
  CHECK(shown.wish().code.empty());
}
