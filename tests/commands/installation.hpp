#pragma once

#include <doctest/doctest.h>

#include "backflow/sql_store.hpp"
#include "broker.hpp"
#include "daemon.hpp"
#include "kit.hpp"
#include "process.hpp"
#include "protocol/registry.hpp"

namespace vitrine::testing {

// A backend and a screen that have found each other: a broker over mutual TLS, vitrine-desired and
// vitrine-ingest as programs, telemetry's own loop, and an operator called anna.
struct Installation : Kit {
  Broker broker{Broker::Options{.tls = true}};
  SystemClock system_clock;
  std::unique_ptr<Daemon> daemon;
  std::unique_ptr<Process> desired;

  Installation() {
    trust.keys[0].kinds.push_back(DocumentKind::command);
    REQUIRE(GenerationStore(paths).put_trust(1, trust_jws(1)).ok());
    for (const std::string& name :
         {kScreen, std::string("desired"), std::string("ingest"), std::string("anna")})
      broker.ca().issue(name);
    const auto copy = [](const fs::path& from, const fs::path& to) {
      fs::copy_file(from, to, fs::copy_options::overwrite_existing);
    };
    copy(broker.ca().ca(), paths.tls_authority());
    copy(broker.ca().certificate(kScreen), paths.tls_certificate());
    copy(broker.ca().key(kScreen), paths.tls_key());
    REQUIRE(write_private_key(temp / "operator.key", operator_key).ok());
    REQUIRE(write_private_key(temp / "ingest.key", ingest).ok());
    REQUIRE(write_atomic(temp / "trust.jws", trust_jws(1)).ok());
    Registry registry;
    for (const std::string name : {"lobby-1", "lobby-2"}) {
      RegisteredScreen screen;
      screen.screen = name;
      screen.area = 7;
      screen.zone = "Europe/Berlin";
      screen.groups = {"demo"};
      screen.shard = shard_of(name);
      screen.proof_key = proof.public_key().raw;
      screen.valid_from = 1;
      registry.screens.push_back(screen);
    }
    REQUIRE(write_atomic(temp / "registry.json", write_registry(registry)).ok());
    const std::string root_path = temp.path().string();
    const auto identity_of = [&](const std::string& name) {
      return "certificate = \"" + broker.ca().certificate(name) + "\"\nkey = \"" +
             broker.ca().key(name) + "\"\n";
    };
    REQUIRE(write_atomic(temp / "backend.toml",
                         "registry = \"" + root_path + "/registry.json\"\nroot_key = \"" +
                             paths.root_key().string() + "\"\ntrust = \"" + root_path +
                             "/trust.jws\"\n[mqtt]\nport = " + std::to_string(broker.port()) +
                             "\nca = \"" + broker.ca().ca() + "\"\n[desired]\narchive = \"" +
                             root_path + "/archive\"\n" + identity_of("desired") + "[ingest]\n" +
                             identity_of("ingest") + "sign_key = \"" + root_path +
                             "/ingest.key\"\nkey_id = \"ingest-1\"\nspool = \"" + root_path +
                             "/ingest/spool\"\nstore = \"sqlite:" + root_path +
                             "/ingest/store.db\"\n")
                .ok());
    REQUIRE(make_directories(temp / "ingest").ok());
    broker.start();
    identity.mqtt_port = broker.port();
    DaemonOptions options{.paths = paths, .backoff_cap = 100 * kMillisecond, .software = "test"};
    options.mqtt = mqtt_options(paths, identity);
    auto opened = Daemon::open(std::move(options), system_clock);
    REQUIRE(opened.ok());
    daemon = std::move(*opened);
  }
  void start_desired() {
    desired = std::make_unique<Process>(
        std::vector<std::string>{VITRINE_DESIRED_PROGRAM, "--config", temp / "backend.toml"},
        temp / "desired.log");
  }
  std::unique_ptr<Process> start_ingest() const {
    return std::make_unique<Process>(
        std::vector<std::string>{VITRINE_INGEST_PROGRAM, "--config", temp / "backend.toml"},
        temp / "ingest.log");
  }
  // What the ingest has loaded; null while there is no store.
  std::unique_ptr<SqlStore> store() const {
    auto opened = open_sql_store("sqlite:" + (temp / "ingest/store.db").string(), SqlAccess::read);
    return opened ? *std::move(opened) : nullptr;
  }
  std::int64_t stored() const {
    const auto open = store();
    const auto rows = open ? sql_scalar(*open, "SELECT count(*) FROM play") : SqlValue();
    return rows ? sql_integer(*rows) : 0;
  }
  // Until then telemetry turns.
  bool turn_until(const std::function<bool()>& holds) {
    return until(holds, [&] { daemon->turn(10 * kMillisecond); });
  }
  // Runs `vitrine WORDS`; meanwhile telemetry turns and `other` is done.
  int run(std::vector<std::string> words, const std::function<void()>& other = {}) {
    words.insert(words.begin(), VITRINE_PROGRAM);
    for (const std::string& word :
         {std::string("--key"), (temp / "operator.key").string(), std::string("--key-id"),
          std::string("operator-1"), std::string("--operator"), std::string("anna"),
          std::string("--broker"), "127.0.0.1:" + std::to_string(broker.port()),
          std::string("--ca"), broker.ca().ca(), std::string("--certificate"),
          broker.ca().certificate("anna"), std::string("--tls-key"), broker.ca().key("anna")})
      words.push_back(word);
    fs::remove(temp / "out");
    Process process(words, temp / "out");
    CHECK(until([&] { return !process.running(); },
                [&] {
                  daemon->turn(10 * kMillisecond);
                  if (other) other();
                }));
    return process.wait();
  }
  std::string output() const {
    auto text = read_text(temp / "out");
    return text ? *text : "";
  }
  bool says(const std::string& words) const { return output().find(words) != std::string::npos; }
};

}  // namespace vitrine::testing
