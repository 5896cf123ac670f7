#include "backflow/backend_config.hpp"

#include <algorithm>

#include "platform/crypto.hpp"
#include "protocol/documents.hpp"
#include "protocol/envelope.hpp"

namespace vitrine {
namespace {

// Takes required texts one after the other and keeps the first complaint.
class Required {
 public:
  explicit Required(const Config& config) : config_(config) {}
  std::string text(const std::string& key) {
    auto value = config_.text(key);
    if (!value && !problem_) problem_ = value.error();
    return value ? *value : std::string();
  }
  const std::optional<Error>& problem() const { return problem_; }

 private:
  const Config& config_;
  std::optional<Error> problem_;
};

Status read_ingest_bounds(const Config& file, BackendConfig::Ingest& ingest) {
  if (const auto shards = file.integers("ingest.shards")) {
    const bool good = shards->size() == 2 && (*shards)[0] >= 0 && (*shards)[0] <= (*shards)[1] &&
                      (*shards)[1] < static_cast<std::int64_t>(kShards);
    if (!good)
      return fail(ErrorCode::invalid,
                  "ingest.shards: it is [FIRST, LAST] within 0 and " + std::to_string(kShards - 1));
    ingest.first_shard = static_cast<std::uint32_t>((*shards)[0]);
    ingest.last_shard = static_cast<std::uint32_t>((*shards)[1]);
  }
  ingest.metrics = file.text_or("ingest.metrics", "");
  const auto bound = [&](const char* key, std::uint64_t otherwise) {
    return static_cast<std::uint64_t>(
        std::max<std::int64_t>(0, file.integer_or(key, static_cast<std::int64_t>(otherwise))));
  };
  ScreenLimits::Most& most = ingest.most_of_a_screen;
  most.batches = bound("ingest.most_batches_minute", most.batches);
  most.bytes = bound("ingest.most_bytes_minute", most.bytes);
  ingest.most_ahead_s = std::clamp<std::int64_t>(
      file.integer_or("ingest.most_ahead_s", ingest.most_ahead_s), 0, 366 * 86'400);
  return ok();
}

}  // namespace

Result<BackendConfig> read_backend_config(const fs::path& path, const std::string& program) {
  auto file = Config::read(path);
  if (!file) return std::move(file).error();
  Required required(*file);
  BackendConfig config;
  config.registry = required.text("registry");
  config.mqtt.host = file->text_or("mqtt.host", "127.0.0.1");
  config.mqtt.port = static_cast<int>(file->integer_or("mqtt.port", 8883));
  config.mqtt.client_id = program;
  // Thousands of screens on one link: the broker's default of 20 would have it wait for every
  // commit.
  config.mqtt.receive_maximum = 4000;
  config.mqtt.most_in_flight = 20'000;
  config.mqtt.ca_file = file->text_or("mqtt.ca", "");
  if (!config.mqtt.ca_file.empty()) {
    config.mqtt.certificate_file = required.text(program + ".certificate");
    config.mqtt.key_file = required.text(program + ".key");
  }
  if (program == "ingest") {
    config.ingest.sign_key = required.text("ingest.sign_key");
    config.ingest.key_id = required.text("ingest.key_id");
    config.ingest.spool = required.text("ingest.spool");
    config.ingest.store = required.text("ingest.store");
    if (auto read = read_ingest_bounds(*file, config.ingest); !read)
      return std::move(read).error().context(path.string());
    // Several ingests on one broker: another with the same client id would be put off the link.
    if (!config.ingest.owns_all())
      config.mqtt.client_id += "-" + std::to_string(config.ingest.first_shard) + "-" +
                               std::to_string(config.ingest.last_shard);
  } else {
    config.root_key = required.text("root_key");
    config.trust = required.text("trust");
    config.desired.archive = required.text("desired.archive");
    config.desired.origin = file->path_or("desired.origin", "");
    if (config.desired.origin.empty()) config.desired.origin = file->path_or("bill.origin", "");
    RolloutRules& rollout = config.desired.rollout;
    if (auto rings = file->integers("desired.rings")) {
      rollout.rings.clear();
      for (const std::int64_t percent : *rings)
        rollout.rings.push_back(
            static_cast<std::uint32_t>(std::clamp<std::int64_t>(percent, 0, 101)));
      if (auto checked = check_rings(rollout.rings); !checked)
        return std::move(checked).error().context(path.string() + ": desired.rings");
    }
    rollout.soak_s = std::max<std::int64_t>(0, file->integer_or("desired.soak_s", rollout.soak_s));
    rollout.most_rejects = static_cast<std::uint32_t>(
        std::clamp<std::int64_t>(file->integer_or("desired.most_rejects", 0), 0, 1'000'000));
  }
  if (required.problem()) return *required.problem();
  return config;
}

Result<VerifiedTrust> read_verified_trust(const fs::path& trust, const fs::path& root_key) {
  auto key = read_public_key(root_key);
  if (!key) return std::move(key).error();
  auto jws = read_text(trust, kMaxPacket);
  if (!jws) return std::move(jws).error();
  while (!jws->empty() && jws->back() == '\n') jws->pop_back();
  auto document = verify_with_key(*jws, DocumentKind::trust, *key);
  if (!document) return std::move(document).error().context(trust.string());
  auto read = read_trust(document->payload);
  if (!read) return std::move(read).error().context(trust.string());
  return VerifiedTrust{*std::move(read), document->header.version};
}

}  // namespace vitrine
