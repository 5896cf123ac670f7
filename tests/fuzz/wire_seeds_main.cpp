// Writes the seeds of fuzz_wire anew, when the wire's form has changed: one small batch of each
// stream, one with its hashes left out, an ack and a row of the outbox.
//
//     fuzz_wire_seeds tests/fuzz/seeds/wire
#include <cstdio>

#include "platform/file.hpp"
#include "protocol/wire.hpp"
#include "sample_batches.hpp"

using namespace vitrine;
using namespace vitrine::testing;

namespace {

// Rows as a quiet screen has them; the fuzzer bends them from there.
std::vector<ExposureRow> exposures() {
  std::vector<ExposureRow> rows(20);
  for (std::size_t i = 0; i < rows.size(); ++i) {
    rows[i].log_id = 5;
    rows[i].seq = rows[i].play_seq = i + 1;
    rows[i].play_log_id = 0x0123456789abcdef;
    rows[i].person_ms = static_cast<std::int64_t>(i * 700);
    rows[i].crossings = static_cast<std::int64_t>(i % 3);
    rows[i].coverage_permille = 1000;
    rows[i].quality = Quality::flow;
  }
  return rows;
}

Batch batch_of(Stream stream, decltype(Batch::rows) rows, std::uint64_t last) {
  Batch batch;
  batch.key = {stream, 5, 1, last};
  batch.fix = sample_fix();
  batch.rows = std::move(rows);
  return batch;
}

std::vector<EventRow> events() {
  return {{1, Notice{{11, 22}, 1'000'000, "schedule-refused", "cannot apply schedule 7"}},
          {2, sample_fix()},
          {3, DropNotice{Stream::play, 7, 1, 20, Hash256{9}, "no room"}},
          {4, LogEnd{Stream::exposure, 8, 41}}};
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 2) return 2;
  const fs::path folder = argv[1];
  const auto key = PrivateKey::from_seed({7});
  const Bytes play = encode_batch(signed_batch(ordinary_plays(20), "lobby-1", key));
  ContentOf known;
  for (const PlayRow& row : ordinary_plays(6)) known[row.creative] = row.content;
  const HealthRow health{1, {11, 22}, 1'000'000, {{"temperature_mc", 51'000}, {"rss_bytes", 9}}};
  std::vector<FlowRow> flows(3);
  for (std::size_t i = 0; i < flows.size(); ++i) {
    flows[i].log_id = 5;
    flows[i].seq = i + 1;
  }
  Batch wide = random_batch<ExposureRow>(Stream::exposure, 3);
  const std::pair<const char*, Bytes> seeds[] = {
      {"play", play},
      {"play_left_out", leave_out_hashes(play, known)},
      {"play_wide", encode_batch(random_batch<PlayRow>(Stream::play, 3))},
      {"exposure", encode_batch(batch_of(Stream::exposure, exposures(), 20))},
      {"exposure_wide", encode_batch(wide)},
      {"flow", encode_batch(batch_of(Stream::flow, flows, 3))},
      {"flow_wide", encode_batch(random_batch<FlowRow>(Stream::flow, 3))},
      {"health", encode_batch(batch_of(Stream::health, std::vector<HealthRow>{health}, 1))},
      {"health_row", encode_health(health)},
      {"event", encode_batch(batch_of(Stream::event, events(), 4))},
      {"event_row", encode_event(events()[0])},
      {"ack", encode_ack({{{{Stream::play, 7, 1, 20}, 42, AckStatus::stored}}, 1 << 20}, "lobby-1",
                         "ingest-1", key)}};
  for (const auto& [name, bytes] : seeds) {
    if (auto put = write_atomic(folder / name, bytes, 0644); !put) {
      std::fprintf(stderr, "%s\n", put.error().message.c_str());
      return 1;
    }
    std::printf("%s: %zu bytes\n", name, bytes.size());
  }
  return 0;
}
