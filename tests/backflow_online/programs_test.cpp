// vitrine-redirect and vitrine-online as they run, over real HTTP.
#include <doctest/doctest.h>
#include <signal.h>
#include <sys/stat.h>

#include <algorithm>
#include <array>
#include <map>
#include <set>
#include <thread>

#include "backflow/scan_journal.hpp"
#include "base/math.hpp"
#include "broker.hpp"
#include "clickhouse.hpp"
#include "http_client.hpp"
#include "online_kit.hpp"
#include "platform/clock.hpp"
#include "platform/crypto.hpp"
#include "process.hpp"
#include "protocol/documents.hpp"
#include "protocol/envelope.hpp"
#include "protocol/json.hpp"
#include "protocol/qr_token.hpp"
#include "protocol/reference.hpp"

namespace vitrine {
namespace {

using testing::free_port;
using testing::http_exchange;
using testing::http_get;
using testing::http_post;
using testing::HttpReply;
using testing::Process;
using testing::until;

// A backend's files: registry, trust, an archive with one schedule, keys.
struct Server : testing::OnlineStore {
  PrivateKey root_key = PrivateKey::from_seed({1});
  PrivateKey operator_key = PrivateKey::from_seed({2});
  PrivateKey tenant_key = PrivateKey::from_seed({5});
  int port = free_port(), metrics_port = free_port();
  SystemClock clock;
  std::string bearer = std::string(40, 'k');
  std::unique_ptr<Process> program;

  // `store`: as [ingest] store has it; empty: the SQLite file of OnlineStore.
  explicit Server(const std::string& store = "") {
    const fs::path& root = directory.path();
    Registry registry;
    for (const char* name : {"lobby-1", "lobby-2"}) {
      RegisteredScreen screen;
      screen.screen = name;
      screen.area = 7;
      screen.zone = "Asia/Shanghai";
      screen.groups = {"demo"};
      screen.shard = shard_of(name);
      screen.valid_from = 1;
      registry.screens.push_back(screen);
    }
    registry.screens.back().revoked = true;
    REQUIRE(write_atomic(root / "registry.json", write_registry(registry)));
    REQUIRE(write_public_key(root / "root.pub", root_key.public_key()));
    REQUIRE(write_private_key(root / "tenant.key", tenant_key));
    REQUIRE(write_atomic(root / "events.token", bearer + "\n", 0600));
    Trust trust;
    trust.keys = {{"operator-1",
                   operator_key.public_key().raw,
                   "operator",
                   {DocumentKind::schedule},
                   {"group/demo"},
                   1,
                   0,
                   0}};
    REQUIRE(write_atomic(root / "trust.jws", sign_document({DocumentKind::trust,
                                                            {Audience::Kind::group, "demo"},
                                                            "root",
                                                            1,
                                                            clock.realtime() / kSecond,
                                                            0},
                                                           write_trust(trust), root_key)));
    REQUIRE(make_directories(root / "archive/by-hash"));
    archive("1", 11, "https://shop.example/tea?from=screen#top");
    REQUIRE(write_atomic(
        root / "backend.toml",
        "registry = \"" + at("registry.json") + "\"\nroot_key = \"" + at("root.pub") +
            "\"\ntrust = \"" + at("trust.jws") + "\"\n[ingest]\nstore = \"" +
            (store.empty() ? address() : store) + "\"\n[desired]\narchive = \"" + at("archive") +
            "\"\n[online]\nlisten = \"127.0.0.1:" + std::to_string(port) + "\"\ntoken = \"" +
            at("events.token") + "\"\nmost_body_kib = 64\n[redirect]\nlisten = \"127.0.0.1:" +
            std::to_string(port) + "\"\ntenant_key = \"" + at("tenant.key") + "\"\njournal = \"" +
            at("scans") + "\"\na_minute_by_address = 60\nbodies = \"" + at("origin") +
            "\"\nmetrics = \"127.0.0.1:" + std::to_string(metrics_port) + "\"\n"));
  }
  std::string at(const std::string& name) const { return (directory / name).string(); }

  // `bodies`: where the body goes, below documents/, of a schedule too large for a message.
  void archive(const std::string& name, CreativeId creative, const std::string& target,
               const fs::path& bodies = {}) {
    Schedule schedule;
    schedule.label = name;
    Creative picture{.id = creative, .label = "tea", .length_ms = 10'000};
    picture.variants = {{creative, {}, sha256(as_bytes("tea"))}};
    schedule.creatives = {picture};
    schedule.content = {{sha256(as_bytes("tea")), 3, "image/png", "tea.png"}};
    schedule.house = {creative};
    Campaign campaign;
    campaign.id = 41;
    campaign.label = "tea";
    campaign.advertiser = 1;
    campaign.category = "drinks";
    campaign.flights = {{FlightPhase::launch, 20'000, 30'000, {{creative, 1}}}};
    campaign.qr = QrTemplate{"https://q.example/{token}", LandingType::coupon, {target}};
    schedule.campaigns = {campaign};
    for (CampaignId id = 1000; !bodies.empty() && id < 1400; ++id) {
      campaign.id = id;
      campaign.label = std::string(100, 'x');
      campaign.qr.reset();
      schedule.campaigns.push_back(campaign);
    }
    std::string text = write_schedule(schedule);
    const auto readable = read_schedule(text);
    if (!readable) FAIL(readable.error().message);
    if (!bodies.empty()) {
      REQUIRE(text.size() > kMaxInlinePayload);
      const Hash256 hash = sha256(as_bytes(text));
      REQUIRE(make_directories(bodies));
      REQUIRE(write_atomic(bodies / to_hex(hash), text));
      text = write_reference({"documents/" + to_hex(hash), hash, text.size()});
    }
    REQUIRE(write_atomic(directory / ("archive/by-hash/" + name + ".jws"),
                         sign_document({DocumentKind::schedule,
                                        {Audience::Kind::group, "demo"},
                                        "operator-1",
                                        1,
                                        clock.realtime() / kSecond,
                                        0},
                                       text, operator_key)));
  }
  void start(const char* name) {
    program = std::make_unique<Process>(
        std::vector<std::string>{name, "--config", at("backend.toml")}, directory / "log");
    REQUIRE_MESSAGE(until([&] { return http_get(port, "/").status != 0; }), log());
  }
  std::string log() const {
    return read_text(directory / "log").ok() ? *read_text(directory / "log") : "";
  }
  // As the screen makes it.
  std::string token(Micros shown, const ScreenId& screen = "lobby-1",
                    CreativeId creative = 11) const {
    return write_qr_token(qr_token_at(screen, creative, shown / kSecond),
                          hkdf(tenant_key.seed(), as_bytes(screen)));
  }
  std::string token() const { return token(clock.realtime()); }
  std::vector<Scan> scans() const {
    std::vector<Scan> found;
    for (const std::int64_t day : {clock.realtime() / kDay - 1, clock.realtime() / kDay})
      REQUIRE(read_scan_journal(
          directory / "scans", day,
          {[&](const Scan& one) { found.push_back(one); }, [](const ScanRefused&) {}}));
    return found;
  }
};

TEST_CASE("a phone that scans is sent on at once with a scan_id, and the scan is on disk") {
  Server server;
  server.start(VITRINE_REDIRECT_PROGRAM);
  const std::string token = server.token();
  const HttpReply first = http_get(server.port, "/" + token);
  const HttpReply second = http_get(server.port, "/q/" + token);
  CHECK(first.status == 302);
  CHECK(second.status == 302);
  server.program->signal(SIGKILL);
  server.program->wait();
  const std::vector<Scan> scans = server.scans();
  REQUIRE(scans.size() == 2);
  CHECK(first.header("Location") ==
        "https://shop.example/tea?from=screen&scan_id=" + scans[0].scan_id + "#top");
  CHECK(scans[0].scan_id.size() == 32);
  CHECK(scans[0].scan_id != scans[1].scan_id);
  CHECK(scans[0].device == "lobby-1");
  CHECK(scans[0].creative == 11);
  CHECK(scans[0].campaign == 41);
  CHECK(scans[0].landing == "coupon");
  // In Shanghai.
  CHECK(scans[0].day == (scans[0].time_us + 8 * kHour) / kDay);
  // Nothing of the passer-by is kept anywhere.
  for (const std::string& name : list_directory(server.directory / "scans"))
    CHECK(read_text(server.directory / "scans" / name)->find("192.0.2") == std::string::npos);
  CHECK(server.log().find("192.0.2") == std::string::npos);
}

TEST_CASE("a crowd that scans at once is sent on at once, and each scan is kept") {
  Server server;
  server.start(VITRINE_REDIRECT_PROGRAM);
  const std::string token = server.token();
  constexpr int kPhones = 8, kEach = 60;
  std::array<std::vector<std::int64_t>, kPhones> took;
  std::vector<std::thread> phones;
  for (int phone = 0; phone < kPhones; ++phone) {
    phones.emplace_back([&, phone] {
      for (int i = 0; i < kEach; ++i) {
        const Micros began = server.clock.monotonic();
        const HttpReply reply =
            http_get(server.port, "/" + token, "192.0.2." + std::to_string(phone));
        if (reply.header("Location").find("scan_id=") != std::string::npos)
          took[static_cast<std::size_t>(phone)].push_back(server.clock.monotonic() - began);
      }
    });
  }
  for (std::thread& phone : phones) phone.join();
  std::vector<std::int64_t> all;
  for (const auto& one : took) all.insert(all.end(), one.begin(), one.end());
  REQUIRE(all.size() == kPhones * kEach);
  std::ranges::sort(all);
  MESSAGE("median ", all[all.size() / 2], " us, 99 in 100 within ", all[all.size() * 99 / 100],
          " us");
  CHECK(until([&] { return server.scans().size() == all.size(); }));
  std::set<std::string> ids;
  for (const Scan& scan : server.scans()) ids.insert(scan.scan_id);
  CHECK(ids.size() == all.size());
}

TEST_CASE("what is no scan is sent to no page of anybody else's, and counted by cause") {
  Server server;
  server.start(VITRINE_REDIRECT_PROGRAM);
  const std::string good = server.token();
  std::string forged = good;
  forged[20] = forged[20] == 'A' ? 'B' : 'A';
  const Micros now = server.clock.realtime();
  for (const std::string& path : {forged, std::string("https://evil.example/"),
                                  "//evil.example/" + forged, server.token(now, "lobby-2"),
                                  server.token(now, "lobby-9"), server.token(now, "lobby-1", 12)}) {
    CAPTURE(path);
    const HttpReply reply = http_get(server.port, "/" + path + "?to=https://evil.example/");
    CHECK(reply.status == 404);
    CHECK(reply.header("Location") == "");
  }
  // A screen's own code out of its time: the page, and no scan.
  for (const Micros shown : {now - 2 * kHour, now + kHour})
    CHECK(http_get(server.port, "/" + server.token(shown)).header("Location") ==
          "https://shop.example/tea?from=screen#top");
  CHECK(http_exchange(server.port,
                      "POST /" + good +
                          " HTTP/1.1\r\nHost: q\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
            .status == 405);
  // More than its share: the page, and no scan.
  int counted = 0;
  for (int i = 0; i < 70; ++i)
    counted += http_get(server.port, "/" + good, "192.0.2.77").header("Location").find("scan_id") !=
                       std::string::npos
                   ? 1
                   : 0;
  CHECK(counted >= 60);
  CHECK(counted < 65);
  server.program->signal(SIGTERM);
  CHECK(server.program->wait() == 0);
  CHECK(server.scans().size() == static_cast<std::size_t>(counted));
  std::map<std::string, std::int64_t> causes;
  REQUIRE(read_scan_journal(
      server.directory / "scans", server.clock.realtime() / kDay,
      {[](const Scan&) {}, [&](const ScanRefused& one) { causes[one.cause] += one.tokens; }}));
  CHECK(causes["forged"] == 2);
  CHECK(causes["bad_token"] >= 1);
  CHECK(causes["revoked"] == 1);
  CHECK(causes["unknown_screen"] == 1);
  CHECK(causes["no_target"] == 1);
  CHECK(causes["expired"] == 1);
  CHECK(causes["future"] == 1);
  CHECK(causes["rate_limited"] == 70 - counted);
}

TEST_CASE("a passer-by is sent on while the disk of the scans is full") {
  Server server;
  REQUIRE(make_directories(server.directory / "scans"));
  for (const std::int64_t day : {0, 1})
    fs::create_symlink(
        "/dev/full",
        server.directory /
            ("scans/scans-" +
             format_utc(server.clock.realtime() / kSecond + day * 86'400).substr(0, 10) +
             ".ndjson"));
  server.start(VITRINE_REDIRECT_PROGRAM);
  for (int i = 0; i < 5; ++i)
    CHECK(http_get(server.port, "/" + server.token()).header("Location").find("scan_id=") !=
          std::string::npos);
  for (const auto& entry : fs::directory_iterator(server.directory / "scans")) fs::remove(entry);
  CHECK(until([&] { return server.scans().size() == 5; }));
}

TEST_CASE("codes of a schedule too large for a message lead to its targets") {
  for (const char* place : {"archive/bodies", "origin/documents"}) {
    CAPTURE(place);
    Server server;
    server.archive("2", 12, "https://shop.example/coffee", server.directory / place);
    server.start(VITRINE_REDIRECT_PROGRAM);
    const HttpReply reply =
        http_get(server.port, "/" + server.token(server.clock.realtime(), "lobby-1", 12));
    INFO(server.log());
    CHECK(reply.status == 302);
    CHECK(reply.header("Location").starts_with("https://shop.example/coffee?scan_id="));
  }
}

TEST_CASE("the redirect's metrics count requests, scans and what was refused, by cause") {
  Server server;
  server.start(VITRINE_REDIRECT_PROGRAM);
  const HttpReply before = http_get(server.metrics_port, "/metrics");
  CHECK(before.status == 200);
  CHECK(before.header("Content-Type").starts_with("text/plain; version=0.0.4"));
  for (int i = 0; i < 3; ++i) http_get(server.port, "/" + server.token());
  http_get(server.port, "/" + server.token(server.clock.realtime() - 2 * kHour));
  const auto page = [&] { return http_get(server.metrics_port, "/metrics").body; };
  // One request more: start() asked for "/" until it was answered.
  CHECK(until([&] {
    const std::string text = page();
    return text.find("\nvitrine_redirect_scans_total 3\n") != std::string::npos &&
           text.find("\nvitrine_redirect_refused_total{cause=\"expired\"} 1\n") !=
               std::string::npos &&
           text.find("\nvitrine_redirect_refused_total{cause=\"forged\"} 0\n") !=
               std::string::npos &&
           text.find("\nvitrine_redirect_requests_total 5\n") != std::string::npos;
  }));
  CHECK(page().find("lobby-1") == std::string::npos);
  CHECK(http_get(server.metrics_port, "/").status == 404);
}

TEST_CASE("a schedule that is pushed while the redirect runs is known in seconds") {
  Server server;
  server.start(VITRINE_REDIRECT_PROGRAM);
  const std::string token = server.token(server.clock.realtime(), "lobby-1", 12);
  CHECK(http_get(server.port, "/" + token).status == 404);
  server.archive("2", 12, "https://shop.example/coffee");
  CHECK(until([&] { return http_get(server.port, "/" + token).status == 302; }));
}

std::string event_json(const std::string& id, const std::string& more = "") {
  return R"({"event_id":")" + id +
         R"(","time_utc":"2026-11-21T08:00:00Z","type":"order","gross":"12.50","currency":"CNY")" +
         more + "}\n";
}

TEST_CASE("events over HTTP are stored before they are acknowledged, each once") {
  Server server;
  server.start(VITRINE_ONLINE_PROGRAM);
  const std::string body =
      event_json("a") + event_json("b") + event_json("b", R"(,"brand":"x")") + "{\n";
  const HttpReply reply = http_post(server.port, "/v1/events", body, server.bearer);
  CHECK(reply.status == 200);
  CHECK(
      reply.body ==
      R"({"already":0,"read":4,"rejected":{"bad_json":1,"conflict":1},"rejected_rows":[)"
      R"({"cause":"bad_json","column":"","line":4},{"cause":"conflict","column":"event_id","line":3}],"stored":2})"
      "\n");
  server.program->signal(SIGKILL);
  server.program->wait();
  CHECK(server.count("online_event WHERE source = 'http' AND gross_micro = 12500000") == 2);
  server.start(VITRINE_ONLINE_PROGRAM);
  CHECK(http_post(server.port, "/v1/events", event_json("a"), server.bearer)
            .body.find(R"("already":1)") != std::string::npos);
  CHECK(server.count("online_event") == 2);
}

TEST_CASE("events over HTTP go into ClickHouse too, each once, whoever is killed") {
  testing::Clickhouse columns;
  Server server(columns.address("online"));
  server.start(VITRINE_ONLINE_PROGRAM);
  const std::string body = event_json("a") + event_json("b") + event_json("b", R"(,"brand":"x")");
  const HttpReply first = http_post(server.port, "/v1/events", body, server.bearer);
  CHECK(first.status == 200);
  CHECK(first.body.find(R"("stored":2)") != std::string::npos);
  CHECK(first.body.find(R"("conflict":1)") != std::string::npos);
  server.program->signal(SIGKILL);
  server.program->wait();
  server.start(VITRINE_ONLINE_PROGRAM);
  CHECK(http_post(server.port, "/v1/events", body, server.bearer).body.find(R"("already":2)") !=
        std::string::npos);
  columns.kill();
  CHECK(http_post(server.port, "/v1/events", event_json("c"), server.bearer).status == 503);
  columns.start();
  CHECK(http_post(server.port, "/v1/events", event_json("c"), server.bearer)
            .body.find(R"("stored":1)") != std::string::npos);
  auto store = open_sql_store(columns.address("online"), SqlAccess::read);
  REQUIRE(store);
  CHECK(sql_integer(*sql_scalar(**store,
                                "SELECT count(*) FROM online_event WHERE gross_micro ="
                                " 12500000")) == 3);
}

TEST_CASE("who has no token, another path or too much to say is sent away") {
  Server server;
  server.start(VITRINE_ONLINE_PROGRAM);
  CHECK(http_post(server.port, "/v1/events", event_json("a"), "wrong").status == 401);
  CHECK(http_exchange(
            server.port,
            "POST /v1/events HTTP/1.1\r\nHost: q\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
            .status == 401);
  CHECK(http_post(server.port, "/v1/cost", event_json("a"), server.bearer).status == 404);
  CHECK(http_get(server.port, "/v1/events").status == 405);
  CHECK(http_post(server.port, "/v1/events", std::string(65 * 1024, '\n'), server.bearer).status ==
        413);
  CHECK(http_post(server.port, "/v1/events", "\xff\xfe{", server.bearer).status == 400);
  CHECK(server.count("online_event") == 0);
}

TEST_CASE("a token file that others can read is not used") {
  Server server;
  REQUIRE(::chmod(server.at("events.token").c_str(), 0644) == 0);
  CHECK(testing::run({VITRINE_ONLINE_PROGRAM, "--config", server.at("backend.toml")},
                     server.directory / "log") == 1);
  CHECK(server.log().find("chmod 600") != std::string::npos);
}

}  // namespace
}  // namespace vitrine
