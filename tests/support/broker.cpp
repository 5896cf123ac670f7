#include "broker.hpp"

#include <arpa/inet.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <ctime>
#include <fstream>
#include <random>
#include <sstream>
#include <stdexcept>

#include "process.hpp"

namespace vitrine::testing {
namespace {

sockaddr_in loopback(int port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  address.sin_port = htons(static_cast<std::uint16_t>(port));
  return address;
}

std::string text_of(const std::filesystem::path& path) {
  std::ostringstream text;
  text << std::ifstream(path).rdbuf();
  return text.str();
}

void openssl(std::vector<std::string> words, const std::filesystem::path& log) {
  words.insert(words.begin(), "openssl");
  if (run(words, log) != 0)
    throw std::runtime_error("openssl " + words[1] + " failed: " + text_of(log));
}

}  // namespace

bool port_answers(int port) {
  const int socket = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  const sockaddr_in address = loopback(port);
  const bool there =
      ::connect(socket, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0;
  ::close(socket);
  return there;
}

int free_port() {
  std::random_device seed;
  for (;;) {
    const int port = 20000 + static_cast<int>(seed() % 12000);
    const int socket = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    const sockaddr_in address = loopback(port);
    const bool free =
        ::bind(socket, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0;
    ::close(socket);
    if (free) return port;
  }
}

TestCa::TestCa(std::filesystem::path directory) : directory_(std::move(directory)) {}

void TestCa::issue(const std::string& name) {
  const auto log = directory_ / "openssl.log";
  const auto new_key = [&](const std::string& path) {
    return std::vector<std::string>{
        "req",    "-x509", "-newkey", "ec",      "-pkeyopt", "ec_paramgen_curve:P-256",
        "-nodes", "-days", "2",       "-keyout", path};
  };
  const std::string ca_key = (directory_ / "ca.key").string();
  if (!std::filesystem::exists(ca())) {
    auto words = new_key(ca_key);
    words.insert(words.end(), {"-out", ca(), "-subj", "/CN=vitrine test ca"});
    openssl(words, log);
  }
  auto words = new_key(key(name));
  words.insert(words.end(), {"-out", certificate(name), "-subj", "/CN=" + name, "-CA", ca(),
                             "-CAkey", ca_key, "-addext", "basicConstraints=critical,CA:FALSE",
                             "-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1"});
  openssl(words, log);
  // mosquitto gives up root for its own user and could not read its key otherwise.
  std::filesystem::permissions(key(name), std::filesystem::perms(0644));
}

void TestCa::issue_later(const std::string& name, long from_now_s) {
  issue(name);  // makes the CA and the key
  const auto log = directory_ / "openssl.log";
  const auto at = [](std::time_t time) {
    char text[32];
    std::strftime(text, sizeof text, "%Y%m%d%H%M%SZ", std::gmtime(&time));
    return std::string(text);
  };
  // `openssl req` cannot choose the day a certificate begins, only `openssl ca` can.
  const auto place = [&](const char* file) { return (directory_ / (name + file)).string(); };
  std::ofstream(place(".cnf")) << "[ca]\ndefault_ca = one\n[one]\ndatabase = " << place(".index")
                               << "\nnew_certs_dir = " << directory_.string()
                               << "\nrand_serial = yes\ndefault_md = sha256\npolicy = any\n"
                                  "x509_extensions = leaf\n[any]\ncommonName = supplied\n[leaf]\n"
                                  "subjectAltName = DNS:localhost,IP:127.0.0.1\n";
  std::ofstream(place(".index")).flush();
  openssl({"req", "-new", "-key", key(name), "-subj", "/CN=" + name, "-out", place(".csr")}, log);
  const std::time_t begins = std::time(nullptr) + from_now_s;
  openssl({"ca", "-batch", "-notext", "-config", place(".cnf"), "-in", place(".csr"), "-out",
           certificate(name), "-cert", ca(), "-keyfile", (directory_ / "ca.key").string(),
           "-startdate", at(begins), "-enddate", at(begins + 86'400)},
          log);
}

Broker::Broker(Options options) : options_(std::move(options)), ca_(directory_.path()) {
  if (options_.port == 0) options_.port = free_port();
  std::filesystem::permissions(directory_.path(), std::filesystem::perms(0755));
  std::ofstream config(directory_ / "mosquitto.conf");
  config << "listener " << options_.port << " 127.0.0.1\n"
         << "user root\nlog_dest stderr\nmax_queued_messages 10000\nmessage_size_limit 262144\n";
  if (!options_.acl.empty()) {
    std::ofstream(directory_ / "acl") << options_.acl;
    config << "acl_file " << (directory_ / "acl").string() << "\n";
  }
  if (options_.persistence)
    config << "persistence true\npersistence_location " << directory_.path().string() << "/\n";
  if (options_.tls) {
    if (options_.certificate_from_now_s == 0) {
      ca_.issue("broker");
    } else {
      ca_.issue_later("broker", options_.certificate_from_now_s);
    }
    config << "allow_anonymous false\nrequire_certificate true\nuse_identity_as_username true\n"
           << "cafile " << ca_.ca() << "\ncertfile " << ca_.certificate("broker") << "\nkeyfile "
           << ca_.key("broker") << "\n";
  } else {
    config << "allow_anonymous true\n";
  }
}

Broker::~Broker() {
  kill();
}

void Broker::start() {
  const auto log_file = directory_ / "mosquitto.log";
  Process child({"/usr/sbin/mosquitto", "-c", (directory_ / "mosquitto.conf").string()}, log_file);
  if (!until([&] { return !child.running() || port_answers(options_.port); }) || !child.running()) {
    throw std::runtime_error("mosquitto does not start: " + log());
  }
  pid_ = child.release();
}

void Broker::kill() {
  if (pid_ <= 0) return;
  ::kill(pid_, SIGKILL);
  ::waitpid(pid_, nullptr, 0);
  pid_ = -1;
}

std::string Broker::log() const {
  return text_of(directory_ / "mosquitto.log");
}

}  // namespace vitrine::testing
