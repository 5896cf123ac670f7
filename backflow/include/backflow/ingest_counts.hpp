// What an ingest has done since it started, for its metrics page.
#pragma once

#include <array>
#include <cstdint>
#include <string>

#include "protocol/batch.hpp"

namespace vitrine {

// Why a batch is in quarantine.
enum class Refusal { unreadable, forged, conflict, future };
inline constexpr std::size_t kRefusals = 4;
std::string_view name_of(Refusal refusal);

struct IngestCounts {
  std::array<std::uint64_t, kStreams> batches{};  // taken for the first time, by stream
  std::array<std::uint64_t, kStreams> rows{};
  std::uint64_t bytes = 0;                             // of these
  std::uint64_t again = 0;                             // known already, acknowledged again
  std::array<std::uint64_t, kRefusals> quarantined{};  // each once, by cause
  std::uint64_t asked_whole = 0;                       // hashes were left out that are not known
  std::uint64_t unknown_screen = 0;                    // not in the registry, or revoked
  std::uint64_t over_limit = 0;                        // above what one screen may send
  std::uint64_t no_room = 0;                           // could not be written: not acknowledged
  std::uint64_t pictures = 0;                          // screenshots put into the archive
  std::uint64_t pictures_refused = 0;                  // no picture, too many, or no room
};

struct IngestGauges {
  bool connected = false;  // to the broker
  std::uint64_t known_batches = 0;
  std::uint64_t spool_segment = 0;  // where the spool ends
  std::uint64_t spool_offset = 0;
  std::uint64_t free_bytes = 0;  // of the spool's disk
};

// Prometheus text format 0.0.4.
std::string metrics_page(const IngestCounts& counts, const IngestGauges& gauges);

}  // namespace vitrine
