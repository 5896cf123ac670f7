// A whole backend's door on loopback, each part the real one with the configuration that ships:
// mosquitto (backflow/broker), nginx (backflow/enrol/nginx-site.conf), vitrine-enrol; and devices
// enrolled by `vitrine token` and `vitrine enrol`.
#pragma once

#include <doctest/doctest.h>
#include <signal.h>

#include <algorithm>
#include <fstream>
#include <memory>

#include "broker.hpp"
#include "mqtt/transport.hpp"
#include "platform/certificate.hpp"
#include "platform/clock.hpp"
#include "platform/crypto.hpp"
#include "process.hpp"
#include "protocol/documents.hpp"
#include "protocol/envelope.hpp"
#include "state/paths.hpp"
#include "temp_directory.hpp"

namespace vitrine::testing {

class Installation {
 public:
  explicit Installation(int life_s) : ca_(directory_.path()) {
    fs::permissions(directory_.path(), fs::perms(0755));
    for (const char* name : {"broker", "enrol-server", "ingest"}) ca_.issue(name);
    const auto root_key = PrivateKey::generate();
    REQUIRE(write_public_key(at("root.pub"), root_key.public_key()));
    REQUIRE(write_atomic(
        at("trust.jws"),
        sign_document({DocumentKind::trust, {Audience::Kind::group, "demo"}, "root", 1, 1, 0},
                      write_trust({}), root_key)));
    REQUIRE(write_atomic(at("registry.json"), write_registry({})));
    REQUIRE(make_directories(at("mosquitto")));
    write_config(life_s);
    start_enrol();
    start_nginx();
    start_broker();
  }

  fs::path at(const std::string& name) const { return directory_ / name; }
  TestCa& ca() { return ca_; }
  int mqtt_port() const { return mqtt_port_; }
  std::string url() const { return "https://127.0.0.1:" + std::to_string(https_port_); }
  std::string log() const { return read_text(at("log")).ok() ? *read_text(at("log")) : ""; }

  void start_enrol() {
    enrol_ = std::make_unique<Process>(
        std::vector<std::string>{VITRINE_ENROL_PROGRAM, "--config", at("backend.toml").string()},
        at("log"));
    REQUIRE_MESSAGE(until([&] {
                      return !enrol_->running() || log().find("listening on") != std::string::npos;
                    }),
                    log());
    REQUIRE_MESSAGE(enrol_->running(), log());
  }
  void kill_enrol() {
    enrol_->signal(SIGKILL);
    (void)enrol_->wait();
  }

  void start_nginx() {
    const std::string listen = "listen 127.0.0.1:" + std::to_string(https_port_) + " ssl;";
    const auto site = shipped("enrol/nginx-site.conf",
                              {{"listen 8443 ssl;", listen},
                               {"    listen [::]:8443 ssl;\n", ""},
                               {"/etc/vitrine/enrol-server.pem", ca_.certificate("enrol-server")},
                               {"/etc/vitrine/enrol-server.key", ca_.key("enrol-server")},
                               {"rate=1r/s", "rate=1000r/s"},
                               {"127.0.0.1:8090", "127.0.0.1:" + std::to_string(enrol_port_)}});
    const std::string here = directory_.path().string();
    std::string temporary;
    for (const std::string kind : {"client_body", "proxy", "fastcgi", "uwsgi", "scgi"})
      temporary += kind + "_temp_path " + here + "/nginx-" + kind + ";\n";
    REQUIRE(write_atomic(at("site.conf"), site));
    REQUIRE(write_atomic(at("nginx.conf"),
                         "daemon off;\nmaster_process off;\npid " + here +
                             "/nginx.pid;\nerror_log stderr;\nevents { worker_connections 64; }\n"
                             "http {\naccess_log off;\n" +
                             temporary + "include " + here + "/site.conf;\n}\n"));
    nginx_ =
        std::make_unique<Process>(std::vector<std::string>{"/usr/sbin/nginx", "-e", "stderr", "-p",
                                                           here, "-c", at("nginx.conf").string()},
                                  at("log"));
    wait_for(https_port_, *nginx_);
  }
  void stop_nginx() { nginx_.reset(); }

  // The operator's and the technician's commands.
  int vitrine(std::vector<std::string> words) {
    words.insert(words.begin(), VITRINE_PROGRAM);
    return run(words, at("log"));
  }
  StatePaths state_of(const std::string& screen) const {
    return {at("screens") / screen / "lib", at("screens") / screen / "run"};
  }
  void enrol(const std::string& screen, const std::string& group = "demo") {
    const fs::path out = at("token-" + screen);
    (void)remove_file(out);
    REQUIRE_MESSAGE(
        run({VITRINE_PROGRAM, "token", "--config", at("backend.toml").string(), "--screen", screen,
             "--area", "7", "--zone", "Europe/Berlin", "--group", group},
            out) == 0,
        *read_text(out));
    const std::string text = *read_text(out);
    // stdout and stderr come in one file here; the token is the only line of 22 characters
    std::string token;
    for (std::size_t from = 0; from < text.size();) {
      const auto end = std::min(text.find('\n', from), text.size());
      if (end - from == 22) token = text.substr(from, 22);
      from = end + 1;
    }
    REQUIRE(make_state_directories(state_of(screen)));
    REQUIRE_MESSAGE(vitrine({"enrol", "--state", state_of(screen).root.string(), "--server", url(),
                             "--ca", ca_.ca(), "--token", token}) == 0,
                    log());
  }
  RegisteredScreen registered(const std::string& screen) const {
    const auto registry = read_registry(*read_text(at("registry.json")));
    REQUIRE(registry);
    const RegisteredScreen* found = registry->find(screen);
    REQUIRE(found != nullptr);
    return *found;
  }

  MqttOptions mqtt(const std::string& name, const fs::path& certificate, const fs::path& key) {
    MqttOptions options;
    options.port = mqtt_port_;
    options.client_id = name;
    options.ca_file = ca_.ca();
    options.certificate_file = certificate.string();
    options.key_file = key.string();
    return options;
  }
  MqttOptions mqtt(const std::string& screen) {
    return mqtt(screen, state_of(screen).tls_certificate(), state_of(screen).tls_key());
  }
  MqttOptions mqtt_ingest() { return mqtt("ingest", ca_.certificate("ingest"), ca_.key("ingest")); }

 private:
  void write_config(int life_s) {
    const auto path = [&](const std::string& name) { return "\"" + at(name).string() + "\"\n"; };
    std::ofstream(at("backend.toml"))
        << "registry = " << path("registry.json") << "root_key = " << path("root.pub")
        << "trust = " << path("trust.jws") << "[mqtt]\nca = \"" << ca_.ca() << "\"\n[enrol]\n"
        << "listen = \"127.0.0.1:" << enrol_port_ << "\"\nurl = \"" << url() << "\"\n"
        << "ca_certificate = \"" << ca_.ca() << "\"\nca_key = " << path("ca.key")
        << "book = " << path("enrol.db") << "mqtt_host = \"127.0.0.1\"\nmqtt_port = " << mqtt_port_
        << "\nlife_s = " << life_s << "\nrequests_a_minute = 1000\nacl_base = \"" << VITRINE_SHIPPED
        << "/broker/acl\"\nacl = " << path("mosquitto/acl")
        << "crl = " << path("mosquitto/revoked.pem")
        << "broker_pid = " << path("mosquitto/mosquitto.pid") << "operators = [\"anna\"]\n";
  }
  // The shipped text with its places filled in; a place that is not there is a failure.
  std::string shipped(const std::string& name,
                      const std::vector<std::pair<std::string, std::string>>& places) const {
    std::string text = *read_text(fs::path(VITRINE_SHIPPED) / name);
    for (const auto& [place, value] : places) {
      REQUIRE_MESSAGE(text.find(place) != std::string::npos, name << " lacks " << place);
      for (auto found = text.find(place); found != std::string::npos;
           found = text.find(place, found + value.size()))
        text.replace(found, place.size(), value);
    }
    return text;
  }
  void start_broker() {
    const auto text = shipped("broker/mosquitto.conf",
                              {{"@PORT@", std::to_string(mqtt_port_)},
                               {"@ADDRESS@", "127.0.0.1"},
                               {"@CA@", ca_.ca()},
                               {"@CERTIFICATE@", ca_.certificate("broker")},
                               {"@KEY@", ca_.key("broker")},
                               {"@DIRECTORY@", at("mosquitto").string()},
                               {"connection_messages false", "connection_messages true"}});
    REQUIRE(write_atomic(at("mosquitto.conf"), text + "user root\n", 0644));
    broker_ = std::make_unique<Process>(
        std::vector<std::string>{"/usr/sbin/mosquitto", "-c", at("mosquitto.conf").string()},
        at("log"));
    wait_for(mqtt_port_, *broker_);
  }
  void wait_for(int port, Process& process) {
    const auto listens = [&] { return port_answers(port); };
    REQUIRE_MESSAGE(until([&] { return !process.running() || listens(); }), log());
    REQUIRE_MESSAGE(process.running(), log());
  }

  TempDirectory directory_;
  TestCa ca_;
  int enrol_port_ = free_port(), https_port_ = free_port(), mqtt_port_ = free_port();
  std::unique_ptr<Process> enrol_, nginx_, broker_;
};

// A link of a test's own and everything it was told.
struct Peer {
  std::unique_ptr<MqttTransport> link;
  std::vector<MqttMessage> messages;
  std::vector<std::string> losses, refused;
  int published = 0;

  explicit Peer(const MqttOptions& options, std::string filter = "")
      : link(make_mosquitto_transport(options)) {
    MqttTransport::Handlers handlers;
    handlers.connected = [this, filter] {
      if (!filter.empty()) CHECK(link->subscribe(filter));
    };
    handlers.disconnected = [this](const std::string& reason) { losses.push_back(reason); };
    handlers.message = [this](const MqttMessage& message) { messages.push_back(message); };
    handlers.published = [this](int) { ++published; };
    handlers.refused = [this](int, const std::string& reason) { refused.push_back(reason); };
    link->set_handlers(std::move(handlers));
  }
  bool wait(const std::function<bool()>& condition) {
    return until(condition, [this] { link->poll(20 * kMillisecond); });
  }
  bool connect() {
    return link->connect().ok() && wait([this] { return link->connected() || !losses.empty(); }) &&
           link->connected();
  }
};

}  // namespace vitrine::testing
