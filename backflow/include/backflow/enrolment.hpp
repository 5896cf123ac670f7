// Who may be a screen: one-time tokens, certificates, their renewal and their revocation, without
// network and broker (docs/enrolment.md). Answers are decided here; enrol/main.cpp carries them.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "base/ids.hpp"
#include "platform/clock.hpp"
#include "platform/file.hpp"
#include "protocol/enrolment.hpp"

namespace vitrine {

// [enrol] of backend.toml, and what stands there for everybody.
struct EnrolConfig {
  std::string listen = "127.0.0.1:8090";  // or "unix:/path"; TLS is nginx's
  std::string url;                        // as screens reach it through nginx: https://host:port
  fs::path registry, root_key, trust;
  fs::path authority;               // PEM: whom screens trust
  fs::path ca_certificate, ca_key;  // who signs their certificates
  fs::path tenant_key;              // for the keys of QR codes; may be empty
  fs::path book;                    // enrol.db
  std::string mqtt_host;            // as screens reach it
  int mqtt_port = 8883;
  std::int64_t life_s = 90 * 86400;
  // How long after its end a certificate can still be renewed: a screen may lie in a store room
  // for a season, and its key is as good as before. Revocation ends this at once.
  std::int64_t grace_s = 90 * 86400;
  int requests_a_minute = 10;  // of one source
  // Written for the broker, each of them where it is named; `broker_pid` is the file mosquitto
  // writes its process id to.
  fs::path acl_base, acl, crl, broker_pid;
  std::vector<std::string> operators;
};
Result<EnrolConfig> read_enrol_config(const fs::path& path);

inline constexpr std::int64_t kTokenLifeS = 24 * 3600;

// `vitrine token`: what the technician types in at the screen. A screen that exists already gets a
// new identity with it, and its old certificate is revoked when the token is used.
struct TokenRequest {
  ScreenId screen;
  AreaId area = 0;
  std::string zone;
  std::vector<std::string> groups;
  std::int64_t life_s = kTokenLifeS;
};
Result<std::string> make_token(const EnrolConfig& config, const TokenRequest& request,
                               const Clock& clock);

// `vitrine token --bundle`: a token with all that a screen must know to spend it, signed by the
// issuing authority, as the text of protocol/bundle.hpp. For one board alone where `board` is
// named.
struct MadeBundle {
  std::string text;
  std::string code;  // what the technician types in; the same for all bundles of an installation
};
Result<MadeBundle> make_bundle(const EnrolConfig& config, const TokenRequest& request,
                               const std::string& board, const Clock& clock);

// `vitrine revoke`: marks the screen in the registry and makes its tokens worthless. Ingest and
// enrolment refuse it from now on; vitrine-enrol tells the broker within a second.
Status revoke_screen(const EnrolConfig& config, const ScreenId& screen);

// One thread at a time. Every refusal is an error whose message is fit for the one who asked.
class Enrolment {
 public:
  static Result<std::unique_ptr<Enrolment>> open(const EnrolConfig& config, const Clock& clock);
  ~Enrolment();
  Enrolment(const Enrolment&) = delete;
  Enrolment& operator=(const Enrolment&) = delete;

  // What is answered is durable before this returns. Asking again with the same keys is answered
  // again: an answer may be lost.
  Result<EnrolAnswer> enrol(const EnrolRequest& request);
  // By the certificate in use, run out or not, within the grace.
  Result<RenewAnswer> renew(const RenewRequest& request);
  Status seen(const SeenRequest& request);

  // Brings ACL and CRL up to date with registry and book, and tells the broker, when something
  // changed. Cheap when nothing did.
  Status refresh_broker();

 private:
  struct State;
  explicit Enrolment(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace vitrine
