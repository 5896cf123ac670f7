#include "authority.hpp"

namespace vitrine::fleet {
namespace {

constexpr std::int64_t kLifeSeconds = 30 * 24 * 3600;

}  // namespace

Result<FleetAuthority> FleetAuthority::make(fs::path directory, std::int64_t now_s) {
  const std::int64_t from = now_s - 3600;
  FleetAuthority made(std::move(directory),
                      Authority::create("vitrine fleet authority", from, from + kLifeSeconds),
                      from);
  // Not durable: prepared anew after a power cut.
  if (auto put = replace_volatile(made.directory_ / "ca.pem", made.authority_.certificate().pem());
      !put) {
    return std::move(put).error();
  }
  return made;
}

Result<std::string> FleetAuthority::issue(const std::string& name, Use use) const {
  const TlsKey key = TlsKey::generate();
  const auto request = SigningRequest::from_pem(key.signing_request(name));
  if (!request) return std::move(request).error();
  const std::int64_t until = from_ + kLifeSeconds;
  const Certificate certificate =
      use == Use::server
          ? authority_.issue_server(*request, name, {"IP:127.0.0.1", "DNS:localhost"}, from_, until)
          : authority_.issue(*request, name, from_, until);
  if (auto put = replace_volatile(directory_ / (name + ".key"), key.pem()); !put)
    return std::move(put).error();
  if (auto put = replace_volatile(directory_ / (name + ".pem"), certificate.pem()); !put)
    return std::move(put).error();
  return certificate.fingerprint();
}

}  // namespace vitrine::fleet
