// A backend on disk for one test: keys, registry, trust and backend.toml in a temporary directory.
#pragma once

#include <doctest/doctest.h>

#include <string>

#include "platform/crypto.hpp"
#include "protocol/documents.hpp"
#include "protocol/envelope.hpp"
#include "sample_batches.hpp"
#include "temp_directory.hpp"

namespace vitrine::testing {

inline constexpr std::int64_t kNow =
    1'790'000'000;  // seconds, when the documents of the tests are pushed

class BackendKit {
 public:
  BackendKit() {
    TrustedKey ingest_entry{"ingest-1", ingest_key.public_key().raw, "ingest", {}, {"*"}, 1, 0, 0};
    TrustedKey operator_entry{"operator-1",
                              operator_key.public_key().raw,
                              "operator",
                              {DocumentKind::schedule, DocumentKind::settings},
                              {"group/demo", "screen/lobby-1"},
                              1,
                              0,
                              0};
    trust.keys = {ingest_entry, operator_entry};
    registry.screens.push_back(screen("lobby-1"));
    registry.screens.push_back(screen("lobby-2"));
    registry.screens.back().revoked = true;
    REQUIRE(write_registry_file());
    REQUIRE(write_public_key(root() / "root.pub", root_key.public_key()));
    REQUIRE(write_private_key(root() / "ingest.key", ingest_key));
    REQUIRE(write_atomic(root() / "trust.jws", signed_trust(1)));
  }

  const fs::path& root() const { return directory_.path(); }

  RegisteredScreen screen(const std::string& name) const {
    RegisteredScreen entry;
    entry.screen = name;
    entry.area = 7;
    entry.zone = "Europe/Berlin";
    entry.groups = {"demo"};
    entry.shard = shard_of(name);
    entry.proof_key = proof_key.public_key().raw;
    entry.valid_from = 1;
    return entry;
  }
  Status write_registry_file() const {
    return write_atomic(root() / "registry.json", write_registry(registry));
  }

  std::string signed_trust(std::uint64_t version) const {
    const DocumentHeader header{
        DocumentKind::trust, {Audience::Kind::group, "demo"}, "root", version, kNow, 0};
    return sign_document(header, write_trust(trust), root_key);
  }
  std::string settings(std::uint64_t version, std::uint32_t period = 20,
                       Audience audience = {Audience::Kind::group, "demo"}) const {
    Settings body;
    body.origins = {"https://127.0.0.1:8443"};
    body.batch_period_s = period;
    const DocumentHeader header{DocumentKind::settings, audience, "operator-1", version, kNow, 0};
    return sign_document(header, write_settings(body), operator_key);
  }

  // Plays first..first+count-1 of one ordinary log, as telemetry would freeze them.
  Batch plays(std::uint64_t first, std::uint64_t count, const ScreenId& screen = "lobby-1") const {
    std::vector<PlayRow> rows = ordinary_plays(first + count - 1);
    Batch batch;
    batch.key = {Stream::play, rows.front().log_id, first, first + count - 1};
    batch.fix = sample_fix();
    Hash256 chain = chain_start(screen, batch.key.log_id);
    for (std::size_t i = 0; i + 1 < first; ++i) chain = chain_next(chain, rows[i]);
    rows.erase(rows.begin(), rows.begin() + static_cast<std::ptrdiff_t>(first - 1));
    batch.chain_before = chain;
    for (const PlayRow& row : rows) chain = chain_next(chain, row);
    batch.signature = sign_chain(proof_key, screen, batch.key.log_id, batch.key.last, chain);
    batch.rows = std::move(rows);
    return batch;
  }

  PrivateKey root_key = PrivateKey::from_seed({1});
  PrivateKey operator_key = PrivateKey::from_seed({2});
  PrivateKey ingest_key = PrivateKey::from_seed({3});
  PrivateKey proof_key = PrivateKey::from_seed({4});
  Trust trust;
  Registry registry;

 private:
  TempDirectory directory_;
};

}  // namespace vitrine::testing
