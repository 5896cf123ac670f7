// What travels between telemetry and ingest (docs/contracts.md, "Wire"). The bytes are
// protocol/wire.proto; once a batch is frozen its bytes never change, so the same key with another
// hash is a conflict, never a duplicate.
#pragma once

#include <cstdint>
#include <string>
#include <variant>
#include <vector>

#include "base/bytes.hpp"
#include "base/ids.hpp"
#include "base/time.hpp"
#include "protocol/exposure.hpp"
#include "protocol/play.hpp"

namespace vitrine {

enum class Stream { play, exposure, flow, health, event };
inline constexpr std::size_t kStreams = 5;
std::string_view name_of(Stream stream);

enum class TimeSource { none, saved, rtc, ntp, beacon };

// utc = boottime + (utc_us - boottime_us), true to +-error_us, for every row of this boot.
struct TimeFix {
  BootId boot;
  std::int64_t boottime_us = 0;
  std::int64_t utc_us = 0;
  std::int64_t error_us = 0;
  TimeSource source = TimeSource::none;
};

// Rows of class `stream` that were thrown away for room, declared in the transaction that dropped
// them.
struct DropNotice {
  Stream stream = Stream::play;
  LogId log_id = 0;
  std::uint64_t first = 0;
  std::uint64_t last = 0;
  Hash256 chain_after{};  // h of the last dropped row; zero for streams without a chain
  std::string reason;
};

// A damaged log was set aside: nothing above last_seen will come.
struct LogEnd {
  Stream stream = Stream::play;
  LogId log_id = 0;
  std::uint64_t last_seen = 0;
};

// Something a person should hear of: a refused document, a rejected creative, a full disk.
struct Notice {
  BootId boot;
  std::int64_t at_us = 0;
  std::string code;  // short and stable, e.g. "schedule-refused"
  std::string text;  // the one clear line
};

struct EventRow {
  std::uint64_t seq = 0;
  std::variant<Notice, TimeFix, DropNotice, LogEnd> body;
};

struct HealthRow {
  std::uint64_t seq = 0;
  BootId boot;
  std::int64_t at_us = 0;
  std::vector<std::pair<std::string, std::int64_t>> figures;
};

struct BatchKey {
  Stream stream = Stream::play;
  LogId log_id = 0;
  std::uint64_t first = 0;
  std::uint64_t last = 0;  // inclusive
  auto operator<=>(const BatchKey&) const = default;
};

struct Batch {
  BatchKey key;
  TimeFix fix;  // the best one at freezing
  std::variant<std::vector<PlayRow>, std::vector<ExposureRow>, std::vector<FlowRow>,
               std::vector<HealthRow>, std::vector<EventRow>>
      rows;
  // play only: h(first-1), and the signature of the last row, so the batch verifies alone.
  Hash256 chain_before{};
  std::array<std::uint8_t, 64> signature{};
};

// `whole` is no receipt: the ingest lacks hashes that were left out and asks for the batch with
// them.
enum class AckStatus { stored, quarantined, whole };

struct BatchAck {
  BatchKey key;
  std::uint64_t hash_prefix =
      0;  // first 8 bytes of the SHA-256 of the batch's bytes, little-endian
  AckStatus status = AckStatus::stored;
};

// Signed by the ingest after its fsync; the only receipt that lets telemetry forget a batch.
struct Ack {
  std::vector<BatchAck> batches;
  std::uint32_t credit_bytes = 0;  // how much the ingest is ready to take beyond what is acked
};

// What the ingest's clock said when it read the birth with this nonce; signed, for that birth
// alone.
struct TimeBeacon {
  std::uint64_t link_nonce = 0;
  BootId boot;
  std::int64_t utc_us = 0;
};

}  // namespace vitrine
