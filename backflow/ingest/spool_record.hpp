// The bytes of one spool record. Private to the spool.
#pragma once

#include <array>
#include <optional>

#include "backflow/spool.hpp"

namespace vitrine {

inline constexpr std::array<std::uint8_t, 4> kSpoolMagic = {'V', 'T', 'S', '1'};
inline constexpr std::size_t kSpoolHeader = 4 + 4 + 8;
inline constexpr std::size_t kMostSpoolBody = 1u << 20;  // a packet is at most 256 KiB

Bytes spool_record_bytes(const SpoolRecord& record);
std::optional<SpoolRecord> parse_spool_body(ByteView body);

// Body length when the header is one of ours.
std::optional<std::size_t> spool_body_size(ByteView header);
bool spool_body_matches(ByteView header, ByteView body);

}  // namespace vitrine
