#include "fleet.hpp"

#include <doctest/doctest.h>
#include <unistd.h>

#include "backflow/spool.hpp"
#include "check.hpp"
#include "manual_clock.hpp"
#include "protocol/topics.hpp"
#include "protocol/wire.hpp"
#include "temp_directory.hpp"

namespace vitrine::fleet {
namespace {

using testing::ManualClock;
using testing::TempDirectory;

TEST_CASE("what a prepared log lets go is frozen into batches of twenty that the ingest verifies") {
  const ManualClock clock;
  const auto key = PrivateKey::from_seed({5});
  auto outbox = Outbox::open(fs::path(":memory:"));
  REQUIRE(outbox);
  auto log = std::make_unique<PreparedLog>(
      77, make_plays("fleet-00001", 77, key, 60, clock.boot_id(), clock.boottime()));
  PreparedLog& released = *log;
  std::vector<std::unique_ptr<LogSource>> sources;
  sources.push_back(std::move(log));
  Freezer freezer(*outbox, clock, "fleet-00001", std::move(sources));

  const auto frozen = [&] {
    freezer.tick(kDay);
    const auto batches = outbox->unacked(0, 100);
    REQUIRE(batches);
    return *batches;
  };
  CHECK(frozen().empty());
  released.release(39);
  CHECK(frozen().size() == 1);
  released.release(60);
  const auto batches = frozen();
  REQUIRE(batches.size() == 3);
  for (const FrozenBatch& each : batches) {
    const auto body = outbox->body(each.id);
    REQUIRE(body);
    auto batch = decode_batch(*body);
    REQUIRE(batch);
    CHECK(batch->key.last - batch->key.first == 19);
    CHECK(verify_batch(*batch, "fleet-00001", key.public_key()));
    CHECK_FALSE(verify_batch(*batch, "fleet-00002", key.public_key()));
  }
}

// A spool with the batches of one screen's log named by their rows.
struct SpoolOnPaper {
  TempDirectory directory;

  void put(const std::string& part,
           const std::vector<std::pair<std::uint64_t, std::uint64_t>>& ranges) {
    auto spool = Spool::open(directory / part);
    REQUIRE(spool);
    for (const auto& [first, last] : ranges) {
      Batch batch;
      batch.key = {Stream::play, 9, first, last};
      batch.rows = std::vector<PlayRow>(last - first + 1);
      REQUIRE(spool->append({1, "fleet-00001", DeviceTopics("fleet-00001").up(Stream::play), "",
                             encode_batch(batch)}));
    }
    REQUIRE(spool->sync());
  }
  SpoolCheck check() const {
    const auto found = check_spool(directory.path());
    REQUIRE(found);
    return *found;
  }
};

TEST_CASE("the check counts each play of a whole spool once, in whatever order its batches lie") {
  SpoolOnPaper spool;
  spool.put("all", {{21, 40}, {1, 20}, {41, 43}});
  const SpoolCheck found = spool.check();
  CHECK(found.logs == 1);
  CHECK(found.plays == 43);
  CHECK(found.twice == 0);
  CHECK(found.missing == 0);
  CHECK(found.quarantined == 0);
}

TEST_CASE("the check finds what is there twice, what is missing and what was set aside") {
  SpoolOnPaper spool;
  spool.put("all", {{1, 20}, {1, 20}, {31, 40}, {36, 45}, {37, 39}});
  spool.put("quarantine", {{50, 60}});
  const SpoolCheck found = spool.check();
  CHECK(found.plays == 35);
  CHECK(found.twice == 20 + 5 + 3);
  CHECK(found.missing == 10);
  CHECK(found.quarantined == 1);
}

TEST_CASE("a prepared installation names its screens with keys that verify what they sign") {
  const TempDirectory directory;
  REQUIRE(Installation::prepare(directory / "fleet", 3));
  const auto installation = Installation::open(directory / "fleet");
  REQUIRE(installation);
  CHECK(installation->screens() == 3);
  const auto text = read_text(directory / "fleet" / "registry.json");
  REQUIRE(text);
  for (std::size_t i = 0; i < 3; ++i) {
    const ScreenId name = screen_name(i);
    const auto expected = to_base64url(installation->proof_key(name).public_key().raw);
    const auto hex = to_hex(installation->proof_key(name).public_key().raw);
    CHECK((text->find(expected) != std::string::npos || text->find(hex) != std::string::npos));
    const MqttOptions options = installation->mqtt(name, "127.0.0.1", 1);
    CHECK(fs::exists(options.certificate_file));
    CHECK(fs::exists(options.key_file));
  }
  CHECK_FALSE(Installation::open(directory / "elsewhere"));
}

TEST_CASE("quantiles of what was measured") {
  std::vector<Micros> values;
  CHECK(quantile(values, 0.5) == 0);
  for (Micros i = 100; i >= 1; --i) values.push_back(i);
  CHECK(quantile(values, 0.5) == 51);
  CHECK(quantile(values, 0.95) == 96);
  CHECK(quantile(values, 1.0) == 100);
}

TEST_CASE("the cost of a process that runs is known, of one that does not nothing") {
  const auto own = process_cost(::getpid());
  REQUIRE(own);
  CHECK(own->rss_mib > 1);
  CHECK_FALSE(process_cost(-1));
  CHECK(thread_cpu_s(::getpid(), "no such thread") == 0);
}

}  // namespace
}  // namespace vitrine::fleet
