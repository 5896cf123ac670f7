// The daemon's own loop against a real broker over mutual TLS, with a subscriber in the place of
// the ingest; and libcurl against a real HTTPS server.
#include "broker.hpp"
#include "daemon.hpp"
#include "kit.hpp"
#include "process.hpp"

using namespace vitrine;
using namespace vitrine::testing;

namespace {

void replace_file(const fs::path& from, const fs::path& to) {
  fs::copy_file(from, to, fs::copy_options::overwrite_existing);
}

struct Network : Kit {
  Broker broker{Broker::Options{.tls = true}};
  SystemClock system_clock;

  Network() {
    broker.ca().issue(kScreen);
    broker.ca().issue("ingest");
    replace_file(broker.ca().ca(), paths.tls_authority());
    replace_file(broker.ca().certificate(kScreen), paths.tls_certificate());
    replace_file(broker.ca().key(kScreen), paths.tls_key());
  }
  std::unique_ptr<Daemon> open_daemon() {
    identity.mqtt_port = broker.port();
    DaemonOptions options{.paths = paths, .backoff_cap = 100 * kMillisecond, .software = "test"};
    options.mqtt = mqtt_options(paths, identity);
    auto daemon = Daemon::open(std::move(options), system_clock);
    REQUIRE_MESSAGE(daemon.ok(), (daemon ? "" : daemon.error().message));
    return std::move(*daemon);
  }
};

// Subscribes to everything of the screen, acknowledges when told to.
struct Backend {
  explicit Backend(Network& at) : network(at) {
    MqttOptions options;
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
      retained[message.topic] = message.payload;
      return;
    }
    auto batch = decode_batch(message.payload);
    REQUIRE(batch.ok());
    batches.emplace_back(batch->key, message.payload);
    if (!acknowledges) return;
    const Bytes ack =
        encode_ack({{{batch->key, batch_hash_prefix(message.payload), AckStatus::stored}}, 0},
                   kScreen, "ingest-1", network.ingest);
    REQUIRE(transport->publish(DeviceTopics(kScreen).ack(), ack).ok());
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
};

}  // namespace

TEST_CASE(
    "started without a broker, rows wait; with it they arrive, survive its kill -9, and are "
    "acknowledged") {
  Network network;
  auto log = PlayLog::open(network.paths.plays(), kScreen, network.proof);
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
  TestCa ca{temp.path()};
  int port = free_port();
  fs::path served = temp / "www";
  std::unique_ptr<Process> server;

  Origin443() {
    ca.issue("127.0.0.1");
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
    return {address() + path, {address()}, temp / "part", size, ca.ca(), nullptr};
  }
};

}  // namespace

TEST_CASE(
    "libcurl fetches over HTTPS from a listed origin only, goes on with a part, and minds the "
    "signed size") {
  Origin443 origin;
  const std::string body(300'000, 'b');
  REQUIRE(write_atomic(origin.served / "film", body, 0644).ok());
  const fs::path part = origin.temp / "part";
  const Download right = origin.of("/film", body.size());
  Status came = ok();
  REQUIRE(until([&] { return (came = download(right)).ok(); }, {}));
  CHECK(*read_text(part) == body);

  // Half a part: only the rest comes, after what is there already.
  REQUIRE(write_atomic(part, std::string(100'000, 'a')).ok());
  REQUIRE(download(right).ok());
  CHECK(*read_text(part) == std::string(100'000, 'a') + std::string(200'000, 'b'));

  fs::remove(part);
  REQUIRE(download(origin.of("/inside", body.size())).ok());
  CHECK(*read_text(part) == body);

  fs::remove(part);
  CHECK(download(origin.of("/away", body.size())).error().code == ErrorCode::denied);
  CHECK(download(origin.of("/film", 1000)).error().code == ErrorCode::corrupt);
  CHECK_FALSE(fs::exists(part));
  CHECK(download(origin.of("/absent", 1000)).error().code == ErrorCode::not_found);
  CHECK(fs::file_size(part) == 0);  // an error page is no content

  Download plain = right;
  plain.url = "http://127.0.0.1/film";
  CHECK(download(plain).error().code == ErrorCode::denied);
  Download stranger = right;
  TempDirectory elsewhere;
  stranger.authority = TestCa(elsewhere.path()).ca();
  CHECK(download(stranger).error().code == ErrorCode::unavailable);
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
