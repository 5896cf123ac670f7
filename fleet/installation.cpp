#include "installation.hpp"

#include <spdlog/fmt/fmt.h>

#include "authority.hpp"
#include "platform/clock.hpp"
#include "protocol/documents.hpp"

namespace vitrine::fleet {
namespace {

PrivateKey derive(const Hash256& seed, const ScreenId& screen) {
  return PrivateKey::from_seed(hkdf(seed, as_bytes("proof " + screen)));
}

RegisteredScreen entry_of(const ScreenId& screen, std::string fingerprint, const PublicKey& proof) {
  RegisteredScreen entry;
  entry.screen = screen;
  entry.area = 1;
  entry.zone = "Europe/Berlin";
  entry.groups = {"fleet"};
  entry.shard = shard_of(screen);
  entry.certificate_sha256 = std::move(fingerprint);
  entry.proof_key = proof.raw;
  return entry;
}

}  // namespace

ScreenId screen_name(std::size_t number) {
  return fmt::format("fleet-{:05}", number + 1);
}

Status Installation::prepare(const fs::path& directory, std::size_t screens) {
  const fs::path tls = directory / "tls";
  if (auto made = make_directories(tls); !made) return made;
  auto authority = FleetAuthority::make(tls, SystemClock().realtime() / kSecond);
  if (!authority) return std::move(authority).error();
  if (auto issued = authority->issue("broker", FleetAuthority::Use::server); !issued)
    return std::move(issued).error();
  if (auto issued = authority->issue("ingest", FleetAuthority::Use::client); !issued)
    return std::move(issued).error();

  Hash256 seed;
  fill_random(seed);
  Registry registry;
  for (std::size_t i = 0; i < screens; ++i) {
    const ScreenId name = screen_name(i);
    auto fingerprint = authority->issue(name, FleetAuthority::Use::client);
    if (!fingerprint) return std::move(fingerprint).error();
    registry.screens.push_back(
        entry_of(name, *std::move(fingerprint), derive(seed, name).public_key()));
  }
  const auto ack_key = PrivateKey::generate();
  for (auto put : {write_private_key(directory / "ingest.key", ack_key),
                   write_public_key(directory / "ingest.pub", ack_key.public_key()),
                   write_atomic(directory / "seed", to_hex(seed) + "\n", 0600),
                   write_atomic(directory / "registry.json", write_registry(registry), 0644)}) {
    if (!put) return put;
  }
  return ok();
}

Result<Installation> Installation::open(const fs::path& directory) {
  Installation made;
  made.directory_ = directory;
  auto text = read_text(directory / "registry.json");
  if (!text) return std::move(text).error().context("run vitrine-fleet prepare first");
  auto registry = read_registry(*text);
  if (!registry) return std::move(registry).error().context("registry.json");
  made.screens_ = registry->screens.size();
  auto seed_text = read_text(directory / "seed", 128);
  if (!seed_text) return std::move(seed_text).error();
  const auto seed = hash_from_hex(seed_text->substr(0, 64));
  if (!seed) return fail(ErrorCode::invalid, (directory / "seed").string() + " is no seed");
  made.seed_ = *seed;
  auto ack_key = read_public_key(directory / "ingest.pub");
  if (!ack_key) return std::move(ack_key).error();
  made.trust_.keys.push_back({kAckKeyId, ack_key->raw, "ingest", {}, {"*"}, 0, 0, 0});
  return made;
}

PrivateKey Installation::proof_key(const ScreenId& screen) const {
  return derive(seed_, screen);
}

MqttOptions Installation::mqtt(const ScreenId& screen, const std::string& host, int port) const {
  const fs::path tls = directory_ / "tls";
  MqttOptions options;
  options.host = host;
  options.port = port;
  options.client_id = screen;
  options.ca_file = (tls / "ca.pem").string();
  options.certificate_file = (tls / (screen + ".pem")).string();
  options.key_file = (tls / (screen + ".key")).string();
  return options;
}

}  // namespace vitrine::fleet
