// A play log, an outbox and what stands between them and the link, on paper.
#pragma once

#include <limits>

#include "freezer.hpp"
#include "kit.hpp"
#include "protocol/chain.hpp"
#include "state/exposure_log.hpp"

namespace vitrine::testing {

inline constexpr Micros kPeriod = 300 * kSecond;

struct Bench : Kit {
  explicit Bench(OutboxOptions options = {}) : outbox_options(options) {}
  OutboxOptions outbox_options;
  PlayLog log = open_log();
  Outbox outbox = open_outbox();
  Freezer freezer = open_freezer();
  FakeTransport transport;

  PlayLog open_log() {
    auto opened = PlayLog::open(paths.plays_log(), kScreen, proof);
    REQUIRE(opened.ok());
    return std::move(*opened);
  }
  Outbox open_outbox() {
    auto opened = Outbox::open(paths.outbox_log(), outbox_options);
    REQUIRE(opened.ok());
    return std::move(*opened);
  }
  Freezer open_freezer() {
    return Freezer(outbox, clock, kScreen, make_log_sources(paths, outbox));
  }
  Courier courier() {
    CourierOptions options;
    options.jitter = [](int attempt, Micros base, Micros cap) {
      return std::min(cap, base << attempt);
    };
    return Courier(outbox, transport, clock, kScreen, notices.sink(), options);
  }

  void play(int rows) {
    for (int i = 0; i < rows; ++i) {
      PlayRow row;
      row.boot = clock.boot_id();
      row.planned_start_us = clock.boottime();
      row.planned_length_us = 5 * kSecond;
      row.creative = 3;
      REQUIRE(log.append(row, 20'000).ok());
    }
  }
  std::vector<FrozenBatch> waiting() {
    auto batches = outbox.unacked(0, 1'000'000);
    REQUIRE(batches.ok());
    return std::move(*batches);
  }
  // As the player's own pruning does it.
  void prune(const std::string& where, const char* table = "play") {
    auto database = write_into(paths.plays_log());
    REQUIRE(database.ok());
    REQUIRE(database->execute(std::string("DELETE FROM ") + table + " WHERE " + where).ok());
  }
  // first..last of each unacked batch of a stream
  std::vector<std::pair<std::uint64_t, std::uint64_t>> ranges(Stream stream = Stream::play) {
    std::vector<std::pair<std::uint64_t, std::uint64_t>> out;
    for (const auto& batch : waiting()) {
      if (batch.key.stream == stream) out.emplace_back(batch.key.first, batch.key.last);
    }
    return out;
  }
  Bytes ack_for(ByteView batch_bytes, AckStatus status = AckStatus::stored) {
    auto batch = decode_batch(batch_bytes);
    REQUIRE(batch.ok());
    return encode_ack({{{batch->key, batch_hash_prefix(batch_bytes), status}}, 1u << 20}, kScreen,
                      "ingest-1", ingest);
  }
};

using Ranges = std::vector<std::pair<std::uint64_t, std::uint64_t>>;

// Every event there is, frozen or not.
inline std::vector<EventRow> events_in(Outbox& outbox) {
  std::vector<EventRow> rows;
  auto batches = outbox.unacked(0, 100'000);
  REQUIRE(batches.ok());
  for (const auto& frozen : *batches) {
    if (frozen.key.stream != Stream::event) continue;
    auto batch = decode_batch(*outbox.body(frozen.id));
    for (const auto& row : std::get<std::vector<EventRow>>(batch->rows)) rows.push_back(row);
  }
  auto waiting = outbox.events_after(0, 100'000);
  REQUIRE(waiting.ok());
  rows.insert(rows.end(), waiting->begin(), waiting->end());
  return rows;
}
inline std::vector<DropNotice> notices_in(Outbox& outbox) {
  std::vector<DropNotice> found;
  for (const auto& row : events_in(outbox)) {
    if (const auto* drop = std::get_if<DropNotice>(&row.body)) found.push_back(*drop);
  }
  return found;
}

// A health row of about `bytes`.
inline HealthRow health_row(std::size_t bytes) {
  HealthRow row{0, {}, 1, {}};
  for (std::size_t i = 0; i < bytes / 20 + 1; ++i) {
    row.figures.emplace_back("figure_" + std::to_string(i),
                             std::numeric_limits<std::int64_t>::max() - 2);
  }
  return row;
}

}  // namespace vitrine::testing
