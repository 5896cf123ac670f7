// A screen on paper: keys, trust, identity, a clock moved by hand, and a transport that keeps what
// it is given.
#pragma once

#include <doctest/doctest.h>

#include <string>
#include <utility>
#include <vector>

#include "courier.hpp"
#include "fetch.hpp"
#include "inbox.hpp"
#include "manual_clock.hpp"
#include "mqtt/transport.hpp"
#include "platform/crypto.hpp"
#include "protocol/documents.hpp"
#include "protocol/envelope.hpp"
#include "protocol/wire.hpp"
#include "state/content_store.hpp"
#include "state/generation.hpp"
#include "state/play_log.hpp"
#include "temp_directory.hpp"

namespace vitrine::testing {

inline const ScreenId kScreen = "lobby-1";
inline const Audience kDemo{Audience::Kind::group, "demo"};

// Reports connected, keeps every publication, and never loses one by itself.
class FakeTransport final : public MqttTransport {
 public:
  struct Publication {
    std::string topic;
    Bytes payload;
    bool retain = false;
  };
  void set_handlers(Handlers given) override { handlers = std::move(given); }
  void set_will(MqttWill given) override { will = std::move(given); }
  Status connect() override {
    ++attempts;
    return ok();
  }
  void disconnect() override { up = false; }
  bool connected() const override { return up; }
  Result<int> publish(const std::string& topic, ByteView payload, bool retain,
                      std::uint32_t) override {
    if (!up) return fail(ErrorCode::unavailable, "not connected");
    sent.push_back({topic, Bytes(payload.begin(), payload.end()), retain});
    return static_cast<int>(sent.size());
  }
  Status subscribe(const std::string& filter) override {
    filters.push_back(filter);
    return ok();
  }
  void poll(Micros, int) override {}

  Handlers handlers;
  MqttWill will;
  bool up = true;
  int attempts = 0;
  std::vector<Publication> sent;
  std::vector<std::string> filters;
};

struct Notices {
  std::vector<std::pair<std::string, std::string>> list;
  auto sink() {
    return
        [this](const std::string& code, const std::string& text) { list.emplace_back(code, text); };
  }
  std::string last() const {
    return list.empty() ? "" : list.back().first + ": " + list.back().second;
  }
};

// A second hand in a log of ours: the player that prunes it, or an accident.
inline Result<Database> write_into(const LogPlace& place) {
  return Database::open_owner(place.file, Database::Durability::full, 1024, place.beside);
}

struct Kit {
  TempDirectory temp;
  StatePaths paths{temp / "lib", temp / "run"};
  DeviceIdentity identity{kScreen, 7, "Europe/Berlin", {"demo", "lifts"}, "127.0.0.1", 1};
  ManualClock clock;
  PrivateKey root = PrivateKey::generate(), operator_key = PrivateKey::generate(),
             backend = PrivateKey::generate(), ingest = PrivateKey::generate(),
             proof = PrivateKey::generate();
  Trust trust;
  Notices notices;

  Kit() {
    REQUIRE(make_state_directories(paths).ok());
    trust_key("operator-1", operator_key, "operator",
              {DocumentKind::schedule, DocumentKind::settings});
    trust_key("backend-1", backend, "backend", {DocumentKind::numbers, DocumentKind::profile});
    trust_key("ingest-1", ingest, "ingest", {});
    REQUIRE(write_public_key(paths.root_key(), root.public_key()).ok());
    REQUIRE(write_atomic(paths.device_config(), write_device_identity(identity)).ok());
    REQUIRE(GenerationStore(paths).put_trust(1, trust_jws(1)).ok());
  }

  void trust_key(const std::string& id, const PrivateKey& key, const std::string& role,
                 std::vector<DocumentKind> kinds) {
    trust.keys.push_back({id, key.public_key().raw, role, std::move(kinds), {"*"}, 0, 0, 0});
  }
  std::string trust_jws(std::uint64_t version) const {
    return sign_document({DocumentKind::trust, kDemo, "root", version, 1, 0}, write_trust(trust),
                         root);
  }

  std::int64_t now_s() const { return clock.realtime() / kSecond; }
  std::string sign(DocumentKind kind, std::uint64_t version, const std::string& payload,
                   const Audience& audience = kDemo) const {
    const bool by_operator = kind == DocumentKind::schedule || kind == DocumentKind::settings;
    return sign_document(
        {kind, audience, by_operator ? "operator-1" : "backend-1", version, now_s(), 0}, payload,
        by_operator ? operator_key : backend);
  }

  Inbox::Setup setup() {
    return {paths, identity, [this] { return now_s(); }, notices.sink(),
            [] { return std::string("generation 7"); }};
  }
};

// A schedule whose house loop is one still for each body.
inline Schedule schedule_of(const std::vector<std::string>& bodies) {
  Schedule schedule;
  schedule.label = "test";
  CreativeId id = 0;
  for (const std::string& body : bodies) {
    const Hash256 hash = sha256(as_bytes(body));
    Creative creative;
    creative.id = ++id;
    creative.label = "creative-" + std::to_string(id);
    creative.length_ms = 5000;
    creative.variants.push_back({1, {}, hash});
    schedule.creatives.push_back(creative);
    schedule.content.push_back({hash, body.size(), "image/png", "creatives/" + to_hex(hash)});
    schedule.house.push_back(id);
  }
  return schedule;
}

// The same with so many campaigns that no message carries it: 1,000 have 1.2 MB.
inline Schedule large_schedule_of(const std::vector<std::string>& bodies,
                                  std::uint32_t campaigns = 1'000) {
  Schedule schedule = schedule_of(bodies);
  for (CampaignId id = 1; id <= campaigns; ++id) {
    Campaign campaign;
    campaign.id = id;
    campaign.label = "campaign " + std::to_string(id) + std::string(90, 'x');
    campaign.advertiser = 1 + id % 97;
    campaign.category = "category-" + std::to_string(id % 31);
    campaign.target_groups = {1, 3, 5};
    campaign.flights.push_back({FlightPhase::launch, 20'000, 22'000, {{1 + id % 2, 1}}});
    for (std::uint16_t from : {420, 600, 780, 1020}) {
      Daypart part;
      part.from_minute = from;
      part.until_minute = static_cast<std::uint16_t>(from + 90);
      campaign.dayparts.push_back(part);
    }
    campaign.rules.separation_s = 60;
    campaign.rules.exclude_categories = {"category-" + std::to_string((id + 1) % 31)};
    schedule.campaigns.push_back(campaign);
  }
  return schedule;
}

inline std::string settings_text() {
  Settings settings;
  settings.origins = {"https://127.0.0.1:8443"};
  settings.vet_timeout_s = 600;
  return write_settings(settings);
}

// Plays the origin without a network: real bytes through the real store, at once.
class FetchDouble final : public ContentFetch {
 public:
  explicit FetchDouble(fs::path store) : store_(std::move(store)) {}
  void want(const ContentRequest& request) override {
    ++asked;
    last = request;
    if (offline) {
      outcomes_.push_back({request.sha256, fail(ErrorCode::unavailable, "cannot fetch: no route")});
      return;
    }
    const auto served = files.find(request.path);
    if (served == files.end()) {
      outcomes_.push_back(
          {request.sha256, fail(ErrorCode::not_found, request.path + " answers 404")});
      return;
    }
    const ContentStore store(store_);
    REQUIRE(write_atomic(store.part_of(request.sha256), served->second).ok());
    outcomes_.push_back(
        {request.sha256, ContentStore(store_).commit(request.sha256, request.size)});
  }
  std::vector<ContentOutcome> finished() override { return std::exchange(outcomes_, {}); }

  void serve(const std::string& body) {
    files["creatives/" + to_hex(sha256(as_bytes(body)))] = body;
  }
  std::map<std::string, std::string> files;
  bool offline = false;
  int asked = 0;
  ContentRequest last;

 private:
  fs::path store_;
  std::vector<ContentOutcome> outcomes_;
};

}  // namespace vitrine::testing
