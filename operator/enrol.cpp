#include "operator/enrol.hpp"

#include "platform/crypto.hpp"
#include "protocol/document.hpp"
#include "protocol/enrolment.hpp"
#include "protocol/envelope.hpp"
#include "state/generation.hpp"
#include "state/tls_identity.hpp"

namespace vitrine::op {
namespace {

Result<PrivateKey> proof_key(const StatePaths& paths) {
  auto there = read_private_key(paths.proof_key());
  if (there || there.error().code != ErrorCode::not_found) return there;
  const auto fresh = PrivateKey::generate();
  if (auto put = write_private_key(paths.proof_key(), fresh); !put) return std::move(put).error();
  return fresh;
}

// The trust document as the root key says it is; its version names its file.
Result<std::uint64_t> trust_version(const EnrolAnswer& answer, std::string& jws,
                                    const PublicKey& root) {
  jws = answer.trust;
  while (!jws.empty() && jws.back() == '\n') jws.pop_back();
  auto document = verify_with_key(jws, DocumentKind::trust, root);
  if (!document) return std::move(document).error().context("the trust document that came");
  return document->header.version;
}

Status write_identity(const StatePaths& paths, const EnrolAnswer& answer) {
  PublicKey root;
  std::copy_n(answer.root_key.begin(), root.raw.size(), root.raw.begin());
  std::string jws;
  auto version = trust_version(answer, jws, root);
  if (!version) return std::move(version).error();
  if (!answer.qr_key.empty()) {
    Hash256 seed;
    if (answer.qr_key.size() != seed.size())
      return fail(ErrorCode::invalid, "the QR key that came has not 32 bytes");
    std::copy_n(answer.qr_key.begin(), seed.size(), seed.begin());
    if (auto put = write_private_key(paths.qr_key(), PrivateKey::from_seed(seed)); !put) return put;
  }
  DeviceIdentity identity;
  identity.screen = answer.screen;
  identity.area = static_cast<AreaId>(answer.area);
  identity.zone = answer.zone;
  identity.groups = answer.groups;
  identity.mqtt_host = answer.mqtt_host;
  identity.mqtt_port = static_cast<int>(answer.mqtt_port);
  identity.enrol_url = answer.enrol_url;
  for (auto put :
       {write_public_key(paths.root_key(), root), GenerationStore(paths).put_trust(*version, jws),
        TlsIdentity(paths).install(answer.certificate, answer.authority, false)}) {
    if (!put) return put;
  }
  // Root enrols, and player and telemetry must be able to read what is theirs.
  for (const fs::path& theirs :
       {paths.proof_key(), paths.qr_key(), paths.tls_key().parent_path(), paths.trust()}) {
    std::error_code error;
    if (!fs::exists(theirs, error)) continue;
    if (auto given = give_to_owner_of_directory(theirs); !given) return given;
  }
  // device.toml last: it is what says that the rest is whole.
  return write_atomic(paths.device_config(), write_device_identity(identity), 0644);
}

// Said before anything is written. What is not expected is not asked about.
Status is_expected(const EnrolAnswer& answer, const ExpectedScreen& expected) {
  const auto other = [](const std::string& what, const std::string& is, const std::string& not_) {
    return fail(ErrorCode::denied, "the token is for " + what + " " + is + ", not " + not_ +
                                       "; nothing was changed on this screen");
  };
  if (!expected.screen.empty() && answer.screen != expected.screen)
    return other("screen", answer.screen, expected.screen);
  if (expected.area != 0 && answer.area != expected.area)
    return other("area", std::to_string(answer.area), std::to_string(expected.area));
  if (!expected.zone.empty() && answer.zone != expected.zone)
    return other("zone", answer.zone, expected.zone);
  if (!expected.root_key.empty() && answer.root_key != expected.root_key) {
    return fail(ErrorCode::denied,
                "the server names another root key than the stick does: one of the two is not of "
                "this installation; nothing was changed on this screen");
  }
  return ok();
}

}  // namespace

Result<std::string> enrol(const EnrolOptions& options, const HttpsPoster& post) {
  StatePaths paths;
  paths.root = options.state;
  for (const fs::path& directory : {paths.proof_key().parent_path(), paths.trust()}) {
    if (auto made = make_directories(directory); !made) return std::move(made).error();
  }
  auto proof = proof_key(paths);
  if (!proof) return std::move(proof).error();
  auto key = TlsIdentity(paths).next_key();
  if (!key) return std::move(key).error();

  EnrolRequest request;
  request.token = options.token;
  // The name is the token's to say; the authority puts it in.
  request.csr = key->signing_request("screen");
  const auto proof_public = proof->public_key();
  request.proof_key.assign(proof_public.raw.begin(), proof_public.raw.end());
  HttpsPost question;
  question.url = options.server;
  while (question.url.ends_with('/')) question.url.pop_back();
  question.url += kEnrolPath;
  question.body = write_enrol_request(request);
  question.authority = options.ca_file;
  auto answer = post(question);
  if (!answer) return std::move(answer).error();
  if (answer->status != 200) {
    // 429 and 503: not now. The rest is a no.
    const bool later = answer->status == 429 || answer->status >= 500;
    return fail(later ? ErrorCode::unavailable : ErrorCode::denied,
                question.url + " answers " + std::to_string(answer->status) + ", " +
                    read_refusal(answer->body));
  }
  auto read = read_enrol_answer(answer->body);
  if (!read) return std::move(read).error();
  if (!is_valid_name(read->screen))
    return fail(ErrorCode::invalid, "the name that came is no name (1 to 64 of a-z, 0-9 and -)");
  if (auto is = is_expected(*read, options.expected); !is) return std::move(is).error();
  if (auto put = write_identity(paths, *read); !put) return std::move(put).error();
  return read->screen;
}

}  // namespace vitrine::op
