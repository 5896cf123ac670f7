// The device's certificate, renewed at two thirds of its life: a new key made here, a request
// signed with the key in use, the answer put in place by one swap (state/tls_identity.hpp). The
// server is trusted by telemetry/tls/ca.pem and nothing else. What blocks runs beside the loop;
// everything here is the loop's thread.
#pragma once

#include <atomic>
#include <functional>
#include <future>
#include <optional>
#include <string>

#include "https_post.hpp"
#include "mqtt/transport.hpp"
#include "platform/clock.hpp"
#include "state/tls_identity.hpp"

namespace vitrine {

class Renewal {
 public:
  using Post = std::function<Result<HttpsAnswer>(const HttpsPost&)>;
  using Notify = std::function<void(const std::string& code, const std::string& text)>;
  // `url` is vitrine-enrol's address without a path; empty: nothing is ever renewed. `post` and
  // `jitter` are the real ones but for tests.
  Renewal(const StatePaths& paths, const Clock& clock, std::string url, Notify notify,
          Post post = https_post,
          std::function<Micros(int, Micros, Micros)> jitter = backoff_with_jitter);
  ~Renewal();  // ends a request that runs
  Renewal(const Renewal&) = delete;
  Renewal& operator=(const Renewal&) = delete;

  // True once after a new pair has been put in place: the link has to begin anew. `utc_s` is
  // kNoClock where nobody knows the time: then nothing is due. `at`: how the server's certificate
  // is checked.
  bool tick(std::int64_t utc_s, CertificateTime at = {});
  // The broker has taken the certificate in use, which the server should know.
  void link_up() { link_is_up_ = true; }

 private:
  struct Life {
    std::int64_t from = 0, until = 0;
  };
  void read_life();
  void begin_renewal();
  void begin_seen();
  bool finish();
  void failed(const std::string& why, const Life& life);
  void start(std::string path, std::string body);

  StatePaths paths_;
  TlsIdentity identity_;
  const Clock& clock_;
  std::string url_;
  Notify notify_;
  Post post_;
  std::function<Micros(int, Micros, Micros)> jitter_;
  std::optional<Life> life_;
  std::atomic<bool> stop_ = false;
  std::future<Result<HttpsAnswer>> running_;
  CertificateTime certificate_time_;  // as told last
  bool renewing_ = false;             // else `running_` is a notice
  bool link_is_up_ = false;
  int failures_ = 0;
  Micros next_try_ = 0;
  std::string told_;  // the last failure said, so that each is said once
};

}  // namespace vitrine
