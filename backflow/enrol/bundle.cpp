// `vitrine token --bundle`: what a stick carries to a site without a network.
#include "protocol/bundle.hpp"

#include "backflow/enrolment.hpp"
#include "platform/certificate.hpp"
#include "platform/crypto.hpp"

namespace vitrine {

Result<MadeBundle> make_bundle(const EnrolConfig& config, const TokenRequest& request,
                               const std::string& board, const Clock& clock) {
  // Everything that can fail comes before the token: it would end the older one of this screen.
  auto certificate = read_text(config.ca_certificate);
  if (!certificate) return std::move(certificate).error();
  auto key = read_text(config.ca_key);
  if (!key) return std::move(key).error();
  auto ca = Authority::from_pem(*certificate, *key);
  if (!ca) {
    return std::move(ca).error().context(config.ca_certificate.string() + " with " +
                                         config.ca_key.string());
  }
  auto signing = TlsKey::from_pem(*key);
  if (!signing) return std::move(signing).error().context(config.ca_key.string());
  auto authority = read_text(config.authority);
  if (!authority) return std::move(authority).error();
  auto root = read_public_key(config.root_key);
  if (!root) return std::move(root).error();
  const std::int64_t until = clock.realtime() / kSecond + request.life_s;
  auto token = make_token(config, request, clock);
  if (!token) return std::move(token).error();
  Bundle bundle;
  bundle.server = config.url;
  bundle.token = *std::move(token);
  bundle.authority = *std::move(authority);
  bundle.signer = ca->certificate().pem();
  bundle.root_key.assign(root->raw.begin(), root->raw.end());
  bundle.screen = request.screen;
  bundle.area = request.area;
  bundle.zone = request.zone;
  bundle.groups = request.groups;
  bundle.board = board;
  bundle.until = until;
  const std::string payload = bundle_payload(bundle);
  const Bytes signature = signing->sign(as_bytes(bundle_signed_text(payload)));
  return MadeBundle{write_bundle(payload, signature), spoken_code(ca->certificate().key_hash())};
}

}  // namespace vitrine
