// The daemon's own loop against a real broker over mutual TLS, with a subscriber in the place of
// the ingest; and libcurl against a real HTTPS server.
#include "broker.hpp"
#include "daemon.hpp"
#include "kit.hpp"
#include "player/documents.hpp"
#include "process.hpp"
#include "protocol/reference.hpp"

using namespace vitrine;
using namespace vitrine::testing;

namespace {

void replace_file(const fs::path& from, const fs::path& to) {
  fs::copy_file(from, to, fs::copy_options::overwrite_existing);
}

// The kernel's clocks with a battery that died: the wall clock began in 1970 at this boot.
class Clock1970 final : public Clock {
 public:
  Micros boottime() const override { return kernel_.boottime(); }
  Micros monotonic() const override { return kernel_.monotonic(); }
  Micros realtime() const override { return kernel_.boottime(); }
  BootId boot_id() const override { return kernel_.boot_id(); }
  void sleep_until(Micros deadline) const override { kernel_.sleep_until(deadline); }

 private:
  SystemClock kernel_;
};

struct Network : Kit {
  Broker broker;
  SystemClock system_clock;

  explicit Network(long certificate_from_now_s = 0)
      : broker(Broker::Options{.tls = true, .certificate_from_now_s = certificate_from_now_s}) {
    broker.ca().issue(kScreen);
    broker.ca().issue("ingest");
    replace_file(broker.ca().ca(), paths.tls_authority());
    replace_file(broker.ca().certificate(kScreen), paths.tls_certificate());
    replace_file(broker.ca().key(kScreen), paths.tls_key());
  }
  std::unique_ptr<Daemon> open_daemon() { return open_daemon(system_clock); }
  std::unique_ptr<Daemon> open_daemon(const Clock& by) {
    identity.mqtt_port = broker.port();
    DaemonOptions options{.paths = paths, .backoff_cap = 100 * kMillisecond, .software = "test"};
    options.mqtt = mqtt_options(paths, identity);
    auto daemon = Daemon::open(std::move(options), by);
    REQUIRE_MESSAGE(daemon.ok(), (daemon ? "" : daemon.error().message));
    return std::move(*daemon);
  }
};

// Subscribes to everything of the screen, acknowledges when told to.
struct Backend {
  explicit Backend(Network& at, std::function<CertificateTime()> certificate_time = {})
      : network(at) {
    MqttOptions options;
    options.certificate_time = std::move(certificate_time);
    options.port = at.broker.port();
    options.client_id = "ingest";
    options.ca_file = at.broker.ca().ca();
    options.certificate_file = at.broker.ca().certificate("ingest");
    options.key_file = at.broker.ca().key("ingest");
    transport = make_mosquitto_transport(options);
    transport->set_handlers(
        {.connected = [this] { REQUIRE(transport->subscribe("vt/v1/#").ok()); },
         .disconnected = [this](const std::string&) { (void)transport->connect(); },
         .message = [this](const MqttMessage& message) { receive(message); }});
    REQUIRE(transport->connect().ok());
  }
  void receive(const MqttMessage& message) {
    if (message.topic.find("/up/") == std::string::npos) {
      if (message.topic == DeviceTopics(kScreen).connection()) answer_birth(message);
      retained[message.topic] = message.payload;
      return;
    }
    auto batch = decode_batch(message.payload);
    REQUIRE(batch.ok());
    batches.emplace_back(batch->key, message.payload);
    if (!acknowledges) return;
    const Bytes ack = encode_ack(
        {{{batch->key, batch_hash_prefix(message.payload), AckStatus::stored}}, 1u << 20}, kScreen,
        "ingest-1", network.ingest);
    // Lost with the broker that is killed meanwhile, it is asked for again.
    (void)transport->publish(DeviceTopics(kScreen).ack(), ack);
  }
  void answer_birth(const MqttMessage& message) {
    const auto birth = read_connection(as_text(message.payload));
    if (beacon_utc_us == 0 || !birth || !birth->online) return;
    ++births;
    const Bytes beacon = encode_beacon({birth->link_nonce, birth->boot, beacon_utc_us}, kScreen,
                                       "ingest-1", network.ingest);
    REQUIRE(transport->publish(DeviceTopics(kScreen).time(), beacon).ok());
  }
  std::size_t plays() const {
    std::set<std::uint64_t> seqs;
    for (const auto& [key, body] : batches) {
      if (key.stream != Stream::play) continue;
      for (std::uint64_t seq = key.first; seq <= key.last; ++seq) seqs.insert(seq);
    }
    return seqs.size();
  }
  Network& network;
  std::unique_ptr<MqttTransport> transport;
  std::vector<std::pair<BatchKey, Bytes>> batches;
  std::map<std::string, Bytes> retained;
  bool acknowledges = true;
  Micros beacon_utc_us = 0;  // 0: no beacons
  int births = 0;
};

}  // namespace

TEST_CASE(
    "a screen at 1970 reaches a broker whose certificate is younger than it, learns the time, and "
    "makes the link anew with full checks") {
  Network network(86'400);  // what begins tomorrow is far younger than any image
  network.broker.start();
  const Clock1970 clock;
  auto daemon = network.open_daemon(clock);
  // The other end is one that knows no time either: only the screen is tested here.
  Backend backend(network, [] { return CertificateTime{false, 0}; });
  backend.beacon_utc_us = network.system_clock.realtime() + 90'000 * kSecond;
  const auto told = [&] { return read_clock_state(network.paths); };
  REQUIRE(until([&] { return backend.births >= 2; },
                [&] {
                  daemon->turn(10 * kMillisecond);
                  backend.transport->poll(10 * kMillisecond);
                }));
  CHECK(told()->trust == ClockTrust::trusted);
  CHECK(told()->source == "beacon");
  const Micros utc = clock.boottime() + told()->utc_minus_boottime_us;
  CHECK(std::llabs(utc - backend.beacon_utc_us) < kMinute);
}

TEST_CASE(
    "started without a broker, rows wait; with it they arrive, survive its kill -9, and are "
    "acknowledged") {
  Network network;
  auto log = PlayLog::open(network.paths.plays_log(), kScreen, network.proof);
  REQUIRE(log.ok());
  const auto play = [&](int rows) {
    for (int i = 0; i < rows; ++i) REQUIRE(log->append(PlayRow{}, 0).ok());
  };
  auto daemon = network.open_daemon();
  play(20);
  for (int i = 0; i < 5; ++i) daemon->turn(10 * kMillisecond);
  CHECK(daemon->outbox_load().batches >= 1);

  network.broker.start();
  Backend backend(network);
  backend.acknowledges = false;
  const auto step = [&] {
    daemon->turn(10 * kMillisecond);
    backend.transport->poll(10 * kMillisecond);
  };
  REQUIRE(until([&] { return backend.plays() == 20; }, step));
  CHECK(read_connection(as_text(backend.retained[DeviceTopics(kScreen).connection()]))->online);

  network.broker.kill();
  backend.acknowledges = true;
  play(20);
  network.broker.start();
  REQUIRE(until([&] { return backend.plays() == 40 && daemon->outbox_load().batches == 0; }, step));
  // The unacknowledged batch came again, with the same bytes.
  std::map<BatchKey, Bytes> seen;
  for (const auto& [key, body] : backend.batches)
    CHECK(seen.try_emplace(key, body).first->second == body);

  play(3);
  backend.acknowledges = false;
  daemon->close(0);
  CHECK(daemon->outbox_load().batches >= 1);  // frozen, not lost
  daemon = network.open_daemon();
  backend.acknowledges = true;
  REQUIRE(until([&] { return backend.plays() == 43 && daemon->outbox_load().batches == 0; }, step));
}

TEST_CASE("a pushed document arrives retained, and what became of it is retained in answer") {
  Network network;
  network.broker.start();
  Backend backend(network);
  auto daemon = network.open_daemon();
  const auto step = [&] {
    daemon->turn(10 * kMillisecond);
    backend.transport->poll(10 * kMillisecond);
  };
  REQUIRE(until([&] { return backend.transport->connected(); }, step));
  const auto now = network.system_clock.realtime() / kSecond;
  const std::string settings =
      sign_document({DocumentKind::settings, kDemo, "operator-1", 3, now, 0}, settings_text(),
                    network.operator_key);
  REQUIRE(
      backend.transport
          ->publish(group_desired_topic("demo", DocumentKind::settings), as_bytes(settings), true)
          .ok());
  const std::string forged =
      sign_document({DocumentKind::schedule, kDemo, "operator-1", 9, now, 0},
                    write_schedule(schedule_of({"x"})), PrivateKey::generate());
  REQUIRE(backend.transport
              ->publish(group_desired_topic("demo", DocumentKind::schedule), as_bytes(forged), true)
              .ok());
  const auto reported = [&]() -> std::map<std::string, ReportedDocument> {
    std::map<std::string, ReportedDocument> out;
    auto report = read_reported(as_text(backend.retained[DeviceTopics(kScreen).reported()]));
    if (report) {
      for (const auto& document : report->documents) out[document.kind] = document;
    }
    return out;
  };
  REQUIRE(until([&] { return reported().size() == 3; }, step));
  CHECK(reported()["trust"].version == 1);
  CHECK(reported()["settings"].state == ApplyState::verified);
  CHECK(reported()["settings"].version == 3);
  CHECK(reported()["schedule"].state == ApplyState::refused);
  CHECK_FALSE(reported()["schedule"].error.empty());
}

namespace {

// nginx over a directory, with one address that redirects inside and one that redirects away.
struct Origin443 {
  TempDirectory temp;
  TestCa ca;
  int port = free_port();
  fs::path served = temp / "www";
  std::unique_ptr<Process> server;

  Origin443() : Origin443(std::nullopt) {}
  explicit Origin443(std::optional<TestCa> authority, long certificate_from_now_s = 0)
      : ca(authority ? *std::move(authority) : TestCa(temp.path())) {
    if (certificate_from_now_s == 0) {
      ca.issue("127.0.0.1");
    } else {
      ca.issue_later("127.0.0.1", certificate_from_now_s);
    }
    REQUIRE(make_directories(served).ok());
    const std::string here = temp.path().string();
    const std::string config =
        "error_log " + here + "/error.log; pid " + here + "/pid; worker_processes 1;\n" +
        "events {}\nhttp { access_log off; client_body_temp_path " + here + "/b; proxy_temp_path " +
        here + "/p; fastcgi_temp_path " + here + "/f; uwsgi_temp_path " + here +
        "/u; scgi_temp_path " + here + "/s;\n" +
        "server { listen 127.0.0.1:" + std::to_string(port) + " ssl; ssl_certificate " +
        ca.certificate("127.0.0.1") + "; ssl_certificate_key " + ca.key("127.0.0.1") + "; root " +
        served.string() + ";\n" +
        "location /inside { return 302 /film; } location /away { return 302 "
        "https://127.0.0.1:1/film; } } }\n";
    REQUIRE(write_atomic(temp / "nginx.conf", config).ok());
    // One process: a worker would outlive a master that is killed.
    server = std::make_unique<Process>(
        std::vector<std::string>{"nginx", "-e", here + "/error.log", "-c", here + "/nginx.conf",
                                 "-g", "daemon off; master_process off;"},
        temp / "server.log");
  }
  std::string address() const { return "https://127.0.0.1:" + std::to_string(port); }
  Download of(const std::string& path, std::uint64_t size) const {
    return {address() + path, {address()}, temp / "a.part", size};
  }
};

}  // namespace

TEST_CASE(
    "libcurl fetches over HTTPS from a listed origin only, goes on with a part, and minds the "
    "signed size") {
  Origin443 origin;
  const std::string body(300'000, 'b');
  REQUIRE(write_atomic(origin.served / "film", body, 0644).ok());
  const fs::path part = origin.temp / "a.part";
  const Download right = origin.of("/film", body.size());
  Status came = ok();
  REQUIRE(until([&] { return (came = download(right, origin.ca.ca())).ok(); }, {}));
  CHECK(*read_text(part) == body);

  // Half a part: only the rest comes, after what is there already.
  REQUIRE(write_atomic(part, std::string(100'000, 'a')).ok());
  REQUIRE(download(right, origin.ca.ca()).ok());
  CHECK(*read_text(part) == std::string(100'000, 'a') + std::string(200'000, 'b'));

  fs::remove(part);
  REQUIRE(download(origin.of("/inside", body.size()), origin.ca.ca()).ok());
  CHECK(*read_text(part) == body);

  fs::remove(part);
  CHECK(download(origin.of("/away", body.size()), origin.ca.ca()).error().code ==
        ErrorCode::denied);
  CHECK(download(origin.of("/film", 1000), origin.ca.ca()).error().code == ErrorCode::corrupt);
  CHECK_FALSE(fs::exists(part));
  CHECK(download(origin.of("/absent", 1000), origin.ca.ca()).error().code == ErrorCode::not_found);
  CHECK(fs::file_size(part) == 0);  // an error page is no content

  Download plain = right;
  plain.url = "http://127.0.0.1/film";
  CHECK(download(plain, origin.ca.ca()).error().code == ErrorCode::denied);
  TempDirectory elsewhere;
  fs::remove(part);
  CHECK(download(right, TestCa(elsewhere.path()).ca()).error().code == ErrorCode::unavailable);
}

TEST_CASE("an origin's certificate of tomorrow is good at the time told, or when none is known") {
  Origin443 origin(std::nullopt, 86'400);
  const std::string body = "a film";
  REQUIRE(write_atomic(origin.served / "film", body, 0644).ok());
  Download right = origin.of("/film", body.size());
  Status came = ok();
  right.certificate_time = {false, 0};
  REQUIRE(until([&] { return (came = download(right, origin.ca.ca())).ok(); }, {}));
  fs::remove(right.part);
  right.certificate_time = {true, std::time(nullptr) + 90'000};
  CHECK(download(right, origin.ca.ca()).ok());
  fs::remove(right.part);
  for (const CertificateTime& at :
       {CertificateTime{}, CertificateTime{true, std::time(nullptr) + 3 * 86'400}}) {
    right.certificate_time = at;
    CHECK(download(right, origin.ca.ca()).error().code == ErrorCode::unavailable);
  }
}

TEST_CASE("the fetch worker brings verified content, or says what is wrong with it") {
  Origin443 origin;
  const std::string body = "a film";
  REQUIRE(write_atomic(origin.served / "film", body, 0644).ok());
  const fs::path store = origin.temp / "content";
  REQUIRE(make_directories(store).ok());
  FetchWorker worker(store, origin.ca.ca());
  const auto bring = [&](const Hash256& wanted) {
    const ContentRequest request{wanted, body.size(), "film", {origin.address()}};
    worker.want(request);
    ContentOutcome came;
    REQUIRE(until([&] {
      const auto finished = worker.finished();
      if (finished.empty()) return false;
      came = finished.front();
      const bool listens = came.status || came.status.error().code != ErrorCode::unavailable;
      if (!listens) worker.want(request);  // the server is still starting
      return listens;
    }));
    return came;
  };
  const Hash256 hash = sha256(as_bytes(body));
  CHECK(bring(hash).status.ok());
  CHECK(ContentStore(store).has(hash));
  const ContentOutcome wrong = bring(Hash256{1});
  CHECK(wrong.status.error().code == ErrorCode::corrupt);
  CHECK(wrong.sha256 == Hash256{1});
}

TEST_CASE(
    "a schedule of 1,000 campaigns, too large for any message, comes with its creatives over "
    "broker "
    "and HTTPS to where the player takes it") {
  Network network;
  network.broker.start();
  Origin443 origin(network.broker.ca());
  const auto publish_file = [&](const std::string& path, const std::string& body) {
    REQUIRE(make_directories((origin.served / path).parent_path()).ok());
    REQUIRE(write_atomic(origin.served / path, body, 0644).ok());
  };
  const std::vector<std::string> films = {std::string(300'000, 'a'), std::string(500'000, 'b')};
  for (const std::string& film : films) {
    publish_file("creatives/" + to_hex(sha256(as_bytes(film))), film);
    Verdict verdict;
    verdict.sha256 = sha256(as_bytes(film));
    verdict.eligible = true;
    REQUIRE(write_verdict(network.paths.verdicts(), verdict).ok());
  }
  const std::string body = write_schedule(large_schedule_of(films));
  MESSAGE("the schedule has " << body.size() << " bytes");
  REQUIRE(body.size() > kMaxPacket);
  const Hash256 hash = sha256(as_bytes(body));
  publish_file("documents/" + to_hex(hash), body);

  const auto now = network.system_clock.realtime() / kSecond;
  const auto sign = [&](DocumentKind kind, const std::string& payload) {
    return sign_document({kind, kDemo, "operator-1", 5, now, 0}, payload, network.operator_key);
  };
  Settings settings;
  settings.origins = {origin.address()};
  Backend backend(network);
  auto daemon = network.open_daemon();
  const auto step = [&] {
    daemon->turn(10 * kMillisecond);
    backend.transport->poll(10 * kMillisecond);
  };
  REQUIRE(until([&] { return backend.transport->connected(); }, step));
  const std::string schedule = sign(
      DocumentKind::schedule, write_reference({"documents/" + to_hex(hash), hash, body.size()}));
  for (const auto& [kind, jws] :
       {std::pair(DocumentKind::schedule, schedule),
        std::pair(DocumentKind::settings,
                  sign(DocumentKind::settings, write_settings(settings)))}) {
    REQUIRE(
        backend.transport->publish(group_desired_topic("demo", kind), as_bytes(jws), true).ok());
  }
  const auto state = [&]() -> std::optional<ApplyState> {
    auto report = read_reported(as_text(backend.retained[DeviceTopics(kScreen).reported()]));
    if (!report) return std::nullopt;
    for (const auto& document : report->documents) {
      if (document.kind == "schedule") return document.state;
    }
    return std::nullopt;
  };
  REQUIRE(until([&] { return state() == ApplyState::offered; }, step));
  auto generation = GenerationStore(network.paths).read(1);
  REQUIRE(generation.ok());
  CHECK(generation->files.schedule == schedule);
  const VersionFloors floors(network.paths.floors());
  auto active =
      check_documents(*generation, {network.trust, now, network.identity, floors, nullptr});
  REQUIRE_MESSAGE(active.ok(), (active ? "" : active.error().message));
  CHECK(active->schedule.campaigns.size() == 1'000);
  for (const std::string& film : films)
    CHECK(ContentStore(network.paths.content()).has(sha256(as_bytes(film))));
}
