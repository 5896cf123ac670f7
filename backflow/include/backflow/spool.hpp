// The spool: every batch the ingest has taken, in the order of arrival, fsynced before it is acked.
// It is archive, evidence and the only source of the store. One directory of
// segments 1.spool, 2.spool, ... ; only the last is written.
//
// A record is
//     "VTS1" | u32 length of the body | first 8 bytes of SHA-256(body) | body
//     body = i64 received_at_us | device | topic | reason | payload     (texts: u16 length, bytes;
//     all little-endian)
// A power cut can leave a torn record at the end of the last segment. It was never acked: open()
// cuts it off and keeps the bytes beside it as N.torn.
//
// Threads: one writer; readers may run beside it.
#pragma once

#include <compare>
#include <cstdint>
#include <optional>
#include <string>

#include "base/bytes.hpp"
#include "base/ids.hpp"
#include "base/result.hpp"
#include "platform/file.hpp"

namespace vitrine {

struct SpoolRecord {
  std::int64_t received_at_us = 0;  // UTC of the server
  ScreenId device;
  std::string topic;
  std::string reason;  // why it was quarantined; empty in the main spool
  Bytes payload;
};

struct SpoolPosition {
  std::uint64_t segment = 1;
  std::uint64_t offset = 0;
  auto operator<=>(const SpoolPosition&) const = default;
};

inline constexpr SpoolPosition kSpoolEnd{~std::uint64_t{0}, ~std::uint64_t{0}};

class Spool {
 public:
  static constexpr std::uint64_t kSegmentBytes = 16u << 20;

  // Creates the directory. Cuts a torn tail off the last segment, durably.
  static Result<Spool> open(const fs::path& directory, std::uint64_t segment_bytes = kSegmentBytes);

  // Where the record lies. It is durable only after sync(). After an error nothing of it is left in
  // the file.
  Result<SpoolPosition> append(const SpoolRecord& record);
  // After an error nobody knows what the disk holds: the process must end and start again from what
  // is there.
  Status sync();
  // Behind the last record.
  SpoolPosition end() const { return {segment_, size_}; }

 private:
  Status start_segment(std::uint64_t number);

  fs::path directory_;
  std::uint64_t segment_bytes_ = kSegmentBytes;
  std::uint64_t segment_ = 0;
  std::uint64_t size_ = 0;
  FileDescriptor file_;
  bool dirty_ = false;
};

struct SpoolEntry {
  SpoolPosition at;
  SpoolPosition next;  // where to go on
  SpoolRecord record;
};

class SpoolReader {
 public:
  SpoolReader(fs::path directory, SpoolPosition from)
      : directory_(std::move(directory)), at_(from) {}

  // nullopt at the end, an unfinished last record included; ask again later. `corrupt` when a
  // record in the middle does not match its own hash.
  Result<std::optional<SpoolEntry>> next();
  SpoolPosition position() const { return at_; }

 private:
  fs::path directory_;
  SpoolPosition at_;
  FileDescriptor file_;
  std::uint64_t open_segment_ = 0;
};

// Segment numbers present, ascending.
std::vector<std::uint64_t> spool_segments(const fs::path& directory);
fs::path spool_segment_path(const fs::path& directory, std::uint64_t segment);

}  // namespace vitrine
