// A real mosquitto on a free loopback port, with a configuration of its own in a temporary
// directory; and the certificates that go with it. Needs /usr/sbin/mosquitto and the openssl
// command; start() says what is missing.
#pragma once

#include <sys/types.h>

#include <filesystem>
#include <string>

#include "temp_directory.hpp"

namespace vitrine::testing {

// Below 32768, where the kernel does not hand out ports by itself, so nobody else's client sits on
// it.
int free_port();
bool port_answers(int port);  // somebody on loopback takes a connection

// A private CA with P-256 keys: ca.pem, and NAME.pem + NAME.key for each name issued (CN = NAME).
class TestCa {
 public:
  explicit TestCa(std::filesystem::path directory);
  void issue(const std::string& name);
  // Valid for a day that begins `from_now_s` seconds from now: before it, the certificate is not
  // yet valid.
  void issue_later(const std::string& name, long from_now_s);
  std::string ca() const { return (directory_ / "ca.pem").string(); }
  std::string certificate(const std::string& name) const {
    return (directory_ / (name + ".pem")).string();
  }
  std::string key(const std::string& name) const { return (directory_ / (name + ".key")).string(); }

 private:
  std::filesystem::path directory_;
};

class Broker {
 public:
  struct Options {
    int port = 0;                     // 0: a free one
    std::string acl;                  // the text of an ACL file; empty = everything is allowed
    bool tls = false;                 // mTLS with ca(), identity as user name
    long certificate_from_now_s = 0;  // when the broker's own certificate begins to be valid
    bool persistence = false;
  };
  Broker() : Broker(Options{}) {}
  explicit Broker(Options options);
  ~Broker();
  Broker(const Broker&) = delete;
  Broker& operator=(const Broker&) = delete;

  void start();  // returns when the port answers; throws std::runtime_error with the broker's log
                 // otherwise
  void kill();   // SIGKILL: retained messages are forgotten
  int port() const { return options_.port; }
  TestCa& ca() { return ca_; }
  std::string log() const;

 private:
  TempDirectory directory_;
  Options options_;
  TestCa ca_;
  pid_t pid_ = -1;
};

}  // namespace vitrine::testing
