#include "operator/keys.hpp"

#include <algorithm>

#include "platform/crypto.hpp"
#include "platform/time_zone.hpp"
#include "protocol/documents.hpp"
#include "protocol/envelope.hpp"
#include "state/paths.hpp"

namespace vitrine::op {
namespace {

struct Role {
  const char* name;
  std::vector<DocumentKind> kinds;
  const char* file;
  const char* key_id;
};

const std::vector<Role>& roles() {
  using enum DocumentKind;
  static const std::vector<Role> list = {
      {"operator", {schedule, settings, command}, "operator", "operator-1"},
      {"takeover", {takeover}, "takeover", "takeover-1"},
      // A takeover has two signatures; this key is another person's.
      {"takeover", {takeover}, "takeover-2", "takeover-2"},
      {"backend", {numbers, profile}, "backend", "backend-1"},
      {"ingest", {}, "ingest", "ingest-1"}};
  return list;
}

Status make_private_directory(const fs::path& path) {
  if (auto made = make_directories(path); !made) return made;
  std::error_code error;
  fs::permissions(path, fs::perms::owner_all, error);
  if (error)
    return fail(ErrorCode::denied, "cannot protect " + path.string() + ": " + error.message());
  return ok();
}

Result<PrivateKey> make_pair(const fs::path& directory, const std::string& name) {
  const auto key = PrivateKey::generate();
  if (auto put = write_private_key(directory / (name + ".key"), key); !put)
    return std::move(put).error();
  if (auto put = write_public_key(directory / (name + ".pub"), key.public_key()); !put)
    return std::move(put).error();
  return key;
}

// Root, the keys of the four roles, the tenant's secret, and the trust document that says who is
// who.
Status make_installation(const KeysOptions& options, const fs::path& keys, std::int64_t now_s) {
  if (auto made = make_private_directory(keys); !made) return made;
  Trust trust;
  for (const auto& role : roles()) {
    auto key = make_pair(keys, role.file);
    if (!key) return std::move(key).error();
    TrustedKey entry;
    entry.key_id = role.key_id;
    entry.public_key = key->public_key().raw;
    entry.role = role.name;
    entry.kinds = role.kinds;
    entry.audiences = {
        "*"};  // the ingest signs no documents, but its acks too are for named screens
    entry.valid_from = now_s;
    trust.keys.push_back(std::move(entry));
  }
  if (auto put = write_private_key(keys / "tenant.key", PrivateKey::generate()); !put) return put;
  // Root last: it is what says that the rest is whole.
  const auto root = PrivateKey::generate();
  const DocumentHeader header{
      DocumentKind::trust, {Audience::Kind::group, options.groups.front()}, "root", 1, now_s, 0};
  if (auto put = write_atomic(options.out / "trust.jws",
                              sign_document(header, write_trust(trust), root), 0644);
      !put) {
    return put;
  }
  if (auto put = write_atomic(options.out / "registry.json", write_registry({}), 0644); !put)
    return put;
  if (auto put = write_public_key(keys / "root.pub", root.public_key()); !put) return put;
  return write_private_key(keys / "root.key", root);
}

// What enrolment will put on a device; returns the key that verifies its play log.
Result<PublicKey> make_identity(const KeysOptions& options, const fs::path& keys,
                                const std::string& trust) {
  StatePaths paths;
  paths.root = options.out / "screens" / options.screen;
  for (const auto& directory : {paths.proof_key().parent_path(), paths.trust()}) {
    if (auto made = make_directories(directory); !made) return std::move(made).error();
  }
  DeviceIdentity identity;
  identity.screen = options.screen;
  identity.area = options.area;
  identity.zone = options.zone;
  identity.groups = options.groups;
  identity.mqtt_host = options.mqtt_host;
  identity.mqtt_port = options.mqtt_port;

  auto root = read_public_key(keys / "root.pub");
  if (!root) return std::move(root).error();
  auto tenant = read_private_key(keys / "tenant.key");
  if (!tenant) return std::move(tenant).error();
  const auto proof = PrivateKey::generate();
  const auto qr = PrivateKey::from_seed(hkdf(tenant->seed(), as_bytes(options.screen)));
  for (auto put :
       {write_atomic(paths.device_config(), write_device_identity(identity), 0644),
        write_public_key(paths.root_key(), *root), write_private_key(paths.proof_key(), proof),
        write_private_key(paths.qr_key(), qr), write_atomic(paths.trust() / "1", trust, 0640)}) {
    if (!put) return std::move(put).error();
  }
  return proof.public_key();
}

Status check(const KeysOptions& options, std::int64_t now_s) {
  if (!is_valid_name(options.screen)) {
    return fail(ErrorCode::invalid,
                "--screen '" + options.screen + "' is no name (1 to 64 of a-z, 0-9 and -)");
  }
  if (options.area == 0) return fail(ErrorCode::invalid, "--area must be 1 or more");
  if (options.groups.empty()) return fail(ErrorCode::invalid, "--group is missing");
  for (const auto& group : options.groups) {
    if (!is_valid_name(group)) {
      return fail(ErrorCode::invalid,
                  "--group '" + group + "' is no name (1 to 64 of a-z, 0-9 and -)");
    }
  }
  auto zone = load_zone(options.zone, now_s, now_s + 86400);
  if (!zone) return std::move(zone).error().context("--zone");
  return ok();
}

}  // namespace

Status make_keys(const KeysOptions& options, const Clock& clock) {
  const std::int64_t now_s = clock.realtime() / kSecond;
  if (auto fine = check(options, now_s); !fine) return fine;
  const auto keys = options.out / "keys";
  std::error_code error;
  if (!fs::exists(keys / "root.key", error)) {
    if (auto made = make_installation(options, keys, now_s); !made) return made;
  }
  auto text = read_text(options.out / "registry.json");
  if (!text) return std::move(text).error();
  auto registry = read_registry(*text);
  if (!registry)
    return std::move(registry).error().context((options.out / "registry.json").string());
  if (registry->find(options.screen)) {
    return fail(ErrorCode::conflict,
                "screen " + options.screen + " is registered already; its keys stay as they are");
  }
  auto trust = read_text(options.out / "trust.jws");
  if (!trust) return std::move(trust).error();
  auto proof = make_identity(options, keys, *trust);
  if (!proof) return std::move(proof).error();

  RegisteredScreen entry;
  entry.screen = options.screen;
  entry.area = options.area;
  entry.zone = options.zone;
  entry.groups = options.groups;
  entry.shard = shard_of(options.screen);
  entry.proof_key = proof->raw;
  entry.valid_from = now_s;
  registry->screens.push_back(std::move(entry));
  return write_atomic(options.out / "registry.json", write_registry(*registry), 0644);
}

}  // namespace vitrine::op
